"""Whatever is handed in becomes a submission, or a rejection that says in both languages what to do."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.grading import notebook
from grader.grading.examination import MAX_DEPTH
from grader.grading.intake import Found, Rejection, admit, find_submissions, read_submission, source_of
from grader.model.exercise import Exercise, Limits
from grader.model.submission import Submission
from grader.model.text import Text

MODULES = ("deep", "maths", "shapes")
GOOD = "def solve(x):\n    return x\n"


def _exercise(*, entry_points: tuple[str, ...] = ("solve",), forbid: tuple[str, ...] = ("sklearn",)) -> Exercise:
    nowhere = Path("nowhere")
    return Exercise(
        id="demo",
        version=1,
        status="active",
        title=Text(en="Demo", zh="示例"),
        topics=(),
        level="mid",
        difficulty=1,
        minutes=1,
        entry_points=entry_points,
        environment="numpy",
        allow_packages=("numpy",),
        forbid=forbid,
        devices=("cpu",),
        limits=Limits(source_kb=1),
        tolerance={},
        tasks=(),
        hints=(),
        sources=(),
        mutants=(),
        public_dir=nowhere,
        private_dir=nowhere,
    )


def _admit(source: str | bytes, exercise: Exercise | None = None) -> Submission | Rejection:
    data = source.encode() if isinstance(source, str) else source
    return admit("a.py", data, exercise or _exercise())


def _file(folder: Path, name: str, source: str = GOOD) -> Path:
    path = folder / name
    path.write_text(source, encoding="utf-8")
    return path


class TestFindSubmissions:
    """Paths from the command line become one path per submission."""

    def test_a_file_stands_for_itself(self, tmp_path: Path) -> None:
        """A file is one submission, whatever its suffix."""
        path = _file(tmp_path, "answer.txt")
        assert find_submissions([path]).submissions == (path,)

    def test_a_folder_stands_for_its_python_files(self, tmp_path: Path) -> None:
        """Only the top level counts; hidden entries, caches and other files are skipped; the order is by name."""
        (tmp_path / "__pycache__").mkdir()
        (tmp_path / "deeper").mkdir()
        for name in ("b.py", "a.py", ".hidden.py", "notes.md", "__pycache__/a.py", "deeper/c.py"):
            _file(tmp_path, name)
        assert find_submissions([tmp_path]).submissions == (tmp_path / "a.py", tmp_path / "b.py")

    def test_a_path_given_twice_is_one_submission(self, tmp_path: Path) -> None:
        """A file and the folder that holds it do not grade it twice."""
        path = _file(tmp_path, "a.py")
        assert find_submissions([path, tmp_path]).submissions == (path,)

    def test_a_link_given_by_the_user_is_resolved(self, tmp_path: Path) -> None:
        """The person at the terminal may name a link; it is read."""
        link = tmp_path / "link.py"
        link.symlink_to(_file(tmp_path, "real.py"))
        [found] = find_submissions([link]).submissions
        assert isinstance(read_submission(found, _exercise()), Submission)

    def test_a_link_in_a_folder_is_listed_and_refused(self, tmp_path: Path) -> None:
        """A returned folder may not lead to somebody else's file, and the entry is not lost silently."""
        returned = tmp_path / "returned"
        returned.mkdir()
        (returned / "a.py").symlink_to(_file(tmp_path, "real.py"))
        [found] = find_submissions([returned]).submissions
        assert _reason(read_submission(found, _exercise())) == "symlink"

    def test_a_missing_path_is_a_usage_error(self, tmp_path: Path) -> None:
        """The sentence names the path and says what to give."""
        with pytest.raises(UsageError, match=r"gone\.py does not exist; give a Python file"):
            find_submissions([tmp_path / "gone.py"])

    def test_a_path_below_a_file_is_a_usage_error(self, tmp_path: Path) -> None:
        """`a.py/b` is as missing as any other."""
        with pytest.raises(UsageError, match="does not exist"):
            find_submissions([_file(tmp_path, "a.py") / "b"])

    def test_a_dangling_link_is_a_usage_error(self, tmp_path: Path) -> None:
        """A link to nothing is missing."""
        (tmp_path / "a.py").symlink_to(tmp_path / "gone.py")
        with pytest.raises(UsageError, match="does not exist"):
            find_submissions([tmp_path / "a.py"])

    @pytest.mark.parametrize("name", ["x" * 5000, "a\0b"], ids=["too long", "null byte"])
    def test_an_impossible_path_is_a_usage_error(self, name: str) -> None:
        """No path, however odd, ends in a traceback."""
        with pytest.raises(UsageError, match="cannot be read"):
            find_submissions([Path(name)])

    def test_a_folder_without_python_is_a_usage_error(self, tmp_path: Path) -> None:
        """The sentence names the folder and says what belongs there."""
        with pytest.raises(
            UsageError,
            match="holds no Python files and no notebooks; give a folder",
        ):
            find_submissions([tmp_path])

    def test_a_folder_for_each_person(self, tmp_path: Path) -> None:
        """`solution.py` or the only file of code in each; what is neither is named and not lost."""
        for name in (
            "ann/solution.py",
            "ann/helper.py",
            "bob/task.ipynb",
            "cy/one.py",
            "cy/two.py",
            "dee/notes.md",
            "ann/data.csv",
        ):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            _file(tmp_path, name)
        _file(tmp_path, "all.zip")
        found = find_submissions([tmp_path])
        assert found.submissions == (tmp_path / "ann/solution.py", tmp_path / "bob/task.ipynb")
        assert {str(left.path.relative_to(tmp_path)): left.why for left in found.others} == {
            "all.zip": "no_code",
            "ann/helper.py": "helper",
            "ann/data.csv": "no_code",
            "cy": "several",
            "dee": "folder",
        }

    def test_what_lies_beside_code_is_named(self, tmp_path: Path) -> None:
        """A `.py.txt` that a mail program made is no submission, and somebody should know."""
        (tmp_path / "deeper").mkdir()
        for name in ("a.py", "b.py.txt", ".hidden", "deeper/c.py"):
            _file(tmp_path, name)
        others = {left.path.name: left.why for left in find_submissions([tmp_path]).others}
        assert others == {"b.py.txt": "no_code", "deeper": "folder"}

    def test_a_solution_with_its_modules_is_one_submission(self, tmp_path: Path) -> None:
        """Where `solution.py` imports all other code of its folder, directly or not, all of it was handed in."""
        _file(tmp_path, "solution.py", "from shapes import area\nimport numpy as np, maths as m\n")
        _file(tmp_path, "shapes.py", "    from .deep.er import x\n")
        for name in ("maths.py", "deep.py"):
            _file(tmp_path, name)
        found = find_submissions([tmp_path])
        assert found.submissions == (tmp_path / "solution.py",)
        assert found.modules == {tmp_path / "solution.py": tuple(tmp_path / f"{one}.py" for one in MODULES)}
        assert found.others == ()

    @pytest.mark.parametrize("beside", ["test_public.py", "conftest.py", "driver.py", "solution.1.py"])
    def test_what_is_put_beside_a_solution_is_not_graded(self, tmp_path: Path, beside: str) -> None:
        """Public cases, what belongs to pytest, a driver, and what `viva reset` kept."""
        _file(tmp_path, "solution.py")
        _file(tmp_path, beside)
        assert find_submissions([tmp_path], _exercise()) == Found((tmp_path / "solution.py",), (), {})

    def test_a_workspace_is_its_solution(self, tmp_path: Path) -> None:
        """Whatever else is kept there, which is named; and a folder that only says so takes nobody's code with it."""
        _file(tmp_path, "solution.py", "import bob\n" + GOOD)
        for name in ("bob.py", "old.py"):
            _file(tmp_path, name)
        found = find_submissions([tmp_path], _exercise(), lambda folder: folder == tmp_path)
        assert (found.submissions, found.modules) == ((tmp_path / "solution.py",), {})
        assert {left.path.name for left in found.others} == {"bob.py", "old.py"}

    @pytest.mark.parametrize("source", ["import bob", "x = 1", "# import bob, cy", "import bob; import cy"])
    def test_nobody_makes_a_helper_of_another_submission(self, tmp_path: Path, source: str) -> None:
        """Where code is left that `solution.py` does not import, every file is graded for itself."""
        _file(tmp_path, "solution.py", source)
        for name in ("bob.py", "cy.py"):
            _file(tmp_path, name)
        assert len(find_submissions([tmp_path]).submissions) == 3

    @pytest.mark.parametrize(
        "other", ["def solve(x): ...", "class  solve: ...", "solve = 3", "if 1:\n  def solve(): ..."]
    )
    def test_an_import_does_not_swallow_what_defines_an_entry_point(self, tmp_path: Path, other: str) -> None:
        """Who imports all the others' files by name takes nobody's submission away."""
        _file(tmp_path, "solution.py", "import bob, cy")
        _file(tmp_path, "bob.py", other)
        _file(tmp_path, "cy.py", "x = 1")
        assert len(find_submissions([tmp_path], _exercise()).submissions) == 3
        assert len(find_submissions([tmp_path], _exercise(entry_points=("other",))).submissions) == 1


def _notebook(path: Path, *cells: object) -> Path:
    path.write_text(json.dumps({"cells": list(cells), "nbformat": 4}), encoding="utf-8")
    return path


class TestNotebooks:
    """A notebook is its code cells."""

    def test_code_cells_are_the_source(self, tmp_path: Path) -> None:
        """In their order, without prose and what is for Jupyter; lines keep their places in a cell."""
        path = _notebook(
            tmp_path / "a.ipynb",
            {"cell_type": "markdown", "source": "def f(): wrong"},
            {"cell_type": "code", "source": ["%matplotlib inline\n", "import numpy as np\n", "!pip list"]},
            {"cell_type": "code", "source": "%%bash\nrm -rf /"},
            {"cell_type": "code", "source": "%%time\ndef f1_score(*a): ...\ndef roc_auc(*a): ...", "outputs": [{}]},
        )
        read = read_submission(path, _exercise(entry_points=("f1_score", "roc_auc")))
        assert isinstance(read, Submission)
        lines = read.source.splitlines()
        assert lines[:4] == ["# cell 2", "# %matplotlib inline", "import numpy as np", "# !pip list"]
        assert "# rm -rf /" in lines
        assert lines[-2:] == ["def f1_score(*a): ...", "def roc_auc(*a): ..."]

    @pytest.mark.parametrize(
        "text",
        ["", "{", "[]", '{"cells": 3}', '{"cells": [{"cell_type": "code", "source": [3]}]}', "[" * 100_000, "\udcff"],
        ids=["empty", "broken", "list", "no cells", "no text", "deep", "bytes"],
    )
    def test_what_is_no_notebook_is_refused(self, tmp_path: Path, text: str) -> None:
        """With a sentence about the submission, whatever it is built of."""
        path = tmp_path / "a.ipynb"
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
        assert _reason(read_submission(path, _exercise())) == "notebook"

    def test_a_large_one_is_refused_unread(self, tmp_path: Path) -> None:
        """Its code may be as long as any other submission's; what it may weigh is bounded too."""
        path = tmp_path / "a.ipynb"
        path.write_bytes(b" " * (notebook.LARGEST + 1))
        assert _reason(read_submission(path, _exercise())) == "too_large"
        code = _notebook(tmp_path / "b.ipynb", {"cell_type": "code", "source": "# " + "x" * 80_000})
        assert _reason(read_submission(code, _exercise())) == "too_large"


@pytest.mark.parametrize(
    ("name", "data", "shown"),
    [
        ("a.py", "# coding: gbk\n# 解答".encode("gbk"), "# coding: gbk\n# 解答"),
        ("a.py", b"x\xff", "x\\xff"),
        ("a.ipynb", b'{"cells": [{"cell_type": "code", "source": "x = 1"}]}', "# cell 1\nx = 1\n"),
        (
            "a.ipynb",
            b'{"cells": [{"cell_type": "code", "source": {}}]}',
            '{"cells": [{"cell_type": "code", "source": {}}]}',
        ),
        ("a.ipynb", b"[" * 50_000, "[" * 50_000),
        ("a.IPYNB", b"\xff", "\\xff"),
    ],
    ids=["declared", "bytes", "notebook", "no text", "deep", "odd"],
)
def test_what_a_report_shows_of_a_file(name: str, data: bytes, shown: str) -> None:
    """The code that was graded; what could not be read, however hostile, shows as what it is."""
    assert source_of(name, data) == shown


class TestKindsOfFile:
    """What is not a plain file is refused without waiting for it."""

    def test_a_regular_file_is_read(self, tmp_path: Path) -> None:
        """The submission carries the path as its name, and the text."""
        path = _file(tmp_path, "a.py")
        assert read_submission(path, _exercise()) == Submission(name=str(path), source=GOOD)

    def test_a_fifo_is_refused_at_once(self, tmp_path: Path) -> None:
        """Nobody writes to it, and still the reader does not wait."""
        os.mkfifo(tmp_path / "a.py")
        assert _reason(read_submission(tmp_path / "a.py", _exercise())) == "not_a_file"

    def test_a_socket_is_refused(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A socket cannot be opened at all; that is the submission's fault, not ours."""
        monkeypatch.chdir(tmp_path)  # a socket's path may have 107 bytes
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind("a.py")
            assert _reason(read_submission(Path("a.py"), _exercise())) == "not_a_file"

    @pytest.mark.parametrize("path", ["/dev/zero", "/dev/null", "/"])
    def test_a_device_or_a_folder_is_refused(self, path: str) -> None:
        """An endless device is not read from."""
        assert _reason(read_submission(Path(path), _exercise())) == "not_a_file"

    def test_a_folder_called_like_a_module_is_refused(self, tmp_path: Path) -> None:
        """`a.py/` in a returned folder is listed, and rejected."""
        (tmp_path / "a.py").mkdir()
        [found] = find_submissions([tmp_path]).submissions
        assert _reason(read_submission(found, _exercise())) == "not_a_file"

    def test_a_fifo_put_in_place_of_a_file_is_refused(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """What counts is what was opened, not what the path was a moment before."""
        before = _file(tmp_path, "before.py").lstat()
        os.mkfifo(tmp_path / "a.py")
        monkeypatch.setattr(Path, "lstat", lambda _: before)
        assert _reason(read_submission(tmp_path / "a.py", _exercise())) == "not_a_file"

    def test_a_link_put_in_place_of_a_file_is_not_followed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nothing is read through a link, even if it appears after the first look."""
        before = _file(tmp_path, "before.py").lstat()
        (tmp_path / "a.py").symlink_to(tmp_path / "before.py")
        monkeypatch.setattr(Path, "lstat", lambda _: before)
        with pytest.raises(UsageError, match="cannot be read"):
            read_submission(tmp_path / "a.py", _exercise())

    def test_a_file_that_vanished_is_a_usage_error(self, tmp_path: Path) -> None:
        """A file that is gone is not charged to the candidate."""
        with pytest.raises(UsageError, match="cannot be read"):
            read_submission(tmp_path / "gone.py", _exercise())

    def test_a_huge_file_is_read_up_to_the_limit(self, tmp_path: Path) -> None:
        """A sparse file of a terabyte costs one byte more than the limit: the digest shows what was read."""
        path = tmp_path / "a.py"
        path.touch()
        os.truncate(path, 1 << 40)
        rejection = read_submission(path, _exercise())
        assert isinstance(rejection, Rejection)
        assert rejection.digest == "sha256:" + hashlib.sha256(b"\0" * 1025).hexdigest()

    def test_a_hostile_file_name_cannot_steer_the_terminal(self, tmp_path: Path) -> None:
        """Escapes, line breaks and undecodable bytes of a name are shown as escapes."""
        path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/a\x1b[2J\n\xff\xe2\x80\xae.py"))
        rejection = read_submission(_touch(path), _exercise())
        assert rejection.name.endswith(r"a\x1b[2J\n\udcff\u202e.py")


def _touch(path: Path) -> Path:
    path.touch()
    return path


def _reason(result: Submission | Rejection) -> str:
    assert isinstance(result, Rejection), result
    return result.reason


DEEP = {
    "brackets": "solve = " + "(" * 5000 + ")" * 5000,
    "unclosed brackets": "solve = " + "[" * 60000,
    "minus signs": "solve = " + "-" * 60000 + "1",
    "lambdas": "solve = " + "lambda:" * 8000 + "1",
    "conditions": "solve = " + "1 if 1 else " * 5000 + "1",
    "sum": "solve = 1" + "+1" * 30000,
    "attributes": "solve = a" + ".a" * 30000,
    "calls": "solve = a" + "()" * 30000,
    "elif": "if 1: solve = 1\n" + "elif 1: 0\n" * 6000,
    "indents": "".join(" " * i + "if 1:\n" for i in range(300)) + " " * 300 + "solve = 1",
    "f-strings": "solve = " + "f'{" * 5000,
    "digits": "solve = " + "9" * 60000,
}
LARGE = Limits(source_kb=128)


@pytest.mark.parametrize("source", DEEP.values(), ids=DEEP.keys())
def test_a_bomb_for_the_parser_is_rejected(source: str) -> None:
    """Deep nesting neither ends the process nor raises."""
    assert _reason(_admit(source, _with_limits(LARGE))) in {"too_complex", "syntax"}


def _with_limits(limits: Limits) -> Exercise:
    base = _exercise()
    return Exercise(**{name: getattr(base, name) for name in base.__slots__} | {"limits": limits})


def test_a_bomb_for_the_compiler_costs_nothing() -> None:
    """Nested `finally` blocks double the compiler's work at every level; the text is only parsed."""
    nested = "".join(" " * i + "try: 0\n" + " " * i + "finally:\n" for i in range(19)) + " " * 19 + "0\n"
    assert isinstance(_admit(nested + GOOD), Submission)


NEST: dict[str, Callable[[int], str]] = {
    "sum": lambda n: "solve = 1" + "+1" * n,
    "attributes": lambda n: "solve = a" + ".a" * n,
    "getattr": lambda n: "solve = " + "getattr(" * (n // 2) + "a" + ",'a')" * (n // 2),
    "conditions": lambda n: "solve = " + "1 if 1 else " * n + "1",
    "elif": lambda n: "if 1: solve = 1\n" + "elif 1: 0\n" * n,
    "lambdas": lambda n: "solve = " + "lambda:" * n + "1",
    "comprehensions": lambda n: "solve = " + "[" * min(n, 180) + "a" + " for a in a]" * min(n, 180),
    "functions": lambda n: (
        "solve = 1\n" + "".join(" " * i + "def f():\n" for i in range(min(n, 90))) + " " * min(n, 90) + "f"
    ),
}


@pytest.mark.parametrize("nest", NEST.values(), ids=NEST.keys())
def test_code_is_read_down_to_the_greatest_depth(nest: Callable[[int], str]) -> None:
    """Whatever is not too deep for the rule is not too deep for the reader, either."""
    assert isinstance(_admit(nest(MAX_DEPTH - 10), _with_limits(LARGE)), Submission)


class TestBytes:
    """What the bytes must be."""

    def test_exactly_the_limit_is_accepted(self) -> None:
        """The limit itself is allowed."""
        assert isinstance(_admit(GOOD + "#" * (1024 - len(GOOD))), Submission)

    def test_one_byte_more_is_rejected(self) -> None:
        """One byte above the limit is not, and the limit is told."""
        result = _admit(GOOD + "#" * (1025 - len(GOOD)))
        assert _reason(result) == "too_large"

    def test_a_byte_order_mark_is_accepted(self) -> None:
        """The mark is not part of the source."""
        assert _admit(b"\xef\xbb\xbf" + GOOD.encode()) == Submission(name="a.py", source=GOOD)

    def test_chinese_text_is_accepted(self) -> None:
        """Comments, strings and names may be in any script."""
        assert isinstance(_admit("# 解答\ndef solve(甲): return '乙'"), Submission)

    def test_line_ends_stay_as_they_are(self) -> None:
        """The source is what was handed in, byte for byte."""
        assert _admit(b"def solve():\r\n    pass\r\n") == Submission(name="a.py", source="def solve():\r\n    pass\r\n")

    @pytest.mark.parametrize(
        "encoding", ["gbk", "gb2312", "gb18030", "cp936", "big5", "latin-1", "shift_jis", "euc-kr"]
    )
    @pytest.mark.parametrize("before", ["", "#!/usr/bin/env python\n", "\n"])
    def test_a_declared_encoding_is_read(self, encoding: str, before: str) -> None:
        """A cookie of PEP 263 on the first two lines says how bytes that are not UTF-8 are meant."""
        word = {"latin-1": "é", "euc-kr": "한글"}.get(encoding, "文")
        text = f"{before}# -*- coding: {encoding} -*-\n# {word}\n" + GOOD
        assert _admit(text.encode(encoding)) == Submission(name="a.py", source=text)

    @pytest.mark.parametrize(
        "before", ["", "x = 1\n", "\n\n", "# coding: nonsense\n", "# coding: utf-7\n", "# coding: utf-16\n"]
    )
    def test_an_undeclared_encoding_is_rejected_with_the_line(self, before: str) -> None:
        """Without a cookie in its place, or with one that is not common, the line of the first odd byte is named."""
        late = "# coding: gbk\n" if before in ("x = 1\n", "\n\n") else ""
        result = _admit(f"{before}{late}# 解\n{GOOD}".encode("gbk"))
        assert _reason(result) == "encoding"
        line = (before + late).count("\n") + 1
        assert f"is not UTF-8 text (byte 0xbd on line {line} does not fit)" in _english(result)

    def test_a_byte_that_the_declared_encoding_lacks(self) -> None:
        """It is told by its line, too, and with the encoding."""
        result = _admit(b"# coding: gbk\n\n# \xbd\xe2\xff\n" + GOOD.encode())
        assert "is not GBK text (byte 0xff on line 3 does not fit)" in _english(result)

    @pytest.mark.parametrize(
        "cookie", ["rot13", "unicode_escape", "raw_unicode_escape", "utf-7", "utf-16", "idna", "hz"]
    )
    def test_no_cookie_makes_other_code_of_ascii(self, cookie: str) -> None:
        """Encodings in which plain bytes mean something else are never followed."""
        result = _admit(f"# coding: {cookie}\n{GOOD}# ".encode() + b"\xff")
        assert _reason(result) == "encoding"

    def test_a_zip_is_said_to_be_one(self) -> None:
        """Not that some byte of it is odd."""
        assert _reason(_admit(b"PK\x03\x04\xff\xff")) == "archive"

    def test_a_cookie_does_not_change_what_is_checked(self) -> None:
        """What is checked is the UTF-8 text, even if a cookie claims that it means something else."""
        source = "# coding: utf-7\n" + GOOD + "+AGkAbQBwAG8AcgB0 = 1"
        assert _reason(_admit(source)) == "syntax"

    def test_a_null_byte_is_rejected_with_its_line(self) -> None:
        """The message leads to the null byte."""
        result = _admit(GOOD + "\0")
        assert (_reason(result), "line 3" in _english(result)) == ("null_byte", True)

    @pytest.mark.parametrize("source", ["", " \n\t\n", "# only a comment\n", "\ufeff"])
    def test_nothing_is_rejected_as_empty(self, source: str) -> None:
        """Blank lines and comments are no solution."""
        assert _reason(_admit(source)) == "empty"


def _english(result: Submission | Rejection) -> str:
    assert isinstance(result, Rejection)
    return result.message.en


@pytest.mark.parametrize(
    ("source", "line", "column"),
    [("x = = 1", 1, 5), ("def solve(:\n  0", 1, 11), ("if 1:\n  a\n b", 3, 3), ("a = 'x", 1, 5), ("é = (", 1, 5)],
)
def test_a_syntax_error_is_rejected_with_its_place(source: str, line: int, column: int) -> None:
    """Line and column lead to the error."""
    result = _admit(source)
    assert (_reason(result), f"line {line}, column {column} " in _english(result)) == ("syntax", True)


def test_warnings_of_the_parser_are_not_shown(recwarn: pytest.WarningsRecorder) -> None:
    """An invalid escape is legal; it is neither printed nor, where warnings are errors, a rejection."""
    warnings.simplefilter("error")
    result = _admit("def solve(): return '\\d' is 1")
    assert (isinstance(result, Submission), len(recwarn)) == (True, 0)


DEFINED = {
    "function": "def solve(): 0",
    "async function": "async def solve(): 0",
    "class": "class solve: 0",
    "assignment": "solve = lambda: 0",
    "annotated": "solve: object = 1",
    "unpacking": "a, (solve, *b) = c",
    "import": "import solve",
    "dotted import": "import solve.x",
    "import as": "import numpy as solve",
    "from-import": "from numpy import mean as solve",
    "star import": "from numpy import *",
    "if": "if x:\n def solve(): 0",
    "try": "try: from a import solve\nexcept E: solve = None",
    "finally": "try: 0\nfinally: solve = 1",
    "with": "with a as solve: 0",
    "for": "for solve in x: 0",
    "match": "match x:\n case {'a': [*solve]}: 0",
    "match rest": "match x:\n case {**solve}: 0",
    "walrus": "print(solve := 1)",
    "walrus in a comprehension": "[solve := x for x in y]",
    "walrus in a decorator": "@(solve := f)\ndef g(): 0",
    "global": "def f():\n global solve\n solve = 1\nf()",
    "exec": "exec('def solve(): 0')",
    "builtins.exec": "import builtins\nbuiltins.exec('solve = 1')",
    "globals": "globals()['solve'] = 1",
    "setattr": "import sys\nsetattr(sys.modules[__name__], 'solve', 1)",
    "attribute of the module": "import importlib\nimportlib.import_module(__name__).solve = 1",
    "module __getattr__": "def __getattr__(name): return 1",
}


@pytest.mark.parametrize("source", DEFINED.values(), ids=DEFINED.keys())
def test_an_entry_point_may_be_defined_in_any_way(source: str) -> None:
    """What may define the name is let through; the guest will see whether it does."""
    assert isinstance(_admit(source), Submission)


MISSING = {
    "other name": "def resolve(): 0",
    "method": "class A:\n def solve(self): 0",
    "inner function": "def f():\n def solve(): 0",
    "local variable": "def f():\n solve = 1",
    "comprehension": "[solve for solve in x]",
    "parameter": "lambda solve: 0",
    "used only": "solve(1)",
    "part of an import": "import a.solve",
    "renamed import": "from a import solve as b",
    "comment": "# def solve(): 0\n1",
}


@pytest.mark.parametrize("source", MISSING.values(), ids=MISSING.keys())
def test_a_missing_entry_point_is_rejected(source: str) -> None:
    """A name that the module certainly lacks is told before anything runs."""
    assert _reason(_admit(source)) == "missing_entry_point"


def test_every_missing_entry_point_is_named() -> None:
    """Two missing names are told at once."""
    result = _admit("def solve(): 0", _exercise(entry_points=("fit", "solve", "predict")))
    assert "`fit`, `predict`" in _english(result)


def test_a_forbidden_name_is_rejected_with_its_line() -> None:
    """The policy is part of intake, so that no caller can forget it."""
    result = _admit("def solve():\n    import sklearn.metrics")
    assert (_reason(result), "`sklearn` on line 2" in _english(result)) == ("forbidden", True)


REJECTED = {
    "too_large": b"#" * 1025,
    "archive": b"PK\x03\x04\xff",
    "encoding": b"\xff",
    "null_byte": b"\0",
    "too_complex": b"a=" + b"-" * 900 + b"1",
    "syntax": b"def",
    "empty": b"",
    "missing_entry_point": b"1",
    "forbidden": b"import sklearn as solve",
}


@pytest.mark.parametrize(("reason", "data"), REJECTED.items(), ids=REJECTED.keys())
def test_a_rejection_names_the_file_and_the_next_step(reason: str, data: bytes) -> None:
    """One sentence in each language: the file, what is wrong, and after the semicolon what to do."""
    result = _admit(data)
    assert isinstance(result, Rejection)
    ends = (result.message.en.startswith("a.py "), result.message.en.count("; "), result.message.zh.count("；"))
    assert (result.reason, *ends) == (reason, True, 1, 1)


def test_a_rejection_keeps_the_digest_of_the_bytes() -> None:
    """What was refused can be told apart later."""
    result = _admit(b"\xff\xfe")
    assert isinstance(result, Rejection)
    assert result.digest == "sha256:" + hashlib.sha256(b"\xff\xfe").hexdigest()


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.binary(max_size=100), st.text(max_size=60).map(lambda text: text.encode("utf-8", "replace"))))
def test_any_bytes_are_a_submission_or_a_rejection(data: bytes) -> None:
    """Intake never raises, whatever was handed in."""
    assert isinstance(_admit(data), Submission | Rejection)
