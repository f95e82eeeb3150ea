"""Manifests: what is read, and what every mistake is called."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.content.complaints import validate
from grader.content.manifest import ManifestFields, freeze_manifest, read_manifest
from grader.content.mutants import Mutants
from grader.content.yaml_source import Document, parse_document
from grader.errors import ContentError
from grader.judge.job import SuiteSpec
from grader.model.exercise import Exercise, Limits, Tolerance

Edit = Callable[[dict[str, Any]], object]


def document(value: dict[str, Any]) -> Document:
    return Document(path=Path("exercise.yaml"), value=value, lines={(): 1})


def refusal(value: dict[str, Any], edit: Edit) -> ContentError:
    edit(value)
    with pytest.raises(ContentError) as caught:
        validate(document(value), ManifestFields)
    return caught.value


def frozen(value: dict[str, Any]) -> Exercise:
    fields = validate(document(value), ManifestFields)
    return freeze_manifest(fields, Path("exercises/mean"), Path("reference/mean"), Mutants(), "sha256:0")


def test_values_are_those_of_the_file(manifest: dict[str, Any]) -> None:
    """What the file says is what the exercise has."""
    exercise = frozen(manifest)
    assert (exercise.id, exercise.entry_points, exercise.forbid) == ("mean", ("mean",), ("numpy.mean",))


@pytest.mark.parametrize(("stated", "allowed"), [({}, False), ({"native": True}, True), ({"native": False}, False)])
def test_native_code_is_refused_unless_the_manifest_allows_it(
    manifest: dict[str, Any], stated: dict[str, bool], allowed: bool
) -> None:
    """What is left out is the safe choice."""
    assert frozen(manifest | stated).native is allowed


def test_limits_left_out_have_defaults(manifest: dict[str, Any]) -> None:
    """A limit that is not stated has the default of the model."""
    manifest["limits"] = {"memory_mb": 512}
    assert frozen(manifest).limits == Limits(memory_mb=512)


def test_one_case_never_has_longer_than_all(manifest: dict[str, Any]) -> None:
    """A short time for all cases also shortens the default for one."""
    manifest["limits"] = {"wall_s": 3}
    assert frozen(manifest).limits.case_wall_s == 3


def test_tolerance_cannot_be_changed(manifest: dict[str, Any]) -> None:
    """The tolerance of an exercise that was loaded is read-only."""
    tolerance: Any = frozen(manifest).tolerance
    with pytest.raises(TypeError):
        tolerance["float64"] = Tolerance(rtol=1.0, atol=1.0)


def test_a_gpu_may_have_tolerances_of_its_own(manifest: dict[str, Any]) -> None:
    """They go before the others there, and nowhere else."""
    wide = {"rtol": 0.01, "atol": 0.02}
    manifest |= {"environment": "torch", "devices": ["cpu", "cuda"]}
    manifest["tolerance"]["cuda"] = {"float32": wide}
    exercise = frozen(manifest)
    assert dict(exercise.cuda_tolerance) == {"float32": Tolerance(**wide)}
    assert "cuda" not in exercise.tolerance
    spec = SuiteSpec.of(exercise)
    assert spec.tolerance_on("cuda") == {**exercise.tolerance, "float32": Tolerance(**wide)}
    assert spec.tolerance_on("cpu") == exercise.tolerance
    assert SuiteSpec.from_data(spec.to_data()) == spec


def test_max_score_is_the_sum_of_points(manifest: dict[str, Any]) -> None:
    """Points of all tasks add up."""
    assert frozen(manifest).max_score == 3


def test_draft_may_lack_a_language(manifest: dict[str, Any]) -> None:
    """A draft with English only loads, with empty Chinese."""
    manifest["status"] = "draft"
    del manifest["title"]["zh"]
    assert frozen(manifest).title.zh == ""


def test_blank_lines_around_a_text_are_dropped(manifest: dict[str, Any]) -> None:
    """A block scalar's last newline is no part of the text."""
    manifest["title"]["en"] = "\n  Mean\n\n"
    assert frozen(manifest).title.en == "  Mean"


@pytest.mark.parametrize("name", ["schema", "id", "version", "status", "title", "topics", "entry_points", "tasks"])
def test_missing_field_is_named(manifest: dict[str, Any], name: str) -> None:
    """A field that must be there and is not is named, with how to write it."""
    error = refusal(manifest, lambda value: value.pop(name))
    assert (error.field, error.fix) == (name, f"write `{name}: …`")


MISTAKES: list[tuple[str, Edit, str, str]] = [
    ("near name", lambda m: m.update(titel=1), "titel", "did you mean `title`?"),
    ("far name", lambda m: m.update(xyzzy=1), "xyzzy", "remove it; the fields here are schema, id, version"),
    ("near name inside", lambda m: m["tasks"][0].update(point=1), "tasks.0.point", "did you mean `points`?"),
    ("unquoted comma", lambda m: m["title"].update({"or so": None}), "title.or so", "a comma in quotes"),
    ("schema", lambda m: m.update(schema=2), "schema", "write 1"),
    ("slug", lambda m: m.update(id="Mean"), "id", "snake_case"),
    ("slug too long", lambda m: m.update(id="a" * 33), "id", "32 characters"),
    ("slug with newline", lambda m: m.update(id="mean\n"), "id", "snake_case"),
    ("version", lambda m: m.update(version=0), "version", "at least 1"),
    ("version as text", lambda m: m.update(version="1"), "version", "whole number"),
    ("version as float", lambda m: m.update(version=1.5), "version", "whole number"),
    ("version as bool", lambda m: m.update(version=True), "version", "whole number"),
    ("status", lambda m: m.update(status="live"), "status", "`draft`, `active` or `retired`"),
    ("level", lambda m: m.update(level="middle"), "level", "`mid`"),
    ("difficulty", lambda m: m.update(difficulty=11), "difficulty", "at most 10"),
    ("title as text", lambda m: m.update(title="Mean"), "title", "write a mapping with `en`, `zh`"),
    ("title of a number", lambda m: m["title"].update(en=5), "title.en", "in quotes"),
    ("title blank", lambda m: m["title"].update(zh="  "), "title.zh", "write some text"),
    ("title empty", lambda m: m["title"].update(zh=None), "title.zh", "write text"),
    ("language missing", lambda m: m["title"].pop("zh"), "title.zh", "both languages"),
    ("language missing inside", lambda m: m["hints"][0]["text"].pop("en"), "hints.0.text.en", "both languages"),
    ("no language", lambda m: m.update(status="draft", title={}), "title", "write `{en: …, zh: …}`"),
    ("topics empty", lambda m: m.update(topics=[]), "topics", "at least 1"),
    ("topics as text", lambda m: m.update(topics="arch.attention"), "topics", "write a list"),
    ("topic", lambda m: m.update(topics=["attention"]), "topics.0", "bank/syllabus.yaml"),
    ("topic twice", lambda m: m.update(topics=["arch.rnn"] * 2), "topics.1", "remove one"),
    ("entry point", lambda m: m.update(entry_points=["a-b"]), "entry_points.0", "Python name"),
    ("forbid", lambda m: m.update(forbid=["numpy."]), "forbid.0", "Python name"),
    ("device", lambda m: m.update(devices=["gpu"]), "devices.0", "`cpu` or `cuda`"),
    ("no cpu", lambda m: m.update(devices=["cuda"], environment="torch"), "devices", "add `cpu`"),
    ("gpu without torch", lambda m: m.update(devices=["cpu", "cuda"]), "devices", "remove `cuda`"),
    ("cuda without the device", lambda m: m["tolerance"].update(cuda={}), "tolerance.cuda", "add the device"),
    ("gpu memory", lambda m: m.update(limits={"gpu_memory_mb": 1}), "limits.gpu_memory_mb", "at least 64"),
    ("environment", lambda m: m.update(environment="../torch"), "environment", "`numpy` or `torch`"),
    ("no environment", lambda m: m.update(environment="jax"), "environment", "one of numpy, pandas, sklearn, torch"),
    ("limit", lambda m: m.update(limits={"wall": 1}), "limits.wall", "did you mean `wall_s`?"),
    ("limit of zero", lambda m: m.update(limits={"wall_s": 0}), "limits.wall_s", "above 0"),
    ("limit infinite", lambda m: m.update(limits={"cpu_s": float("inf")}), "limits.cpu_s", "finite number"),
    ("case above all", lambda m: m.update(limits={"wall_s": 2, "case_wall_s": 3}), "limits.case_wall_s", "lower it"),
    ("dtype", lambda m: m.update(tolerance={"float8": {"rtol": 0, "atol": 0}}), "tolerance.float8", "`float64`"),
    ("tolerance", lambda m: m["tolerance"]["float64"].pop("atol"), "tolerance.float64.atol", "write `atol"),
    ("no tasks", lambda m: m.update(tasks=[]), "tasks", "at least 1"),
    ("points", lambda m: m["tasks"][0].update(points=0), "tasks.0.points", "above 0"),
    ("task twice", lambda m: m["tasks"].append(copy.deepcopy(m["tasks"][0])), "tasks.2.id", "its own id"),
    ("hint for no task", lambda m: m["hints"][0].update(task="emtpy"), "hints.0.task", "values, empty"),
    ("source", lambda m: m["sources"][0].update(url="numpy.org"), "sources.0.url", "https://"),
]


@pytest.mark.parametrize(("edit", "field", "fix"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES])
def test_mistake_is_named_with_its_fix(manifest: dict[str, Any], edit: Edit, field: str, fix: str) -> None:
    """Each mistake is reported at its field, with what to write instead."""
    error = refusal(manifest, edit)
    assert error.field == field
    assert fix in error.fix


def test_message_is_one_sentence(manifest: dict[str, Any]) -> None:
    """The message reads file, field, line, what was found, what to write."""
    error = refusal(manifest, lambda m: m.update(difficulty=11))
    assert str(error) == "exercise.yaml: difficulty: line 1: found 11; write a number that is at most 10"


def test_topmost_of_several_mistakes_is_raised_with_the_others_noted() -> None:
    """A file with several mistakes reports all of them, the topmost first."""
    text = "schema: 1\nid: Mean\nversion: 0\n"
    with pytest.raises(ContentError) as caught:
        validate(parse_document(Path("exercise.yaml"), text), ManifestFields)
    assert any("version" in note for note in caught.value.__notes__)


def test_line_is_that_of_the_field() -> None:
    """The line in the message is where the wrong value stands."""
    text = "schema: 1\ntitle:\n  en: a\n  zh: [b]\n"
    with pytest.raises(ContentError) as caught:
        validate(parse_document(Path("exercise.yaml"), text), ManifestFields)
    everything = [str(caught.value), *caught.value.__notes__]
    assert any("title.zh: line 4: found a list" in message for message in everything)


def test_id_must_be_the_folders_name(pack_root: Path) -> None:
    """A folder that was renamed without its manifest is refused."""
    folder = pack_root / "exercises" / "mean"
    renamed = folder.rename(folder.with_name("average"))
    with pytest.raises(ContentError, match="found `mean` in the folder `average`"):
        read_manifest(renamed)
