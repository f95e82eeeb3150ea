"""What every document about a session shares: its sentences, its templates and its style."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from grader.model.text import Lang, Text
from grader.report.strings.session_pages import PAGES

if TYPE_CHECKING:
    from jinja2 import Environment


@cache
def phrases(lang: Lang) -> Mapping[str, str]:
    """Every sentence of documents in one language, by name."""
    return {name: text.get(lang) for name, text in PAGES.items()}


def phrase(name: str, lang: Lang) -> str:
    """One sentence of documents."""
    return phrases(lang)[name]


@cache
def templates() -> Environment:
    """The templates of the package; what they insert is escaped, and a name that is missing is an error."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("grader.report", "templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def render(template: str, lang: Lang, **values: Any) -> str:
    """A page: the template's sentences as `t.name`, and `values` under their names."""
    return templates().get_template(template).render(t=phrases(lang), lang=lang, **values)


def block(text: Text, lang: Lang) -> Any:
    """A text of the bank's as safe HTML."""
    from markupsafe import Markup

    from grader.report.markdown_html import to_html

    return Markup(to_html(text.get(lang)))  # noqa: S704 - `to_html` makes safe fragments


def inline(text: Text, lang: Lang) -> Any:
    """A text of the bank's as safe HTML, without the paragraph around it where it is one paragraph."""
    html = block(text, lang).strip()
    single = html.startswith("<p>") and html.endswith("</p>") and html.count("<p>") == 1
    return html[3:-4] if single else html


@cache
def style_sheet() -> Any:
    """The CSS of every page."""
    from importlib.resources import files

    from markupsafe import Markup

    return Markup((files("grader.report") / "templates" / "session_style.css").read_text(encoding="utf-8"))  # noqa: S704
