"""What people say of a candidate: recommendations, red flags, two interviewers' marks, and one mistake as one."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from grader.content.pack import Pack, builtin_pack_root
from grader.model.session import Session
from grader.model.session_figures import Mark, Resemblance, Results
from grader.model.session_results import RECOMMENDATIONS, Answer, Attempt, Judged, Record, Sheet, Ticks
from grader.model.text import Lang, Text
from grader.model.verdict import Diagnosis, Likeness, Status, TaskScore
from grader.report.session_data import report_csv, report_document
from grader.report.session_guide import guide_html, guide_markdown
from grader.report.session_page import phrases
from grader.report.session_report import candidate_page, index_page, print_page
from grader.report.session_share import share_html
from grader.sessions.figures import results_of
from tests.unit.report.test_session_pages import KINDS, parsed
from tests.unit.sessions.conftest import freeze, make_entry
from tests.unit.sessions.test_collect import NOW, make_judged

LANGS: tuple[Lang, ...] = ("en", "zh")


@pytest.fixture(scope="module")
def session() -> Session:
    """One question of each kind: 5 is code, 6 is talk."""
    entries = [make_entry(f"entry-{kind}", kind, minutes=25 if kind == "code" else 5) for kind in KINDS]
    return freeze(entries, Pack(builtin_pack_root()))


def attempt(**fields: object) -> Attempt:
    return Attempt(candidate="Ada", name="Ada", archive="", digest="", at=NOW, **fields)  # type: ignore[arg-type]


def sheet(who: str, one: float, two: float, **fields: object) -> Sheet:
    """An interviewer's marks on the talk."""
    ticks = Ticks(criteria={"one": one, "two": two}, red_flags=(1,) if one == 0 else (), note=f"note of {who}")
    return Sheet(candidate="Ada", interviewer=who, at=NOW, questions={6: ticks}, **fields)  # type: ignore[arg-type]


def shown(session: Session, *records: Record) -> Results:
    return results_of(session, records, Resemblance())


def texts(results: Results, lang: Lang) -> tuple[str, str]:
    """What the front page and the candidate's page say."""
    pages = index_page(results, lang), candidate_page(results, results.candidates[0], {}, lang)
    front, own = (
        " ".join(parsed(re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)).text.split()) for page in pages
    )
    return front, own


@pytest.mark.parametrize("lang", LANGS)
def test_questions_stand_beside_answers(session: Session, lang: Lang) -> None:
    """Each answer has its question's text, and all that there was to choose from, with what was chosen."""
    letter = next(option.label for option in session.questions[0].options if not option.correct)
    _, own = texts(shown(session, attempt(answers={1: Answer(given=letter, score=0.0)})), lang)
    for question in session.questions:
        assert " ".join(question.prompt.get(lang).split()) in own
        for option in (*question.options, *question.steps):
            assert option.text.get(lang) in own
    chosen = next(option for option in session.questions[0].options if option.label == letter)
    assert f"{chosen.text.get(lang)} ← {phrases(lang)['given_mark']}" in own
    assert own.count(phrases(lang)["given_mark"]) == 1


@pytest.mark.parametrize("lang", LANGS)
def test_the_front_page_says_what_people_say(session: Session, lang: Lang) -> None:
    """Recommendation, red flags with who saw them, and the overall impression; the candidate's page has them too."""
    results = shown(
        session,
        attempt(),
        sheet("Grace", 1, 1, note="explains well", recommendation="strong_hire"),
        sheet("Linus", 0, 1, note="guessed", recommendation="no_hire"),
    )
    say = phrases(lang)
    for text in texts(results, lang):
        for said in ("explains well", "guessed", say["rec_strong_hire"], say["rec_no_hire"]):
            assert said in text
        assert f"{session.questions[5].red_flags[0].get(lang)} (Linus)" in text
        assert say["apart_recommendations"] in text


@pytest.mark.parametrize(
    ("given", "chosen"),
    [("B D", 2), ("b,d", 2), ("BD", 2), ("选Ｂ", 1), ("B and D", 2), ("a bad idea", 1), ("", 0), ("none", 0)],
)
def test_what_was_chosen(session: Session, given: str, chosen: int) -> None:
    """Letters that stand alone or side by side are marked as chosen, and letters of words are not."""
    _, own = texts(shown(session, attempt(answers={2: Answer(given=given, score=None)})), "en")
    assert own.count(f"← {phrases('en')['given_mark']}") == chosen


def test_nobody_said_anything(session: Session) -> None:
    """Without rubrics the front page has no section of impressions."""
    front, _ = texts(shown(session, attempt()), "en")
    assert phrases("en")["impressions"] not in front


@pytest.mark.parametrize("lang", LANGS)
def test_interviewers_who_disagree(session: Session, lang: Lang) -> None:
    """Both marks stand side by side with their sums; a criterion that they saw differently is marked, so is a gap."""
    results = shown(session, attempt(), sheet("Grace", 1, 1), sheet("Linus", 0, 1))
    front, own = texts(results, lang)
    say = phrases(lang)
    joined = own.replace(" ", "")
    assert f"RUBRIC-one-open{'（中）' if lang == 'zh' else ''}50%{say['met']}{say['not_met']}" in joined
    assert "≠ RUBRIC-one-open" in own
    assert "≠ RUBRIC-two-open" not in own
    assert f"{say['all_talk']}100%50%".replace(" ", "") in joined
    assert "100%" in front.partition(say["impressions"])[2].partition("Linus 50%")[0]
    assert say["talk_it_over"] in front
    mark = results.candidates[0].marks[5]
    assert (mark.gap, mark.score) == (0.5, 0.75)


def test_interviewers_who_agree(session: Session) -> None:
    """A small gap is no disagreement, one interviewer has none, and several without a name stay apart."""
    front, own = texts(shown(session, attempt(), sheet("Grace", 1, 1), sheet("Linus", 1, 0.9)), "en")
    assert phrases("en")["talk_it_over"] not in front + own
    alone = shown(session, attempt(), sheet("", 1, 0)).candidates[0].marks[5]
    assert (alone.gap, dict(alone.talks)) == (None, {"": 0.5})


def judged(session: Session, lost: int, *likenesses: Likeness) -> Judged:
    """A verdict that failed the last `lost` of three tasks of 2, 3 and 5 points."""
    found = make_judged("Ada", 5)
    points = (2.0, 3.0, 5.0)
    tasks = tuple(
        TaskScore(id=f"t{n}", title=Text.same(f"Task {n}"), score=0.0 if n >= 3 - lost else most, max_score=most)
        for n, most in enumerate(points)
    )
    score = sum(task.score for task in tasks)
    diagnosis = tuple(
        Diagnosis(mutant=f"m{n}", title=Text.same(f"mistake {n}"), advice=Text.same("mend it"), likeness=likeness)
        for n, likeness in enumerate(likenesses)
    )
    verdict = replace(
        found.verdict, status=Status.WRONG_ANSWER, tasks=tasks, score=score, max_score=10.0, diagnosis=diagnosis
    )
    return replace(found, verdict=verdict)


@pytest.mark.parametrize("lang", LANGS)
def test_one_mistake_is_shown_as_one(session: Session, lang: Lang) -> None:
    """Where one known mistake explains all tasks that failed, the page says so, and what it costs if counted once."""
    results = shown(session, attempt(code={5: "sha256:x"}), judged(session, 3, "behaves_like"))
    _, own = texts(results, lang)
    assert "“Task 0”" in own
    assert "score: 0.50" in own
    assert ("0/10" if lang == "zh" else "0 of 10") in own
    assert ("5/10" if lang == "zh" else "5 of 10") in own
    document = report_document(results)["candidates"][0]["questions"][4]
    assert (document["points_if_one_mistake_counts_once"], document["score"]) == (5.0, 0.0)


@pytest.mark.parametrize(
    ("lost", "likenesses"),
    [(1, ["behaves_like"]), (3, []), (3, ["looks_most_like"]), (3, ["behaves_like", "behaves_like"]), (0, [])],
)
def test_what_is_not_one_mistake(session: Session, lost: int, likenesses: list[Likeness]) -> None:
    """One task, no diagnosis, one that explains a part, or two of them: nothing is said."""
    results = shown(session, attempt(code={5: "sha256:x"}), judged(session, lost, *likenesses))
    assert _code(results).once is None


def test_a_person_overrules_a_verdict(session: Session) -> None:
    """The share that a rubric gives a coding question stands in for the verdict, and the page says who gave it."""
    own_share = Sheet(candidate="Ada", interviewer="Grace", at=NOW, questions={5: Ticks(score=0.5)})
    results = shown(session, attempt(code={5: "sha256:x"}), judged(session, 3, "behaves_like"), own_share)
    assert _code(results).score == 0.5
    assert "Grace: set the score to 50%" in texts(results, "en")[1]


def _code(results: Results) -> Mark:
    return results.candidates[0].marks[4]


def test_machines_get_it_too(session: Session) -> None:
    """JSON and CSV have recommendations, red flags, each interviewer's marks and how far they are apart."""
    results = shown(session, attempt(), sheet("Grace", 1, 1, recommendation="hire"), sheet("Linus", 0, 1))
    document = json.loads(json.dumps(report_document(results)))["candidates"][0]
    assert document["recommendations"] == [{"interviewer": "Grace", "recommendation": "hire"}]
    assert [(flag["number"], flag["interviewers"]) for flag in document["red_flags"]] == [(6, ["Linus"])]
    assert (document["questions"][5]["talk_by"], document["questions"][5]["talk_gap"]) == (
        {"Grace": 1.0, "Linus": 0.5},
        0.5,
    )
    head, row = report_csv(results).splitlines()
    assert head.endswith("recommendations,red_flags")
    assert row.endswith("Grace: hire,1")


@pytest.mark.parametrize("lang", LANGS)
def test_the_printed_report_holds_every_page(session: Session, lang: Lang) -> None:
    """One document without scripts: the front page, then each candidate on a sheet of their own, once."""
    bo = replace(attempt(), candidate="Bo", name="Bo")
    results = shown(session, attempt(), bo, sheet("Grace", 1, 1, note="well done"))
    page = print_page(results, lang)
    found = parsed(page)
    assert [tag for tag, _ in found.tags].count("article") == 3
    assert [tag for tag, _ in found.tags].count("body") == 1
    assert not {"script", "link", "iframe"} & {tag for tag, _ in found.tags}
    assert page.count("<h1>Ada</h1>") == page.count("<h1>Bo</h1>") == 1


@pytest.mark.parametrize("lang", LANGS)
def test_nothing_of_a_stranger_ends_the_printed_report(session: Session, lang: Lang) -> None:
    """Names, answers and notes that look like the ends of our own marks are text, and cut nothing off."""
    evil = "</body></article></style><body><style><script>alert(1)</script>"
    hostile = attempt(answers={1: Answer(given=evil, score=None)}, essays={6: evil})
    results = shown(
        session,
        replace(hostile, name=evil),
        Sheet(
            candidate="Ada", interviewer=evil, at=NOW, questions={6: Ticks(criteria={"one": 1}, note=evil)}, note=evil
        ),
        replace(attempt(), candidate="Bo", name="Bo"),
    )
    page = print_page(results, lang)
    found = parsed(page)
    names = [tag for tag, _ in found.tags]
    assert (names.count("body"), names.count("style"), names.count("article")) == (1, 1, 3)
    assert "script" not in names
    assert page.count("</article>") == 3
    assert "<h1>Bo</h1>" in page
    assert found.text.count(evil) >= 6


@pytest.mark.parametrize("lang", LANGS)
def test_the_page_to_share_holds_no_answer(session: Session, lang: Lang) -> None:
    """Prompts, choices as they are labelled, statement and stub are there; nothing that a guide alone says is."""
    page = share_html(session, lang, [("From", "<b>Acme</b>")])
    text = parsed(page).text
    for question in session.questions:
        assert question.prompt.get(lang)[:20] in text
        for choice in (*question.options, *question.steps):
            assert choice.text.get(lang) in text
    assert "f1_score" in text
    for private in ("MODEL-ANSWER", "RUBRIC-", "WHY-", "HINT-", "RED-FLAG", "entry-", "correct", "12.5"):
        assert private not in page
    for mark in ("✓", 'class="good"', "<script", 'http-equiv="refresh"'):
        assert mark not in page
    assert "<b>Acme" not in page
    exercise = session.questions[4].exercise
    assert exercise
    assert exercise.notes.get(lang).strip().splitlines()[-1] not in text
    assert all(task.title.get(lang) not in text for task in exercise.tasks)


@pytest.mark.parametrize("lang", LANGS)
def test_the_guide_shows_steps_as_the_candidate_sees_them(session: Session, lang: Lang) -> None:
    """In the order of their labels, each with its place; the key says the right order."""
    question = session.questions[3]
    section = guide_html(session, lang).partition('id="q4"')[2].partition("</section>")[0]
    labels = re.findall(
        r'<td class="nowrap"><b>([A-Z])</b></td><td>Step (s\d)[^<]*</td><td class="num soft">(\d)</td>', section
    )
    assert [label for label, _, _ in labels] == sorted(step.label for step in question.steps)
    assert all(name == f"s{place}" for _, name, place in labels)
    assert question.right_labels in section
    for step in question.steps:
        assert f"- **{step.label}** {step.text.get(lang)} ({phrases(lang)['place']} {step.place})" in guide_markdown(
            session, lang
        )


@pytest.mark.parametrize("lang", LANGS)
def test_every_recommendation_has_a_word(lang: Lang) -> None:
    """Five of them, all different."""
    assert len({phrases(lang)[f"rec_{name}"] for name in RECOMMENDATIONS}) == 5
