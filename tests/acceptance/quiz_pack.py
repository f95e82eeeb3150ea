"""A pack with one entry of each kind and an exercise of one line, in an area of its own: `--topic lab`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def both(en: str, zh: str) -> dict[str, str]:
    """A text."""
    return {"en": en, "zh": zh}


def shared(name: str, kind: str, **own: Any) -> dict[str, Any]:
    """An entry of a kind."""
    return {
        "schema": 1,
        "id": name,
        "revision": 1,
        "status": "active",
        "kind": kind,
        "topics": ["lab.one"],
        "level": "junior",
        "difficulty": 3,
        "minutes": 2,
        "title": both(f"Title of {name}", f"{kind} 的标题"),
        "prompt": both(f"Prompt of {name}?", f"{kind} 的题面？"),
        "answer": both(f"Model answer of {name}.", f"{kind} 的参考内容。"),
        "license": "CC-BY-4.0",
        "verified": "2026-11-22",
        "hints": [{"text": both("weak hint", "弱提示")}, {"text": both("strong hint", "强提示")}],
        **own,
    }


def choice(name: str, right: bool = False) -> dict[str, Any]:
    """A choice whose texts carry its name."""
    return {
        "id": name,
        "correct": right,
        "text": both(f"text {name}", f"选项 {name}"),
        "why": both(f"why {name}", f"理由 {name}"),
    }


RUBRIC = [
    {"id": "variance", "weight": 0.6, "text": both("names the variance", "说到方差"), "accept": ["varian", "方差"]},
    {"id": "root", "weight": 0.4, "text": both("takes the root", "取平方根"), "accept": ["root", "平方根"]},
]
ENTRIES = (
    shared("lab-choice", "choice", choices=[choice("good", True), choice("bad"), choice("worse")]),
    shared("lab-multi", "multi", choices=[choice("one", True), choice("two", True), choice("bad"), choice("worse")]),
    shared("lab-numeric", "numeric", numeric={"value": 3.5, "rtol": 0.01, "unit": "GiB"}),
    shared(
        "lab-order",
        "order",
        steps=[{"id": n, "text": both(f"step {n}", f"步骤 {n}")} for n in ("zero", "back", "clip", "step")],
    ),
    shared("lab-open", "open", rubric=RUBRIC),
    shared("lab-bug", "bug", rubric=RUBRIC, choices=[choice("here", True), choice("there")]),
    shared("lab-code", "code", rubric=RUBRIC, exercise="double"),
)
MANIFEST = {
    "schema": 1,
    "id": "double",
    "version": 1,
    "status": "active",
    "title": both("Double", "加倍"),
    "topics": ["lab.one"],
    "level": "junior",
    "difficulty": 1,
    "minutes": 2,
    "entry_points": ["double"],
    "environment": "numpy",
    "allow_packages": ["numpy"],
    "forbid": [],
    "devices": ["cpu"],
    "tolerance": {"float64": {"rtol": 1e-7, "atol": 1e-9}},
    "tasks": [{"id": "values", "title": both("Values", "数值"), "points": 2}],
    "hints": [{"task": "values", "text": both("Add it to itself.", "把它与自己相加。")}],
    "sources": [{"title": "NumPy", "url": "https://numpy.org/doc/stable/"}],
}
SYLLABUS = {
    "schema": 1,
    "areas": [
        {
            "id": "lab",
            "title": both("Laboratory", "实验室"),
            "topics": [
                {
                    "id": "lab.one",
                    "title": both("First topic", "第一主题"),
                    "about": both("One.", "一。"),
                    "weight": 3,
                    "exercises": ["double"],
                }
            ],
        }
    ],
}
FILES = {
    "exercises/double/stub.py": "def double(x):\n    raise NotImplementedError\n",
    "exercises/double/statement.en.md": "# Double\nWrite `double(x)`.\n",
    "exercises/double/statement.zh.md": "# 加倍\n写出 `double(x)`。\n",
    "exercises/double/test_public.py": (
        'import pytest\n\n\n@pytest.mark.task("values")\ndef test_two(candidate):\n    """Two becomes four."""\n'
        '    assert candidate.double(2) == 4, "double(2) is 4"\n'
    ),
    "reference/double/solution.py": "def double(x):\n    return 2 * x\n",
    "reference/double/notes.md": "Notes about doubling.\n",
    "reference/double/alternatives/adding.py": "def double(x):\n    return x + x\n",
    "reference/double/test_hidden.py": (
        'import pytest\n\n\n@pytest.mark.task("values")\ndef test_any(candidate, reference, rng):\n    """Any."""\n'
        '    x = int(rng.integers(5, 100))\n    assert candidate.double(x) == reference.double(x), "twice the number"\n'
    ),
    "reference/double/mutants.yaml": (
        "schema: 1\nmutants:\n  - id: square\n    task: values\n    title: {en: squares it, zh: 求了平方}\n"
        "    advice: {en: Add., zh: 相加。}\n    edits: [{old: 2 * x, new: x * x}]\n"
    ),
}


def write_pack(root: Path) -> Path:
    """The pack below `root`."""
    files = {
        **FILES,
        "bank/syllabus.yaml": json.dumps(SYLLABUS, ensure_ascii=False, indent=1),
        "exercises/double/exercise.yaml": json.dumps(MANIFEST, ensure_ascii=False, indent=1),
        **{f"bank/lab/{one['id']}.yaml": json.dumps(one, ensure_ascii=False, indent=1) for one in ENTRIES},
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root
