"""What pydantic found wrong -> one clear sentence with the file, the line, the field and the fix."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from grader.content.fields import PATTERN_FIXES, field_names
from grader.content.suggestion import nearest
from grader.content.yaml_source import Document, Loc, shown
from grader.errors import ContentError

M = TypeVar("M", bound=BaseModel)


def validate(document: Document, model: type[M]) -> M:
    """The document as a `model`; raises the ContentError of the topmost mistake, with the others in its notes.

    Missing fields come after the rest: where a name is misspelt, both are found, and the spelling is the cause.
    """
    try:
        return model.model_validate(document.value)
    except ValidationError as error:
        found = error.errors(include_url=False)
    found.sort(key=lambda details: (details["type"] == "missing", document.line(details["loc"])))
    first, *others = (complaint(document, model, details) for details in found)
    for other in others:
        first.add_note(str(other))
    raise first


def complaint(document: Document, model: type[BaseModel], details: ErrorDetails) -> ContentError:
    """One of pydantic's errors as a ContentError."""
    loc: Loc = details["loc"]
    if details["type"] == "viva":
        context = details["ctx"]
        loc = (*loc, *context["at"])
        problem, fix = context["problem"], context["fix"]
    else:
        problem, fix = _sentence(model, details)
        loc = loc[:-1] if loc[-1:] == ("[key]",) else loc  # pydantic's mark for a mapping's key
    return document.error(loc, problem, fix)


def _sentence(model: type[BaseModel], details: ErrorDetails) -> tuple[str, str]:
    """(problem, fix) of an error of pydantic's own."""
    kind, loc = details["type"], details["loc"]
    if kind == "missing":
        return "the field is missing", f"write `{loc[-1]}: …`"
    if kind == "extra_forbidden":
        return _unknown_field(str(loc[-1]), details["input"], fields_at(model, loc[:-1]))
    if kind in {"model_type", "dict_type"}:
        names = ", ".join(f"`{name}`" for name in fields_at(model, loc))
        return f"found {shown(details['input'])}", f"write a mapping with {names or 'fields'}"
    advise = _FIXES.get(kind)
    fix = advise(details.get("ctx", {}), details["input"]) if advise else f"mend it ({details['msg']})"
    return f"found {shown(details['input'])}", fix


def _unknown_field(name: str, value: object, known: list[str]) -> tuple[str, str]:
    meant = nearest(name, known)
    if meant:
        return "there is no such field", f"did you mean `{meant}`?"
    if value is None and "en" in known:  # {en: a, b, zh: c} makes a field of b
        return "there is no such field", "put text that contains a comma in quotes"
    return "there is no such field", f"remove it; the fields here are {', '.join(known)}"


def fields_at(model: type[BaseModel], loc: Loc) -> list[str]:
    """Names of the fields that the mapping at `loc` may have; none where it may have any."""
    here: Any = model
    for part in loc:
        inner = _model_in(here)
        here = field_names(inner).get(str(part)) if inner and isinstance(part, str) else here
    inner = _model_in(here)
    return list(field_names(inner)) if inner else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model in `X`, `list[X]`, `dict[str, X]`, `X | None` or `Annotated[X, …]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_model_in(argument) for argument in get_args(annotation))
    return next((model for model in found if model), None)


def _text_fix(_: Mapping[str, Any], value: object) -> str:
    return "write it in quotes, so that it is text" if isinstance(value, (bool, int, float)) else "write text"


def _literal_fix(context: Mapping[str, Any], value: object) -> str:
    return f"write {str(context['expected']).replace(chr(39), '`')}"


_Advice = Callable[[Mapping[str, Any], object], str]
_FIXES: Mapping[str, _Advice] = {
    "string_type": _text_fix,
    "string_pattern_mismatch": lambda ctx, _: PATTERN_FIXES.get(ctx["pattern"], f"match {ctx['pattern']}"),
    "string_too_long": lambda ctx, _: f"write {ctx['max_length']} characters at most",
    "int_type": lambda *_: "write a whole number",
    "int_from_float": lambda *_: "write a whole number",
    "float_type": lambda *_: "write a number",
    "finite_number": lambda *_: "write a finite number",
    "bool_type": lambda *_: "write true or false",
    "list_type": lambda *_: "write a list, such as [a, b]",
    "literal_error": _literal_fix,
    "greater_than": lambda ctx, _: f"write a number above {ctx['gt']:g}",
    "greater_than_equal": lambda ctx, _: f"write a number that is at least {ctx['ge']:g}",
    "less_than_equal": lambda ctx, _: f"write a number that is at most {ctx['le']:g}",
    "too_short": lambda ctx, _: f"write at least {ctx['min_length']} of them",
    "too_long": lambda ctx, _: f"write at most {ctx['max_length']} of them",
}
