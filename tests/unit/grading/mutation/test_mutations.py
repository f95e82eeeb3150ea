"""Mutations of whole modules: all valid, all different, in order, and none where nothing is promised."""

from __future__ import annotations

import ast
import io
import tokenize
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.grading.mutation import Edit, Mutation, mutations

ROOT = Path(__file__).parents[4]
REFERENCES = sorted(ROOT.glob("reference/*/solution.py"))
_NAMES = st.sampled_from(["a", "b", "x", "np", "self"])


def _combined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Larger expressions of smaller ones; without parentheses where the smaller one needs none."""
    part = inner | inner.map("({})".format)
    signs = st.sampled_from("+ - * / // % ** @ < <= == and or in is & |".split())
    return st.one_of(
        st.builds("{} {} {}".format, part, signs, part),
        st.builds("{}{}".format, st.sampled_from(["-", "~", "not "]), part),
        st.builds("f({}, {}, axis={})".format, part, part, part),
        st.builds("{}.sum({}).clone()".format, _NAMES, part),
        st.builds("{}[{}, {}:]".format, _NAMES, part, part),
        st.builds("{} if {} else {}".format, part, part, part),
        st.builds("[{} for i in range({}) if {}]".format, part, part, part),
        st.builds("max({}, {}) - len('äö€'[:{}])".format, part, part, part),
    )


_EXPRESSIONS = st.recursive(
    _NAMES | st.sampled_from(["0", "1", "-1", "2.5", "1e-8", "True", "'ä'"]), _combined, max_leaves=6
)


def _parses(source: str) -> bool:
    try:
        ast.parse(source)
    except SyntaxError:
        return False
    return True


def _sources() -> st.SearchStrategy[str]:
    """Functions with a text before the code of the line, so that columns in bytes and in characters differ."""
    body = st.builds("    'ä€'; y = {}\n    if {}: x += {}\n".format, _EXPRESSIONS, _EXPRESSIONS, _EXPRESSIONS)
    return body.map("def f(self, a, b, x):\n{}    return y\n".format).filter(_parses)


def _assert_sound(source: str, found: list[Mutation]) -> None:
    trees = [ast.dump(ast.parse(source)), *(ast.dump(ast.parse(one.source)) for one in found)]
    assert len(set(trees)) == len(trees)
    assert all(one.edit.applied_to(source) == one.source and one.original == source for one in found)
    assert [one.line for one in found] == [source.count("\n", 0, one.edit.start) + 1 for one in found]


@given(_sources())
def test_mutants_of_any_function_parse_and_differ_from_it_and_each_other(source: str) -> None:
    """Grouping is kept: a mutant that could not be written is none, and no text means what was not intended."""
    _assert_sound(source, mutations(source))


@lru_cache(maxsize=1)  # the tests of one reference follow each other
def _mutations_of(path: Path) -> tuple[str, list[Mutation]]:
    source = path.read_text(encoding="utf-8")
    return source, mutations(source)


@pytest.mark.parametrize("path", REFERENCES, ids=lambda path: path.parent.name, scope="class")
class TestReferences:
    """What the operators give for the solutions that they are made for."""

    def test_mutants_parse_differ_and_follow_from_their_edits(self, path: Path) -> None:
        """One edit says all that a mutant is."""
        _assert_sound(*_mutations_of(path))

    def test_the_number_of_mutants_is_one_that_a_check_can_afford(self, path: Path) -> None:
        """Each costs a run of the suite up to the first case that fails."""
        assert 30 <= len(_mutations_of(path)[1]) <= 400

    def test_docstrings_comments_and_imports_stay_as_they_are(self, path: Path) -> None:
        """Taken from the tokens, which do not know what the operators know."""
        source, found = _mutations_of(path)
        docstrings = [node.body[0] for node in ast.walk(ast.parse(source)) if ast.get_docstring(_documented(node))]
        imports = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Import | ast.ImportFrom)]
        closed = {line for node in [*docstrings, *imports] for line in range(node.lineno, node.end_lineno + 1)}
        comments = _comments(source)
        for one in found:
            assert one.line not in closed
            assert _comments(one.source) == comments


def _documented(node: ast.AST) -> ast.AST:
    return node if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) else ast.Module([], [])


def _comments(source: str) -> list[str]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return [token.string for token in tokens if token.type == tokenize.COMMENT]


def test_mutations_are_ordered_by_line_and_the_same_each_time() -> None:
    """So that two runs can be compared, and a mutant named by its number."""
    source = REFERENCES[0].read_text(encoding="utf-8")
    found = mutations(source)
    assert found == mutations(source)
    starts = [(one.line, one.edit.start) for one in found if one.operator == "integer_changed"]
    assert all(before <= after for before, after in pairwise(starts))


def test_a_place_with_several_operators_lists_them_by_name() -> None:
    """Line and column come first."""
    found = mutations("y = a - b\nz = -c\n")
    assert [one.operator for one in found] == [
        "arithmetic_swapped",
        "operands_exchanged",
        "term_dropped",
        "sign_dropped",
    ]


@pytest.mark.parametrize(
    "source",
    [
        '"""Module: 1 + 1."""',
        "def f():\n    '''a < 1'''",
        "def f(a: Literal[1], b: int | None) -> tuple[int, 2]: ...",
        "x: Annotated[int, 1 < 2]",
        "__all__ = ['f', *more]",
        "__version__ = 1 + 1",
        "from a import b",
        "raise ValueError('at least', 1 + 1)",
        "assert a > 1",
        "if __name__ == '__main__':\n    main(1)",
        "if TYPE_CHECKING:\n    n = 1",
        "y = f'{1 + 1}'",
        "@dataclass(frozen=True)\nclass A(B[1]): ...",
    ],
)
def test_what_is_not_promised_is_left_alone(source: str) -> None:
    """See `places`."""
    assert mutations(source) == []


def test_a_function_in_a_class_in_a_condition_is_reached() -> None:
    """The walk passes by closed places and not by what stands beside them."""
    method = "        def f(self, n: int = 3) -> int:\n            '''2.'''\n            return n\n"
    source = "if True:\n    class A:\n        '''1.'''\n" + method
    assert {one.edit.new for one in mutations(source) if one.line == 4} == {"4", "2", "0", "1", "6"}


def test_a_diff_shows_the_line_and_one_around_it() -> None:
    """No names of files: a survivor is printed below its exercise."""
    found = next(
        one for one in mutations("a = 1\nb = 2\nc = x < y\nd = 3\ne = 4\n") if one.operator == "boundary_moved"
    )
    assert found.diff() == "@@ -2,3 +2,3 @@\n b = 2\n-c = x < y\n+c = x <= y\n d = 3"


def test_a_source_that_is_no_python_is_refused() -> None:
    """It is the author's to mend."""
    with pytest.raises(SyntaxError):
        mutations("def f(:")


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_the_ends_of_lines_are_kept(newline: str) -> None:
    """Positions count characters of the text as it is."""
    source = newline.join(["s = 'ä'", "y = (a", "     + b)", ""])
    sources = [one.source for one in mutations(source)]
    assert newline.join(["s = 'ä'", "y = (a - b)", ""]) in sources


class TestEdit:
    """A change of a text at a place, or of a text that stands there once."""

    def test_an_edit_of_another_text_is_refused(self) -> None:
        """A source that has changed since has no such place."""
        with pytest.raises(ValueError, match="does not read"):
            Edit(start=0, end=1, old="a", new="b").applied_to("cab")

    def test_a_text_that_stands_once_stays_as_it_is(self) -> None:
        """Short edits say more."""
        edit = Edit(start=4, end=9, old="a < b", new="a <= b")
        assert edit.standing_once("y = a < b\n") == edit

    def test_a_text_that_stands_twice_is_taken_wider(self) -> None:
        """By its line, then by the lines above."""
        source = "p = 1\ny = 1\nq = 2\ny = 1\n"
        wider = Edit(start=10, end=11, old="1", new="2").standing_once(source)
        assert source.count(wider.old) == 1
        assert (wider.old, wider.new) == ("p = 1\ny = 1", "p = 1\ny = 2")

    def test_where_nothing_is_above_lines_below_are_taken_in(self) -> None:
        """The first of two equal lines differs from the second by what follows."""
        wider = Edit(start=4, end=5, old="1", new="2").standing_once("y = 1\ny = 1\nz = 1")
        assert (wider.old, wider.new) == ("y = 1\ny = 1", "y = 2\ny = 1")

    @given(_sources())
    def test_the_wider_edit_makes_the_same_module(self, source: str) -> None:
        """Whatever has to be taken in."""
        for one in mutations(source):
            wider = one.edit.standing_once(source)
            assert source.count(wider.old) == 1
            assert source.replace(wider.old, wider.new) == one.source
