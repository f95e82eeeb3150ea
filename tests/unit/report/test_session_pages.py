"""Guides and reports of sessions as documents."""

from __future__ import annotations

import csv
import html.parser
import io
import json
import re
import string
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import get_args

import pytest

import grader.report
import grader.sessions
from grader.content.pack import Pack, builtin_pack_root
from grader.model.session import Session
from grader.model.session_figures import Resemblance, Results
from grader.model.session_results import RECOMMENDATIONS, Answer, Attempt, Sheet, Ticks, Turned
from grader.model.text import Lang, Text
from grader.model.verdict import Likeness, Outcome, Status
from grader.report.console import Console
from grader.report.session_charts import Bar, bar_chart, heat_map, range_chart
from grader.report.session_data import report_csv, report_document
from grader.report.session_guide import guide_html, guide_markdown
from grader.report.session_report import page_name, report_pages
from grader.report.session_terminal import render_report
from grader.report.strings.session_pages import PAGES
from grader.sessions.bundle import code_folder
from grader.sessions.figures import results_of
from tests.unit.sessions.conftest import freeze, make_entry
from tests.unit.sessions.test_collect import NOW, make_judged

EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&\x1b[31m\u202e"
KINDS = ("choice", "multi", "numeric", "order", "code", "open")


class Tags(html.parser.HTMLParser):
    """Every tag and its attributes, and the text outside of tags."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def parsed(page: str) -> Tags:
    tags = Tags()
    tags.feed(page)
    return tags


@pytest.fixture(scope="module")
def session() -> Session:
    """One question of each kind."""
    entries = [make_entry(f"entry-{kind}", kind, minutes=25 if kind == "code" else 5) for kind in KINDS]
    return freeze(entries, Pack(builtin_pack_root()))


@pytest.fixture(scope="module")
def results(session: Session) -> Results:
    """Results in which everything that a candidate controls is hostile."""
    judged = make_judged("evil", 5, score=5.0, source=f"x = 1\n# {EVIL}\n")
    case = Outcome(
        id="hidden::x",
        task="all",
        visibility="hidden",
        title=Text(en="A case", zh="一个用例"),
        status=Status.RUNTIME_ERROR,
        duration_ms=1.0,
        message=Text.same(f'ValueError: {EVIL}\n  File "solution.py", line 2, in f\n'),
    )
    judged = replace(judged, verdict=replace(judged.verdict, cases=(case,), message=EVIL, integrity=(EVIL,)))
    records = [
        Attempt(
            candidate="evil",
            name=f"=cmd|{EVIL}",
            archive="evil.zip",
            digest="d",
            at=NOW,
            answers={1: Answer(given=EVIL, score=None), 2: Answer(given="", score=0.0)},
            essays={6: EVIL},
            notes=(Text(en=EVIL, zh=EVIL),),
        ),
        judged,
        Sheet(
            candidate="evil",
            interviewer=EVIL,
            at=NOW,
            questions={6: Ticks(criteria={"one": 1.0}, note=EVIL)},
            note=EVIL,
        ),
        Turned(archive=EVIL, reason=Text(en=EVIL, zh=EVIL), at=NOW),
        *(
            Attempt(
                candidate=f"p{n}",
                name=f"P {n}",
                archive="",
                digest="",
                at=NOW,
                answers={k: Answer(given="A", score=n / 15) for k in (1, 2, 3, 4)},
            )
            for n in range(15)
        ),
    ]
    return results_of(session, records, Resemblance(left_out=EVIL))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_nothing_of_a_candidate_is_obeyed(results: Results, lang: Lang) -> None:
    """No page has a script, an image or a handler, and what was written shows as text."""
    for name, page in report_pages(results, lang):
        found = parsed(page)
        assert not {tag for tag, _ in found.tags} & {"script", "img", "iframe", "form", "object", "link"}, name
        assert not [a for _, attributes in found.tags for a in attributes if a.startswith("on")], name
        assert "\x1b" not in page
        assert "\u202e" not in page
    own = dict(report_pages(results, lang))[f"candidates/{page_name('evil')}"]
    assert parsed(own).text.count("<script>alert(1)</script>") >= 7


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_links_between_pages_lead_somewhere(results: Results, lang: Lang) -> None:
    """Every link of the first page is a page of the report."""
    pages = dict(report_pages(results, lang))
    links = {attributes["href"] for tag, attributes in parsed(pages["index.html"]).tags if tag == "a"}
    assert links == {name for name in pages if name != "index.html"}


def test_an_error_is_shown_at_its_line(results: Results) -> None:
    """The line of the traceback carries the message."""
    own = dict(report_pages(results, "en"))[f"candidates/{page_name('evil')}"]
    at = own.index('class="hit"')
    assert "# &lt;script&gt;" in own[at : at + 300]
    assert "↑ ValueError" in own[at : at + 900]


def test_pages_need_no_network(results: Results, session: Session) -> None:
    """Nothing is loaded from anywhere: no address but those of sources, and a policy that forbids it."""
    for _, page in [*report_pages(results, "en"), ("", guide_html(session, "en"))]:
        loads = [
            v for _, attributes in parsed(page).tags for k, v in attributes.items() if k in ("src", "action", "data")
        ]
        assert loads == []
        assert "default-src 'none'" in page


def test_json_holds_everything(results: Results) -> None:
    """The document is valid JSON with every candidate, and what was not assessed is null."""
    document = json.loads(json.dumps(report_document(results), allow_nan=False))
    assert len(document["candidates"]) == 16
    unassessed = next(c for c in document["candidates"] if c["candidate"] == "p3")["questions"][5]
    assert unassessed["score"] is None


@pytest.mark.parametrize(("lang", "word"), [("en", "Provisional"), ("zh", "暂定")])
def test_a_provisional_score_looks_so_everywhere(session: Session, lang: Lang, word: str) -> None:
    """On both pages, in JSON, in CSV and at the terminal a score that may change is marked."""
    scores = {1: 1.0, 2: None, 3: 0.0, 4: 0.0}
    answers = {number: Answer(given="x", score=score) for number, score in scores.items()}
    attempt = Attempt(candidate="Ada", name="Ada", archive="a.zip", digest="d", at=NOW, answers=answers)
    found = results_of(session, [attempt], Resemblance())
    for page in dict(report_pages(found, lang)).values():
        text = parsed(page).text
        assert "25%*" in text
        assert word in text
    (candidate,) = report_document(found)["candidates"]
    assert candidate["provisional"] is True
    assert [question["unread"] for question in candidate["questions"]] == [False, True, False, False, False, False]
    (row,) = csv.DictReader(io.StringIO(report_csv(found)))
    assert (row["provisional"], row["score"]) == ("yes", "0.2500")
    console = Console(file=io.StringIO(), width=100)
    render_report(found, Path("index.html"), console, lang)
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "25%*" in shown
    assert word.lower() in shown


def test_csv_starts_no_formula(results: Results) -> None:
    """A name that a spreadsheet would calculate is text, and every row has all columns."""
    rows = list(csv.reader(io.StringIO(report_csv(results))))
    assert len({len(row) for row in rows}) == 1
    name = next(row[2] for row in rows if row[1] == "evil")
    assert name.startswith("'=cmd|")
    first = replace(results.candidates[0], name="＝1+1")
    assert "'＝1+1" in report_csv(replace(results, candidates=(first,)))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_guide_has_what_an_interviewer_needs(session: Session, lang: Lang) -> None:
    """Prompts, model answers, every criterion and flag, right answers, notes on code; in HTML and in Markdown."""
    page = parsed(guide_html(session, lang)).text
    text = guide_markdown(session, lang)
    for document in (page, text):
        for kind in KINDS:
            assert f"Prompt {kind}" in document
            assert f"MODEL-ANSWER-{kind}" in document
            assert f"RED-FLAG-{kind}" in document
        assert "RUBRIC-one-open" in document
        assert "12.5 GiB" in document
        assert session.questions[0].right_labels in document
        assert ("面试官笔记" if lang == "zh" else "Notes for the interviewer") in document


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_titles_are_set_as_markdown(results: Results, lang: Lang) -> None:
    """Code in a title is code on every page, and not backquotes."""
    title = Text(en="`r2_score` prints −0.35", zh="`r2_score` 输出 −0.35")
    questions = tuple(replace(q, title=title) for q in results.session.questions)
    session = replace(results.session, questions=questions)
    marks = [replace(mark, question=q) for mark, q in zip(results.candidates[0].marks, questions, strict=True)]
    shown = replace(
        results,
        session=session,
        duels={},
        candidates=(replace(results.candidates[0], marks=tuple(marks)),),
        items=tuple(replace(item, title=title) for item in results.items),
    )
    for page in (guide_html(session, lang), *(page for _, page in report_pages(shown, lang))):
        assert "`r2_score`" not in page
        assert page.count("<code>r2_score</code>") >= len(questions)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_sentences_are_not_methods(session: Session, lang: Lang) -> None:
    """A sentence whose name a dict has as a method would show that method: no page does."""
    assert not {name for name in PAGES if hasattr(dict, name)}
    assert "built-in method" not in guide_html(session, lang)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_guide_says_where_the_statement_is(session: Session, lang: Lang) -> None:
    """A printed guide leaves the statement out and names its place in the candidate's zip."""
    folder = code_folder(session.questions[4])
    for document in (guide_html(session, lang), guide_markdown(session, lang)):
        assert folder in document


def test_the_form_has_a_field_for_every_mark(session: Session) -> None:
    """Each criterion has three buttons, each red flag a box, each question minutes and a note.

    A coding question has a field to overrule the verdict, the whole a button for each recommendation.
    """
    tags = parsed(guide_html(session, "en")).tags
    kinds = [attributes.get("type") for tag, attributes in tags if tag == "input"]
    criteria = sum(len(q.rubric) for q in session.questions)
    aloud = sum(q.grades_itself and not q.exercise for q in session.questions)
    assert kinds.count("radio") == 3 * (criteria + aloud) + len(RECOMMENDATIONS)
    assert kinds.count("checkbox") == sum(len(q.red_flags) for q in session.questions)
    assert kinds.count("number") == len(session.questions) + sum(bool(q.exercise) for q in session.questions)


def test_a_bar_ends_where_its_figure_says() -> None:
    """A score of 50 % is drawn in the middle of the scale, a range from its low to its high."""
    drawn = str(range_chart([Bar(name="x", value=0.5, low=0.25, high=1.0)], "c"))
    assert 'cx="525.0"' in drawn
    assert 'x="367.5" y="15" width="472.5"' in drawn
    assert 'width="270.0" height="18" rx="3" fill="#1f5fa8"' in str(bar_chart([Bar(name="x", value=0.5)], "c"))


def test_charts_escape_names() -> None:
    """A name in a chart is text."""
    for chart in (range_chart([Bar(name=EVIL, value=1)], EVIL), heat_map([EVIL], [EVIL], [[None]], EVIL)):
        assert {tag for tag, _ in parsed(str(chart)).tags} <= {"svg", "g", "text", "title", "rect", "line", "circle"}


def test_keys_that_look_alike_get_different_pages() -> None:
    """Two candidates never share a file, and no file leaves its folder."""
    names = {page_name(key) for key in ("a b", "a-b", "../a", "", "李雷", "a" * 300)}
    assert len(names) == 6
    assert not [name for name in names if "/" in name or name.startswith(".")]


def _fields(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("key", PAGES)
def test_sentences_of_pages(key: str) -> None:
    """Each exists in both languages with the same placeholders, and some page uses it."""
    text = PAGES[key]
    assert text.en.strip()
    assert text.zh.strip()
    assert _fields(text.en) == _fields(text.zh)
    assert key in _used() or key.startswith(("kind_", "level_", "rec_")) or key in get_args(Likeness)


@cache
def _used() -> set[str]:
    folder = Path(grader.report.__path__[0])
    templates = "".join(path.read_text(encoding="utf-8") for path in (folder / "templates").glob("*.html"))
    code = [*folder.glob("session_*.py"), *Path(grader.sessions.__path__[0]).glob("*.py")]
    named = {name for path in code for name in re.findall(r'"([a-z_0-9]+)"', path.read_text(encoding="utf-8"))}
    quoted = {name for path in code for name in re.findall(r"'([a-z_0-9]+)'", path.read_text(encoding="utf-8"))}
    return set(re.findall(r"\bt\.([a-z_0-9]+)", templates)) | named | quoted
