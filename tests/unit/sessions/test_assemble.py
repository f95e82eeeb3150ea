"""Choosing entries for wishes."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.model.entry import Entry
from grader.sessions.assemble import assemble, in_order, overlap
from grader.sessions.pool import MEAN_SLACK
from grader.sessions.wishes import TARGETS, TopicWish, Wishes
from tests.unit.sessions.conftest import make_bank, make_entry

BANK = make_bank()
WISHES = Wishes(role="tester", level="mid", minutes=60, opening=3, closing=5, coding=1)


def topic(name: str, count: int) -> TopicWish:
    return TopicWish(name=name, topics=frozenset({name}), count=count)


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    minutes=st.sampled_from([45, 60, 90]),
    level=st.sampled_from(["junior", "mid", "senior"]),
    coding=st.sampled_from([0, 1]),
)
def test_what_is_firm_is_met(seed: int, minutes: int, level: str, coding: int) -> None:
    """Time, coding, levels, difficulty and one question a topic hold for every seed."""
    wishes = replace(WISHES, level=level, minutes=minutes, coding=coding)
    (form,) = assemble(wishes, BANK, seed)
    assert wishes.budget - max(2, round(0.06 * wishes.budget)) <= form.minutes <= wishes.budget
    assert sum(entry.kind == "code" for entry in form.entries) == coding
    main = [entry.topics[0] for entry in form.entries]
    assert len(main) == len(set(main))
    order = ("junior", "mid", "senior", "staff")
    assert all(abs(order.index(entry.level) - order.index(level)) <= 1 for entry in form.entries)
    assert abs(form.difficulty - TARGETS[level]) * form.minutes <= MEAN_SLACK * wishes.budget + 1e-6


def test_the_same_seed_gives_the_same() -> None:
    """A seed names a choice, whatever order the bank is read in."""
    first, second = assemble(WISHES, BANK, 7), assemble(WISHES, list(reversed(BANK)), 7)
    assert [entry.id for entry in first[0].entries] == [entry.id for entry in second[0].entries]


def test_seeds_differ() -> None:
    """Different seeds give different choices."""
    found = {tuple(entry.id for entry in assemble(WISHES, BANK, seed)[0].entries) for seed in range(6)}
    assert len(found) >= 4


def test_topics_are_covered() -> None:
    """A topic that was asked for twice comes twice."""
    wishes = replace(WISHES, topics=(topic("train.memory", 2), topic("biz.cost", 1)))
    (form,) = assemble(wishes, BANK, 1)
    main = [entry.topics[0] for entry in form.entries]
    assert main.count("train.memory") >= 2
    assert "biz.cost" in main


def test_what_is_avoided_does_not_come() -> None:
    """Entries of earlier sessions are left out."""
    (first,) = assemble(WISHES, BANK, 5)
    avoid = frozenset(entry.id for entry in first.entries if entry.kind != "code")
    (second,) = assemble(replace(WISHES, avoid=avoid), BANK, 5)
    assert not avoid & {entry.id for entry in second.entries}


def test_near_duplicates_do_not_meet() -> None:
    """Two entries with nearly the same words are never in one session."""
    words = " ".join(f"word{n}" for n in range(30))
    text = make_entry("x").prompt
    twins = [
        make_entry(f"twin-{n}", minutes=20, topics=(t,), prompt=replace(text, en=words), title=replace(text, en="T"))
        for n, t in enumerate(("arch.attention", "arch.rnn"))
    ]
    other = make_entry("other", minutes=20, topics=("train.loop",))
    wishes = replace(WISHES, minutes=48, coding=None, mix={})
    (form,) = assemble(wishes, [*twins, other], 0)
    assert {entry.id for entry in form.entries} - {"other"} in ({"twin-0"}, {"twin-1"})


def test_inactive_entries_are_not_asked() -> None:
    """Drafts and retired entries are not in the pool."""
    drafts = [replace(entry, status="draft") for entry in BANK]
    with pytest.raises(UsageError, match="no active entry"):
        assemble(WISHES, drafts, 0)


@pytest.mark.parametrize("forms", [2, 3])
def test_parallel_forms_are_equally_hard(forms: int) -> None:
    """Forms differ by at most 0.3 in mean difficulty and 2 minutes, and share no entry that they need not share."""
    found = assemble(replace(WISHES, coding=0), BANK, 11, forms)
    hard = [form.difficulty for form in found]
    long = [form.minutes for form in found]
    assert max(hard) - min(hard) <= 0.5
    assert max(long) - min(long) <= 4
    assert overlap(found) == 0


def test_scarce_entries_are_shared() -> None:
    """Where there is only one entry for a wish, every form has it, and nothing else is shared."""
    single = [entry for entry in BANK if entry.kind != "code" or entry.id == "code-0"]
    found = assemble(WISHES, single, 11, 2)
    assert overlap(found) == 1


def test_it_begins_easy_and_rises() -> None:
    """After the first question difficulty never falls; coding does not come first."""
    (form,) = assemble(WISHES, BANK, 4)
    assert form.entries[0].kind != "code"
    rising = [entry.difficulty for entry in form.entries[1:]]
    assert rising == sorted(rising)


def test_only_coding_is_ordered_too() -> None:
    """A session of coding alone has an order as well."""
    entries = [make_entry("b", "code", difficulty=6), make_entry("a", "code", difficulty=3)]
    assert [entry.id for entry in in_order(entries)] == ["a", "b"]


def failing(wishes: Wishes, bank: list[Entry] = BANK) -> str:
    with pytest.raises(UsageError, match="no choice of entries meets all wishes") as caught:
        assemble(wishes, bank, 0)
    return str(caught.value)


def test_too_many_of_a_topic() -> None:
    """The message says how many of the topic can be had."""
    message = failing(replace(WISHES, coding=0, topics=(topic("biz.cost", 9),)))
    assert "change `--topics biz.cost:9` to `--topics biz.cost:" in message


def test_a_topic_that_the_bank_lacks() -> None:
    """A topic without entries is to be left out."""
    message = failing(replace(WISHES, topics=(topic("app.speech", 1),)))
    assert "leave out `--topics app.speech:1` (the bank has 0" in message


def test_too_much_coding_for_the_time() -> None:
    """Of fewer exercises and more minutes the lesser change is told, and it alone."""
    message = failing(replace(WISHES, minutes=50, coding=2))
    assert message.endswith(": change `--minutes 50` to `--minutes 60`")
    message = failing(replace(WISHES, minutes=40, opening=2, closing=3, coding=4))
    assert "change `--coding 4` to `--coding 1`" in message
    assert "--minutes" not in message


def test_a_relaxed_wish_can_be_met() -> None:
    """What the message says to type is enough."""
    failing(replace(WISHES, minutes=40, coding=2))
    assert assemble(replace(WISHES, minutes=40, coding=1), BANK, 0)


def test_usual_coding_gives_way() -> None:
    """What a role usually has stands in nobody's way: where it does not fit, there is less of it."""
    usual = replace(WISHES, coding=None, usual_coding=1)
    assert [entry.kind for entry in assemble(usual, BANK, 0)[0].entries].count("code") == 1
    short = replace(usual, minutes=30, opening=2, closing=3, kinds={"open": 3})
    assert [entry.kind for entry in assemble(short, BANK, 0)[0].entries].count("code") == 0


def test_everything_avoided() -> None:
    """When all was asked before, the message names entries that must come again, and they are enough."""
    avoid = frozenset(entry.id for entry in BANK)
    message = failing(replace(WISHES, avoid=avoid))
    assert f"of the {len(BANK)} entries out of --avoid" in message
    again = frozenset(re.findall(r"`([^`]+)`", message))
    assert assemble(replace(WISHES, avoid=avoid - again), BANK, 0)


def test_no_single_wish_is_enough() -> None:
    """Where two wishes stand in the way, both are named."""
    message = failing(replace(WISHES, topics=(topic("app.speech", 1), topic("app.vision", 1))))
    assert "together" in message
    assert "app.speech" in message
    assert "app.vision" in message


def test_more_forms_than_is_sensible() -> None:
    """The number of forms has a limit that is told."""
    with pytest.raises(UsageError, match="--variants is 99"):
        assemble(WISHES, BANK, 0, 99)
