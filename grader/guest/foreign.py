"""ctypes, taken out of service in a guest before candidate code runs.

It cannot be taken away: torch and numpy have imported it, so its classes are found through any of them, through
`object.__subclasses__()` and through the collector, and our own code needs it until the box is closed. So what makes it
dangerous goes instead: the pointers in the interpreter's own tables that lead from an object to the code that calls a
foreign function, opens a library or looks at an address. They are made to lead to a function that raises TypeError.
What is left of ctypes are its plain types, whose sizes libraries ask for.

This holds against all that goes through Python's objects. It does not against a write to memory at an address, which
numpy can do; see the security model for what follows.
"""

from __future__ import annotations

import _ctypes
import contextlib
import ctypes
import sys
from types import FunctionType, ModuleType
from typing import Any

_WORD = ctypes.sizeof(ctypes.c_void_p)
# Functions of the module, and methods that every type of it has.
_FUNCTIONS = (
    *("call_function", "call_cdeclfunction", "dlopen", "dlsym", "dlclose", "PyObj_FromPtr", "Py_INCREF", "Py_DECREF"),
    *("LoadLibrary", "FreeLibrary"),
)
_METHODS = ("from_address", "in_dll")
_DEFINITION_OF_FUNCTION, _DEFINITION_OF_METHOD = 2, 5  # words into such an object: a pointer to its PyMethodDef
_NAME, _CODE = 0, 1  # words of a PyMethodDef
_MODULE_NAME, _MODULE_METHODS, _MODULE_SLOTS = 5, 8, 9  # words of a PyModuleDef

Change = tuple[Any, int]  # a word of memory, and what it shall be


def plan(*, strict: bool) -> list[Change]:
    """What is to be changed, found out ahead because it takes longer than to do it.

    Raises OSError where this interpreter's tables are not as we know them, unless not `strict`.
    """
    try:
        refuse = _address_of("PyObject_GetItem")  # nothing of ctypes has items to get by a tuple of arguments
        changes = [*_calls(refuse), *_functions(refuse), *_initialisation()]
        if not changes:
            raise LookupError("nothing")
    except (LookupError, AttributeError, ValueError) as error:
        if not strict:
            return []
        version = sys.version.split()[0]
        raise OSError(0, f"ctypes of Python {version} cannot be taken out of service: {error}") from error
    return changes


def carry_out(changes: list[Change]) -> None:
    """Do what was planned; from then on ctypes calls nothing."""
    if changes:
        for word, value in changes:
            word.value = value
        changes.clear()
        # Not by a look through all modules: whoever touches one that torch brought copies the page that it is on.
        for module in list(vars(sys.modules[__package__]).values()):
            if type(module) is ModuleType:
                vars(module).pop("ctypes", None)


def _calls(refuse: int) -> list[Change]:
    """Every place that leads to the code which calls a foreign function: of its type, those below it, their method."""
    offset = _word_of(FunctionType, _address_of("PyVectorcall_Call"))
    kind = _ctypes.CFuncPtr
    code = _word(id(kind), offset).value
    kinds = [kind, *_descendants(kind)]
    method = vars(kind)["__call__"]
    found = [(_word(id(kind), offset), refuse) for kind in kinds if _word(id(kind), offset).value == code]
    if code is None or len(found) != len(kinds):
        raise LookupError("the types of functions differ")
    return [*found, (_word(id(method), _word_of(method, code)), refuse)]


def _functions(refuse: int) -> list[Change]:
    """The functions and methods that make code or memory of an address or a name."""
    places = [
        (vars(owner)[name], definition, name)
        for owner, names, definition in (
            (_ctypes, _FUNCTIONS, _DEFINITION_OF_FUNCTION),
            *((kind, _METHODS, _DEFINITION_OF_METHOD) for kind in _kinds_of_types()),
        )
        for name in names
        if name in vars(owner)
    ]
    return [(_code_of(*place), refuse) for place in places]


def _kinds_of_types() -> set[type]:
    """The types of ctypes' types, and those above them."""
    plain = (ctypes.c_int, ctypes.Structure, ctypes.Union, ctypes.Array, _ctypes._Pointer, _ctypes.CFuncPtr)
    return {kind for one in plain for kind in type.mro(type(one)) if kind not in (type, object)}


def _initialisation() -> list[Change]:
    """What would make the module afresh, with types of its own, for a second import or another interpreter."""
    get = ctypes.pythonapi.PyModule_GetDef
    get.restype, get.argtypes = ctypes.c_void_p, [ctypes.py_object]
    definition = get(_ctypes)
    if not definition or _text(_word(definition, _MODULE_NAME).value) != "_ctypes":
        raise LookupError("its definition")
    places = [_word(definition, place) for place in (_MODULE_METHODS, _MODULE_SLOTS)]
    return [(place, 0) for place in places if place.value and isinstance(_ctypes, ModuleType)]


def _code_of(function: Any, definition: int, name: str) -> Any:
    """The word that leads from a built-in function's definition to its code."""
    address = _word(id(function), definition).value
    if not address or _text(_word(address, _NAME).value) != name:
        raise LookupError(f"the definition of {name}")
    return _word(address, _CODE)


def _word_of(thing: Any, value: int) -> int:
    """Which word of an object has a value; raises LookupError when none has."""
    count = type(thing).__basicsize__ // _WORD
    found = [place for place in range(count) if _word(id(thing), place).value == value]
    if not found:
        raise LookupError("a table of the interpreter")
    return found[0]


def _word(address: int, place: int) -> Any:
    return ctypes.c_void_p.from_address(address + place * _WORD)


def _text(address: int | None) -> str:
    with contextlib.suppress(UnicodeDecodeError):
        return ctypes.string_at(address or 0, 64).partition(b"\0")[0].decode("ascii") if address else ""
    return ""


def _address_of(name: str) -> int:
    return ctypes.cast(getattr(ctypes.pythonapi, name), ctypes.c_void_p).value or 0


def _descendants(kind: type) -> list[type]:
    below: list[type] = type.__subclasses__(kind)
    return below + [further for child in below for further in _descendants(child)]
