r"""A formula in LaTeX -> MathML that is safe to put into a page.

latex2mathml makes the elements. They are written here and not by it, because it leaves text as it stands (`\text{<b>}`
would become an element of the page) and lets a formula set any attribute; only what `_ATTRIBUTES` lists is kept.
"""

from __future__ import annotations

import html
from functools import lru_cache
from typing import Final
from xml.etree.ElementTree import Element, tostring

from grader.markup.formula_text import formula_text
from grader.markup.latex import LatexError

_ATTRIBUTES: Final = frozenset(
    "accent accentunder columnalign columnlines columnspacing display displaystyle fence form largeop linethickness "
    "lspace mathvariant maxsize minsize movablelimits notation rowlines rowspacing rspace scriptlevel separator "
    "stretchy symmetric width xmlns".split()
)


@lru_cache(maxsize=4096)
def formula_mathml(source: str, *, display: bool = False) -> str:
    """A `<math>` element. Raises LatexError for what `formula_text` refuses and for what has no form in MathML."""
    from latex2mathml.converter import convert_to_element

    if not formula_text(source):
        raise LatexError("it is empty")
    try:
        element = convert_to_element(source, display="block" if display else "inline")
    except Exception as error:
        raise LatexError(f"it has no form in MathML ({type(error).__name__})") from error
    _make_safe(element)
    return tostring(element, encoding="unicode")


def _make_safe(element: Element) -> None:
    for part in element.iter():
        part.text = html.unescape(part.text) if part.text else part.text
        part.tail = html.unescape(part.tail) if part.tail else part.tail
        for name in [name for name in part.attrib if name not in _ATTRIBUTES]:
            del part.attrib[name]
