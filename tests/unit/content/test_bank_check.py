"""The check of a bank: each mistake is found at its place, and a sound bank is silent."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.content.bank_check import check_bank
from grader.content.check_choices import at_least, measure_choices
from grader.content.check_parts import MORE_SEEDS
from grader.content.check_texts import _CHOICE_BY_PLACE, _unusual
from grader.content.glossary import check_terms, read_glossary
from grader.content.numeric import PROBES, draw
from grader.content.pack import Pack
from grader.model.entry import NumericTemplate
from tests.fakes.entries import CHOICES, both, entry

Edit = Callable[[dict[str, Any]], object]
SOUND: dict[str, Any] = {
    "id": "sample",
    "rubric": [
        {
            "id": "one",
            "weight": 0.5,
            "text": {"en": "Names the variance.", "zh": "提到方差。"},
            "accept": ["varian", "方差"],
        },
        {"id": "two", "weight": 0.25, "text": {"en": "Two.", "zh": "第二点。"}},
        {"id": "three", "weight": 0.25, "text": {"en": "Three.", "zh": "第三点。"}},
    ],
    "answer": {"en": "The variance grows.", "zh": "方差变大。"},
    "red_flags": [{"text": {"en": "Guesses.", "zh": "靠猜。"}}],
    "follow_ups": [
        {"when": "strong", "text": {"en": "And then?", "zh": "然后呢？"}},
        {"when": "weak", "text": {"en": "Why not?", "zh": "为什么不？"}},
    ],
    "sources": [{"title": "A paper", "url": "https://arxiv.org/abs/1706.03762"}],
}


@pytest.fixture
def bank(pack_root: Path, rewrite: Callable[[Path, Edit], None]) -> Callable[..., Any]:
    """`bank(edit)` checks a pack whose only entry is sound but for the edit."""

    def check(edit: Edit = lambda _: None, **more: dict[str, Any]) -> Any:
        path = pack_root / "bank" / "architecture" / "sample.yaml"
        rewrite(path, lambda value: value.update(json.loads(json.dumps(SOUND))))
        for name, value in more.items():
            text = json.dumps(value, ensure_ascii=False)
            (path.parent / f"{name}.yaml").write_text(text, encoding="utf-8")
        rewrite(path, edit)
        return check_bank(Pack(pack_root))

    return check


def set_at(*place: Any) -> Edit:
    """An edit that puts the last argument at the place that the others name."""
    *path, value = place

    def edit(document: dict[str, Any]) -> None:
        inner: Any = document
        for part in path[:-1]:
            inner = inner[part]
        inner[path[-1]] = value

    return edit


def as_numeric(document: dict[str, Any], unit: object) -> None:
    """Makes an entry one that asks for a number in a unit."""
    document.pop("rubric")
    document.update(kind="numeric", numeric={"value": 2, "unit": unit})


def test_a_sound_bank_has_no_problems(bank: Callable[..., Any]) -> None:
    """Nothing is held against an entry that keeps every rule."""
    report = bank()
    assert (report.entries, report.problems) == (1, ())


PROBLEMS: dict[str, tuple[Edit, str, str]] = {
    "chinese in english": (set_at("prompt", "en", "Why 方差?"), "prompt.en", "Chinese in an English text"),
    "english in chinese": (set_at("prompt", "zh", "Why does it grow at all?"), "prompt.zh", "no Chinese"),
    "formula": (set_at("answer", "en", "It is $\\frac{1$."), "answer.en", "the formula"),
    "unknown command": (set_at("answer", "zh", "方差 $\\foo$。"), "answer.zh", "`\\foo`"),
    "code": (
        set_at("answer", {"en": "```python\nx = (\n```", "zh": "```python\nx = (\n```"}),
        "answer.en",
        "not Python",
    ),
    "code differs": (
        set_at("answer", {"en": "The variance:\n```python\nx = 1\n```", "zh": "方差：\n```python\nx = 2\n```"}),
        "answer.zh",
        "not that of the English",
    ),
    "code in one language": (set_at("answer", "en", "Variance:\n```python\nx = 1\n```"), "sample.yaml", "1 blocks"),
    "few points": (
        set_at("rubric", [{"id": "one", "weight": 1, "text": {"en": "x", "zh": "某"}}]),
        "rubric",
        "1 points",
    ),
    "no red flag": (set_at("red_flags", []), "red_flags", "at least one"),
    "no follow-up": (lambda value: value["follow_ups"].pop(), "follow_ups", "after a weak answer"),
    "pattern": (set_at("rubric", 0, "accept", ["(x|)"]), "rubric.0.accept.0", "matches anything"),
    "address": (set_at("sources", 0, "url", "https://localhost/x"), "sources.0.url", "no host"),
    "place": (set_at("sources", 0, "title", "A paper (section 2)"), "sources.0.title", "under `place`"),
    "punctuation": (set_at("sources", 0, "url", "https://a.org/x,"), "sources.0.url", "punctuation"),
    "mention": (set_at("answer", "en", "Variance, see entry:nowhere."), "answer.en", "no such entry"),
    "todo": (set_at("answer", "en", "TODO"), "answer.en", "not written yet"),
    "topic": (set_at("topics", ["arch.rnn"]), "topics.0", "no topic"),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_problem_is_found_at_its_place(bank: Callable[..., Any], name: str) -> None:
    """Each mistake is one problem or more, which names the file, the field and what is wrong."""
    edit, field, says = PROBLEMS[name]
    problems = bank(edit).problems
    assert problems
    assert all("sample.yaml" in problem for problem in problems)
    assert [problem for problem in problems if field in problem and says in problem]


WARNINGS: dict[str, tuple[Edit, str]] = {
    "long title": (set_at("title", "en", "A word " * 20), "80 are enough"),
    "long sentence": (set_at("answer", "en", "variance " * 60), "a sentence of 60 words"),
    "long chinese sentence": (set_at("answer", "zh", "方差" * 80), "a sentence of 160 characters"),
    "pattern that finds nothing": (set_at("rubric", 0, "accept", ["entropy"]), "no pattern finds"),
    "pattern that the prompt ticks": (set_at("prompt", "en", "Why does the variance grow?"), "the en prompt ticks it"),
    "pattern that an error ticks": (
        set_at("red_flags", 0, "text", "zh", "说方差变小。"),
        "the zh red flag 1 ticks it; ask for what only an answer says",
    ),
    "uncovered topic": (lambda _: None, "eval.regression: lacks an `open` entry"),
}


@pytest.mark.parametrize("name", WARNINGS)
def test_a_warning_is_no_problem(bank: Callable[..., Any], name: str) -> None:
    """What an author should look at is a warning, and leaves the bank sound."""
    edit, says = WARNINGS[name]
    report = bank(edit)
    assert report.problems == ()
    assert [warning for warning in report.warnings if says in warning]


@pytest.mark.parametrize("text", ["`方差` is data", "```text\n方差\n```", "ROC AUC", "$x$", "ZeRO-3 or FSDP"])
def test_code_and_names_have_no_language(bank: Callable[..., Any], text: str) -> None:
    """Code, formulas and names may hold anything, and be the same in both languages."""
    chinese = text.replace("is data", "是数据")
    assert bank(set_at("answer", {"en": text, "zh": chinese})).problems == ()


def test_two_titles_differ(bank: Callable[..., Any], entry_of: Any) -> None:
    """A title that another entry has is a problem."""
    report = bank(lambda _: None, other={**entry_of("choice"), "id": "other"})
    assert [problem for problem in report.problems if "has the same title" in problem]


def test_two_entries_that_ask_the_same_are_named(bank: Callable[..., Any], entry_of: Any) -> None:
    """A near-duplicate is a warning that names both entries."""
    asked = "How large is the variance of a sum of many independent terms, and what does that do to a softmax?"
    other = {**entry_of("choice"), "id": "other", "title": {"en": "Another", "zh": "另一个"}}
    other["prompt"] = {"en": asked + " Choose.", "zh": "许多独立项之和的方差有多大，对 softmax 有何影响？请选择。"}
    report = bank(set_at("prompt", "en", asked), other=other)
    assert [one for one in report.warnings if "`other` and `sample`" in one and "alike in en" in one]


def test_a_draft_may_be_unfinished(bank: Callable[..., Any]) -> None:
    """An entry that is not in use yet needs no red flags and no second language."""

    def edit(value: dict[str, Any]) -> None:
        value.update(status="draft", red_flags=[], answer={"en": "TODO"})

    assert bank(edit).problems == ()


def test_a_template_is_tried_on_more_seeds(bank: Callable[..., Any], template: dict[str, Any]) -> None:
    """A formula that has no value for one of many draws is a problem, though the entry loads."""
    values = list(range(1, 41))
    drawing = NumericTemplate(formula="", parameters={"layers": tuple(values)}, rtol=0, atol=0)
    drawn = [draw(drawing, f"drawn:{seed}")["layers"] for seed in range(MORE_SEEDS.stop)]
    late = next(value for value in drawn[PROBES:] if value not in drawn[:PROBES])
    template.update(id="drawn", title={"en": "Drawn", "zh": "抽取"})
    template["numeric"]["formula"] = "tokens / layers"
    template["numeric"]["parameters"]["layers"] = {"choices": [0 if value == late else value for value in values]}
    problems = bank(lambda _: None, drawn=template).problems
    assert [problem for problem in problems if "drawn.yaml: numeric.formula" in problem and "zero" in problem]


def test_a_broken_entry_does_not_hide_the_others(bank: Callable[..., Any], entry_of: Any) -> None:
    """An entry that does not load is one problem; the others are checked all the same."""
    broken = {**entry_of("choice"), "id": "broken", "minutes": "many"}
    problems = bank(set_at("answer", "en", "$\\foo$"), broken=broken).problems
    assert [problem for problem in problems if "broken.yaml: minutes" in problem]
    assert [problem for problem in problems if "sample.yaml: answer.en" in problem]


@pytest.mark.parametrize(
    ("count", "chances", "probability"),
    [(0, [0.5], 1.0), (1, [0.5], 0.5), (2, [0.5, 0.5], 0.25), (1, [0.5, 0.25], 0.625), (3, [0.5, 0.5], 0.0)],
)
def test_chance_is_computed_exactly(count: int, chances: list[float], probability: float) -> None:
    """The probability of so many hits or more is exact, also where each has its own chance."""
    assert at_least(count, chances) == pytest.approx(probability)


def test_answers_that_length_gives_away_are_found() -> None:
    """A bank whose right choices are all the longest ones is suspicious; one that varies is not."""
    import dataclasses

    def asked(number: int, right: int) -> Any:
        choices = [
            dataclasses.replace(choice, correct=place == right, text=both("x" * (10 + 5 * place), "某" * (10 + place)))
            for place, choice in enumerate(CHOICES)
        ]
        return entry("choice", f"c-{number}", choices=tuple(choices))

    always = {share.name: share for share in measure_choices([asked(n, 2) for n in range(9)])}
    varied = measure_choices([asked(n, n % 3) for n in range(9)])
    assert always["the longest choice is right (en)"].is_suspicious
    assert always["the right choice is number 3"].is_suspicious
    assert not any(share.is_suspicious for share in varied)


def test_the_glossary_is_read_and_kept_to(tmp_path: Path) -> None:
    """A rendering that the glossary advises against is a warning with the one to use; in code it is data."""
    (tmp_path / "docs").mkdir()
    rows = (
        "| English | 中文 | 说明 |\n| --- | --- | --- |\n| recall | 召回率 | 不用 查全率、回忆率 |\n| mask | 掩码 | |\n"
    )
    (tmp_path / "docs" / "glossary.md").write_text(rows, encoding="utf-8")
    terms = read_glossary(tmp_path)
    assert [(term.english, term.avoided) for term in terms] == [("recall", ("查全率", "回忆率")), ("mask", ())]
    found = list(check_terms(entry("open", prompt=both("Recall?", "查全率是多少？`回忆率`")), terms))
    assert [(one.field, "召回率" in one.says) for one in found] == [("prompt.zh", True)]


def test_a_pack_without_glossary_has_no_terms(tmp_path: Path) -> None:
    """Where there is no glossary, nothing is advised against."""
    assert read_glossary(tmp_path) == ()


@pytest.mark.parametrize(
    "text",
    [
        "This gives other weights (a), and",
        "(b) is wrong",
        "matmuls (b; as of torch 2.13)",
        "参数不同（a），而",
        "默认关闭（b；以 torch 2.13 为准）",
        "Option B ignores it",
        "choice c confuses the two",
        "选项 C 混淆了两者",
        "第二个选项",
        "the second option",
    ],
)
def test_choices_are_not_named_by_their_place(text: str) -> None:
    """They are shuffled for each person, so a letter means another one."""
    assert _CHOICE_BY_PLACE.search(text)


@pytest.mark.parametrize(
    "text",
    [
        "f(a) + g(b)",
        "a mean (a sum over n)",
        "第二项等于二分之一",
        "the last layer",
        "（附录 a）",
        "the choice between them",
    ],
)
def test_other_letters_in_parentheses_are_left_alone(text: str) -> None:
    """Formulas, prose and names of layers are no choices."""
    assert not _CHOICE_BY_PLACE.search(text)


@pytest.mark.parametrize(
    "text", ["quantised weights", "the colours", "a neighbouring row", "98 % of them", "unlabelled"]
)
def test_spelling_that_is_not_the_bank_s(text: str) -> None:
    """British words, and a blank before a percent sign, are pointed out."""
    assert list(_unusual("en", text))


@pytest.mark.parametrize(
    "text", ["noise is precise", "7 % 3 and x % 2", "analyses", "surprised", "98% of them", "concise"]
)
def test_spelling_that_is(text: str) -> None:
    """American words, words that end alike, and the modulus are not."""
    assert not list(_unusual("en", text))


@pytest.mark.parametrize("edit", [lambda topic: topic.pop("weight"), lambda topic: topic.update(weight=9)])
def test_a_topic_without_a_weight_is_one_sentence(
    pack_root: Path, rewrite: Callable[[Path, Edit], None], edit: Edit
) -> None:
    """A weight that is missing or out of range is told once, not once for each entry, and stops no check."""
    rewrite(pack_root / "bank" / "syllabus.yaml", lambda value: edit(value["areas"][0]["topics"][0]))
    report = check_bank(Pack(pack_root))
    (problem,) = report.problems
    assert "areas.0.topics.0.weight" in problem
    assert "syllabus.yaml" in problem


@pytest.mark.parametrize("unit", ["thousand users", "tokens/s", "m per s"])
def test_a_unit_in_words_needs_both_languages(bank: Callable[..., Any], unit: str) -> None:
    """English words are not shown to who reads Chinese."""
    report = bank(lambda e: as_numeric(e, unit))
    assert [one for one in report.problems if "numeric.unit" in one and "{en: …, zh: …}" in one]


@pytest.mark.parametrize("unit", ["", "%", "GiB", "ms", "µs", "GB/s", {"en": "users", "zh": "名用户"}])
def test_a_symbol_is_a_unit_in_both_languages(bank: Callable[..., Any], unit: object) -> None:
    """Symbols stand alone, and words in both languages are what is wanted."""
    assert not [one for one in bank(lambda e: as_numeric(e, unit)).problems if "numeric.unit" in one]


@pytest.mark.parametrize(("pattern", "is_warned"), [("varian|方差", True), ("varian|方差 & grow|变大", False)])
def test_a_hint_of_one_word_is_pointed_out(bank: Callable[..., Any], pattern: str, *, is_warned: bool) -> None:
    """A pattern of one part credits wrong answers that speak of the same thing."""
    warnings = bank(set_at("rubric", 0, "accept", [pattern])).warnings
    assert any("rubric.0.accept.0" in warning and "` & `" in warning for warning in warnings) is is_warned
