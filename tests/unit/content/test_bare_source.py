"""Source without the words that explain it."""

from __future__ import annotations

import ast

import pytest

from grader.content.bare_source import bare

CONTRACT = '''"""Doubling."""


class Box:
    """A box."""

    def twice(self):
        """Twice what is in it.

        Raises nothing.
        """
        raise NotImplementedError


def double(x):
    """Twice x."""
    raise NotImplementedError
'''


@pytest.mark.parametrize(
    ("source", "left"),
    [
        ("x = 1  # one\n", "x = 1\n"),
        ("# above\nx = 1\n", "x = 1\n"),
        ("x = '# no comment'  # one\n", "x = '# no comment'\n"),
        ("x = [\n    1,  # one\n    # two\n    2,\n]\n", "x = [\n    1,\n    2,\n]\n"),
        ("x = '中文'  # 中文\n", "x = '中文'\n"),
        ("def f():\n    # why\n    return 1\n", "def f():\n    return 1\n"),
        ("x = 1  # no newline", "x = 1"),
    ],
)
def test_comments_go(source: str, left: str) -> None:
    """A comment goes, with its line where nothing else is on it; what only looks like one stays."""
    assert bare(source, "") == left


@pytest.mark.parametrize(
    ("source", "left"),
    [
        ('"""Module."""\n\nx = 1\n', "x = 1\n"),
        ('def f():\n    """Says why."""\n    return 1\n', "def f():\n    return 1\n"),
        ('def f():\n    """Alone."""\n', "def f():\n    pass\n"),
        ('def f(): "one line"\n', "def f(): pass\n"),
        ('def f():\n    """One."""\n    """Two."""\n', "def f():\n    pass\n    pass\n"),
        ('def f():\n    """Says why."""  # noqa\n    return 1\n', "def f():\n    return 1\n"),
        ('def f():\n    x = 1\n    "about x"\n    return x\n', "def f():\n    x = 1\n    return x\n"),
        (
            'def f():\n    try:\n        "try"\n    except E:\n        g()\n',
            "def f():\n    try:\n        pass\n    except E:\n        g()\n",
        ),
        ('def f():\n    """中文 # 中文"""; return 1\n', "def f():\n    pass; return 1\n"),
    ],
)
def test_bare_strings_go(source: str, left: str) -> None:
    """A docstring, and any other statement that is only a string, goes; a body that it leaves empty passes."""
    assert bare(source, "") == left


def test_the_contract_stays() -> None:
    """What the contract documents has the contract's words, also where the source says nothing or other things."""
    source = (
        '"""Betrays."""\n\n\nclass Box:\n    def twice(self):\n        return self.x * 2\n\n\n'
        'def double(x):\n    """Betrays."""\n    return _sum(x, x)\n\n\n'
        'def _sum(x, y):\n    """Betrays."""\n    return x + y\n'
    )
    tree = ast.parse(bare(source, CONTRACT))
    box, double, inner = tree.body[1:]
    assert (ast.get_docstring(tree), ast.get_docstring(box), ast.get_docstring(double)) == (
        "Doubling.",
        "A box.",
        "Twice x.",
    )
    assert ast.get_docstring(box.body[1]) == "Twice what is in it.\n\nRaises nothing."
    assert ast.get_docstring(inner) is None
    assert "Betrays" not in bare(source, CONTRACT)


def test_a_docstring_moves_with_its_function() -> None:
    """Where the source is indented more, the contract's lines are too."""
    source = "if True:\n    def double(x):\n        return x\n"
    contract = 'def double(x):\n    """One.\n\n    Two.\n    """\n'
    assert bare(source, contract) == (
        'if True:\n    def double(x):\n        """One.\n\n        Two.\n        """\n        return x\n'
    )


def test_a_decorated_first_statement_keeps_its_decorator() -> None:
    """A docstring that is added stands before the decorators of what comes first."""
    source = "class Box:\n    @staticmethod\n    def make():\n        return 1\n"
    assert bare(source, 'class Box:\n    """A box."""\n') == (
        'class Box:\n    """A box."""\n    @staticmethod\n    def make():\n        return 1\n'
    )
