"""The language that the bank's texts are written in, Markdown with formulas: reading it, and rendering its formulas.

dialect       Markdown -> tokens, with `$…$` and `$$…$$` as tokens of their own
latex         the commands and symbols of formulas
formula_text  a formula -> one line of Unicode; it refuses what it does not know
formula_mathml  a formula -> MathML
"""
