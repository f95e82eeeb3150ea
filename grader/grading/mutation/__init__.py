"""Automatic mutants of a module: the small mistakes in numeric Python that a suite should notice.

`mutations(source)` gives them all, always in the same order. Nothing is run here: what a mutant is worth is found out
by the suite that runs against it.

How it works. `places` walks the module and passes by what nothing is promised about. Every node it stops at is shown to
every operator. An operator of expressions answers with syntax trees that reuse parts of the old one, and `rendering`
finds the shortest text that means such a tree where the old one stood; reused parts stay as they were written. An
operator of statements answers with text at once. `mutate` keeps what parses and is new.
"""

from grader.grading.mutation.mutant import Edit, Mutation
from grader.grading.mutation.mutate import OPERATORS, mutations

__all__ = ["OPERATORS", "Edit", "Mutation", "mutations"]
