"""A small pack to spoil: valid content as plain mappings, and the means to write it to disk."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.content.entry import freeze_entry
from grader.content.yaml_source import parse_document
from grader.model.entry import Entry

Edit = Callable[[dict[str, Any]], object]

MANIFEST: dict[str, Any] = {
    "schema": 1,
    "id": "mean",
    "version": 1,
    "status": "active",
    "title": {"en": "Mean", "zh": "均值"},
    "topics": ["eval.regression"],
    "level": "junior",
    "difficulty": 1,
    "minutes": 5,
    "entry_points": ["mean"],
    "environment": "numpy",
    "allow_packages": ["numpy"],
    "forbid": ["numpy.mean"],
    "devices": ["cpu"],
    "tolerance": {"float64": {"rtol": 1e-7, "atol": 1e-9}},
    "tasks": [
        {"id": "values", "title": {"en": "Values", "zh": "数值"}, "points": 2},
        {"id": "empty", "title": {"en": "Nothing", "zh": "空输入"}, "points": 1},
    ],
    "hints": [{"task": "empty", "text": {"en": "Divide by what?", "zh": "除以什么？"}}],
    "sources": [{"title": "NumPy", "url": "https://numpy.org/doc/stable/"}],
}
SHARED: dict[str, Any] = {
    "schema": 1,
    "id": "sample",
    "revision": 1,
    "status": "active",
    "topics": ["arch.attention"],
    "level": "mid",
    "difficulty": 5,
    "minutes": 4,
    "title": {"en": "Sample", "zh": "示例"},
    "prompt": {"en": "Why?", "zh": "为什么？"},
    "answer": {"en": "Because.", "zh": "因为如此。"},
    "license": "CC-BY-4.0",
    "verified": "2026-11-22",
}
RUBRIC = [
    {"id": "one", "weight": 0.6, "text": {"en": "One", "zh": "一"}, "accept": ["varian(ce|z)", "方差"]},
    {"id": "two", "weight": 0.4, "text": {"en": "Two", "zh": "二"}},
]
CHOICES = [
    {"id": "a", "correct": True, "text": {"en": "A", "zh": "甲"}},
    {"id": "b", "text": {"en": "B", "zh": "乙"}, "why": {"en": "Not B.", "zh": "不是乙。"}},
    {"id": "c", "text": {"en": "C", "zh": "丙"}, "why": {"en": "Not C.", "zh": "不是丙。"}},
]
STEPS = [{"id": name, "text": {"en": name, "zh": name}} for name in ("zero", "backward", "step")]
TEMPLATE = {
    "formula": "2 * layers * tokens",
    "parameters": {
        "layers": {"choices": [24, 32]},
        "tokens": {"range": {"low": 1024, "high": 4096, "step": 1024}},
    },
    "rtol": 0.01,
    "unit": "B",
}
OWN_FIELDS: dict[str, dict[str, Any]] = {
    "open": {"rubric": RUBRIC},
    "choice": {"choices": CHOICES},
    "multi": {"choices": CHOICES},
    "numeric": {"numeric": {"value": 0.125, "rtol": 0.01, "unit": "ms"}},
    "order": {"steps": STEPS},
    "bug": {"rubric": RUBRIC, "choices": CHOICES},
    "code": {"rubric": RUBRIC, "exercise": "mean"},
}
MUTANTS: dict[str, Any] = {
    "schema": 1,
    "mutants": [
        {
            "id": "off_by_one",
            "task": "values",
            "title": {"en": "a mean over one element less", "zh": "少除了一个元素的均值"},
            "advice": {"en": "Divide by the count.", "zh": "应除以元素个数。"},
            "edits": [{"old": "len(values)", "new": "(len(values) - 1)"}],
        }
    ],
}
SYLLABUS: dict[str, Any] = {
    "schema": 1,
    "areas": [
        {
            "id": "evaluation",
            "title": {"en": "Evaluation", "zh": "评估"},
            "topics": [
                {
                    "id": "eval.regression",
                    "title": {"en": "Regression", "zh": "回归"},
                    "weight": 2,
                    "about": {"en": "Errors.", "zh": "误差。"},
                    "exercises": ["mean"],
                }
            ],
        },
        {
            "id": "architecture",
            "title": {"en": "Architecture", "zh": "结构"},
            "topics": [
                {
                    "id": "arch.attention",
                    "title": {"en": "Attention", "zh": "注意力"},
                    "weight": 5,
                    "about": {"en": "Looking.", "zh": "关注。"},
                    "exercises": [],
                }
            ],
        },
    ],
}


def as_yaml(value: Any) -> str:
    """JSON is YAML, and one field a line gives line numbers that mean something."""
    return json.dumps(value, ensure_ascii=False, indent=1)


@pytest.fixture
def manifest() -> dict[str, Any]:
    """A valid manifest, free to spoil."""
    return copy.deepcopy(MANIFEST)


@pytest.fixture
def entry_of() -> Callable[[str], dict[str, Any]]:
    """A valid entry of a kind, free to spoil."""
    return lambda kind: copy.deepcopy({**SHARED, "kind": kind, **OWN_FIELDS[kind]})


@pytest.fixture
def template(entry_of: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """A valid numeric entry with parameters, free to spoil."""
    filled = entry_of("numeric")
    filled["numeric"] = copy.deepcopy(TEMPLATE)
    filled["prompt"] = {"en": "{{layers}} layers, {{tokens}} tokens?", "zh": "{{layers}} 层，{{tokens}} 个词元？"}
    filled["answer"] = {"en": "{{answer}} bytes", "zh": "{{answer}} 字节"}
    return filled


@pytest.fixture
def freeze() -> Callable[[dict[str, Any]], Entry]:
    """Reads an entry from a mapping as though it were a file `sample.yaml`."""
    return lambda value: freeze_entry(parse_document(Path("sample.yaml"), as_yaml(value)))


@pytest.fixture
def syllabus_file(tmp_path: Path) -> Callable[..., Path]:
    """Writes the small syllabus, after an edit, and gives its path."""

    def write(edit: Edit = lambda _: None) -> Path:
        value = copy.deepcopy(SYLLABUS)
        edit(value)
        path = tmp_path / "syllabus.yaml"
        path.write_text(as_yaml(value), encoding="utf-8")
        return path

    return write


@pytest.fixture
def pack_root(tmp_path: Path) -> Path:
    """A pack with the exercise `mean`, the entry `sample` and a syllabus of two topics."""
    root = tmp_path / "pack"
    files = {
        "exercises/mean/exercise.yaml": as_yaml(MANIFEST),
        "exercises/mean/statement.en.md": "# Mean\n",
        "exercises/mean/statement.zh.md": "# 均值\n",
        "exercises/mean/stub.py": "def mean(values):\n    raise NotImplementedError\n",
        "exercises/mean/test_public.py": "def test_nothing(): ...\n",
        "reference/mean/solution.py": "def mean(values):\n    return sum(values) / len(values)\n",
        "reference/mean/test_hidden.py": "def test_nothing(): ...\n",
        "reference/mean/notes.md": "Notes.\n",
        "reference/mean/mutants.yaml": as_yaml(MUTANTS),
        "bank/syllabus.yaml": as_yaml(SYLLABUS),
        "bank/architecture/sample.yaml": as_yaml({**SHARED, "kind": "open", **OWN_FIELDS["open"]}),
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


@pytest.fixture
def rewrite() -> Callable[[Path, Edit], None]:
    """Edits a file that holds JSON, in place."""

    def edit_file(path: Path, edit: Edit) -> None:
        value = json.loads(path.read_text(encoding="utf-8"))
        edit(value)
        path.write_text(as_yaml(value), encoding="utf-8")

    return edit_file


@pytest.fixture(autouse=True)
def _no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """Packs of tests leave nothing in the cache of the person who runs them."""
    monkeypatch.setenv("VIVA_CACHE", "")
