"""From what an interviewer wrote to sessions: the use case behind `viva session new` and `swap`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grader.content.suggestion import SEE_LIST, suggestion
from grader.content.syllabus import Syllabus
from grader.errors import UsageError
from grader.files import read_text
from grader.model.entry import Entry, Kind
from grader.model.exercise import Exercise
from grader.model.session import BELONGS, Question, Replaced, Session, role_weight
from grader.model.text import Text
from grader.sessions import session_file
from grader.sessions.assemble import Form, assemble
from grader.sessions.blueprint import Blueprint, LevelFields, find_blueprint, topic_weights
from grader.sessions.debugging import PREFIX, exercise_of, is_hands_on, is_repair, made_entries, slug_meant
from grader.sessions.freeze import (
    FindExercise,
    Making,
    drawing_seed,
    freeze_entry,
    freeze_session,
    renumbered,
    topic_titles,
)
from grader.sessions.hands_on import BALANCE, REPAIR_MINUTES, level_distance
from grader.sessions.likeness import near_duplicates
from grader.sessions.pool import whim
from grader.sessions.wishes import (
    LEVELS,
    Wishes,
    check_minutes,
    frame_of,
    read_kinds,
    read_level,
    read_topics,
    usual_mix,
)

DEFAULT_MINUTES = 60
MAX_ROLE = 200
_ENTRY_ID = re.compile(r"[a-z0-9]+([-_][a-z0-9]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """`viva session new` as it was typed; None and empty mean that nothing was said."""

    role: str | None = None
    level: str | None = None
    minutes: int | None = None
    topics: tuple[str, ...] = ()
    coding: int | None = None
    debugging: int | None = None
    kinds: tuple[str, ...] = ()
    avoid: tuple[Path, ...] = ()
    per_topic: int = 1

    @property
    def is_empty(self) -> bool:
        """Whether nothing was wished."""
        return self == Order()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Wishes, and what the role is called."""

    wishes: Wishes
    title: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Bank:
    """Where entries, topics and exercises come from; all `exercises` are read only where repair tasks are made."""

    entries: Sequence[Entry]
    syllabus: Syllabus
    find_exercise: FindExercise
    exercises: Callable[[], Sequence[Exercise]] = tuple

    def with_repairs(self, seed: int, each: int | None) -> list[Entry]:
        """All entries, and others for repair tasks: `each` per exercise that has none, which a seed chooses, or all."""
        made = made_entries(self.exercises(), self.entries, lambda repair: whim(seed, repair.key), each)
        return [*self.entries, *made]


def plan(order: Order, syllabus: Syllabus) -> Plan:
    """The order with all gaps filled in from the role's blueprint. Raises UsageError and ContentError."""
    role = (order.role or "ml-engineer").strip()
    if not role.isprintable() or len(role) > MAX_ROLE:
        raise UsageError(
            f"--role is the title of a job in one line of at most {MAX_ROLE} characters; write it anew",
            f"--role 是一行以内、最多 {MAX_ROLE} 个字符的岗位名称；请重写",
        )
    blueprint = find_blueprint(role)
    level = read_level(order.level or blueprint.level)
    usual = blueprint.levels.get(level)
    minutes = check_minutes(order.minutes or _usual_minutes(blueprint, usual))
    opening, closing = frame_of(minutes)
    usual_topics = () if order.topics else blueprint.topics
    usual_coding = _usual_coding(usual, minutes)
    wishes = Wishes(
        role=Path(role).stem if role.endswith((".yaml", ".yml")) else role,
        level=level,
        minutes=minutes,
        opening=opening,
        closing=closing,
        topics=read_topics(order.topics, syllabus),
        usual_topics=read_topics(usual_topics, syllabus),
        coding=order.coding,
        usual_coding=usual_coding,
        debugging=order.debugging or 0,
        kinds=read_kinds(order.kinds),
        mix=_mix(
            usual,
            minutes - REPAIR_MINUTES * (order.debugging or 0),
            usual_coding if order.coding is None else order.coding,
        ),
        weights=topic_weights(blueprint, syllabus, role),
        avoid=frozenset(name for path in order.avoid for name in read_avoided(path)),
        per_topic=order.per_topic,
    )
    return Plan(wishes=wishes, title=blueprint.title.freeze())


def make_sessions(
    planned: Plan, bank: Bank, *, seed: int, forms: int, created: str
) -> tuple[tuple[Session, ...], tuple[Form, ...]]:
    """One session per form, and what each was assembled from."""
    pool = bank.with_repairs(seed, each=forms) if planned.wishes.debugging else bank.entries
    assembled = assemble(planned.wishes, pool, seed, forms)
    sessions = tuple(
        freeze_session(
            planned.wishes,
            form.entries,
            Making(
                title=planned.title,
                seed=seed,
                form=number,
                forms=forms,
                created=created,
            ),
            bank.syllabus,
            bank.find_exercise,
        )
        for number, form in enumerate(assembled, 1)
    )
    return sessions, assembled


def read_avoided(path: Path) -> tuple[str, ...]:
    """Ids of entries that were asked before: from a session file or its folder, or a list with one id per line."""
    if path.is_dir() or path.suffix == ".json":
        session = session_file.read_session(session_file.locate(path))
        return tuple(question.entry for question in session.questions)
    try:
        lines = read_text(path).splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"--avoid: {path} cannot be read ({error}); name a session file or a list of ids",
            f"--avoid：无法读取 {path}（{error}）；请指定面试文件或题目 id 的清单",
        ) from error
    ids = [line.partition("#")[0].strip() for line in lines]
    for number, name in enumerate(ids, 1):
        if name and not _ENTRY_ID.fullmatch(name):
            raise UsageError(
                f"--avoid: {path}, line {number}: {name[:60]!r} is not the id of an entry; one id a line",
                f"--avoid：{path} 第 {number} 行：{name[:60]!r} 不是题目条目的 id；每行写一个 id",
            )
    return tuple(name for name in ids if name)


def unknown_avoided(avoid: Iterable[str], bank: Bank) -> list[tuple[str, Text]]:
    """The names to avoid that no entry and no exercise of the bank has, and what may have been meant by each."""
    ids = {entry.id for entry in bank.entries}
    others = sorted(name for name in avoid if name not in ids)
    slugs = {exercise.id for exercise in bank.exercises()} if others else set()
    return [(name, suggestion(name, ids | slugs, SEE_LIST)) for name in others if slug_meant(name) not in slugs]


def swap(session: Session, number: int, bank: Bank, *, wanted: str | None, seed: int) -> Session:
    """The session with question `number` replaced: by the entry `wanted`, else by the likest one. Raises UsageError."""
    old = session.question(number)
    if old is None:
        last = len(session.questions)
        raise UsageError(
            f"the session has no question {number}; its questions are 1 to {last}",
            f"这场面试没有第 {number} 题；题号是 1 到 {last}",
        )
    entries = bank.with_repairs(seed, each=None) if old.repair or (wanted or "").startswith(PREFIX) else bank.entries
    new = _named(wanted, session, old, entries) if wanted else likest(session, old, entries, seed)
    question = freeze_entry(new, number, drawing_seed(session.seed, session.form), bank.find_exercise)
    questions = [question if q is old else q for q in session.questions]
    changed = renumbered(session, questions)
    replaced = (*session.replaced, Replaced(number=number, entry=old.entry))
    return replace(changed, topics=topic_titles(questions, bank.syllabus), replaced=replaced)


def likest(session: Session, old: Question, entries: Iterable[Entry], seed: int) -> Entry:
    """The entry that could stand where `old` stands with the least change. Raises UsageError when none could."""
    taken = {question.entry for question in session.questions}
    others = [q for q in session.questions if q is not old]
    room = session.minutes - session.opening - session.closing - sum(q.minutes for q in others)
    longest = min(max(room, old.minutes), old.minutes + BALANCE)
    worked_on = {q.exercise.id for q in others if q.exercise}
    pool = [
        entry
        for entry in _without_duplicates(entries, others)
        if entry.status == "active"
        and entry.id not in taken
        and exercise_of(entry) not in worked_on
        and is_repair(entry) == bool(old.repair)
        and old.minutes - BALANCE <= entry.minutes <= longest
        and (entry.kind == "code") == (old.kind == "code")
        and (entry.topics[0] == old.topics[0] or _is_of_role(entry, session))
        and level_distance(entry, session.level) <= 1
    ]
    if not pool:
        raise UsageError(
            f"the bank holds nothing like question {old.number} (of the role, at most a level and {BALANCE} minutes "
            "away); name an entry yourself with --entry ID",
            f"题库中没有与第 {old.number} 题相近的题（属于该岗位，级别最多差一级，时长最多差 {BALANCE} 分钟）；"
            "请用 --entry ID 自行指定",
        )
    # A topic that another question is about already comes only where there is nothing else.
    taken_topics = {q.topics[0] for q in others} - {old.topics[0]}
    return min(
        pool,
        key=lambda entry: (
            entry.topics[0] in taken_topics,
            _difference(entry, old, session.weights),
            whim(seed, entry.id),
        ),
    )


def _is_of_role(entry: Entry, session: Session) -> bool:
    """Whether an entry is about something that the role does, or for talk, does not leave out."""
    least = BELONGS if is_hands_on(entry) else 0.0
    weight = role_weight(entry.topics, session.weights)
    return weight >= least and session.weights.get(entry.topics[0], BELONGS) > 0


def _difference(entry: Entry, old: Question, weights: Mapping[str, float]) -> float:
    apart = abs(LEVELS.index(entry.level) - LEVELS.index(old.level))
    same_topic, same_kind = entry.topics[0] == old.topics[0], entry.kind == old.kind
    figures = abs(entry.difficulty - old.difficulty) + abs(entry.minutes - old.minutes) / 2
    less = max(0.0, role_weight(old.topics, weights) - role_weight(entry.topics, weights))
    return 3 * (not same_topic) + 2 * (not same_kind) + 2 * less + figures + apart


def _without_duplicates(entries: Iterable[Entry], others: Sequence[Question]) -> list[Entry]:
    """Entries that ask something else than every other question of the session."""
    listed = list(entries)
    kept = {q.entry for q in others}
    alike = [(listed[first].id, listed[second].id) for first, second in near_duplicates(listed)]
    barred = {b for a, b in alike if a in kept} | {a for a, b in alike if b in kept}
    return [entry for entry in listed if entry.id not in barred]


def _named(wanted: str, session: Session, old: Question, entries: Sequence[Entry]) -> Entry:
    entry = _entry_of_name(wanted, entries, old)
    if entry is None:
        raise UsageError(
            f"--entry: there is no entry {wanted!r}; {SEE_LIST.en}", f"--entry：没有题目条目 {wanted!r}；{SEE_LIST.zh}"
        )
    wanted = entry.id
    if any(question.entry == wanted for question in session.questions):
        raise UsageError(
            f"--entry: the session has `{wanted}` already; name another entry",
            f"--entry：这场面试已经有 `{wanted}`；请换一道题",
        )
    other = next((q for q in session.questions if q is not old and _shares_exercise(q, entry)), None)
    if other is not None:
        raise UsageError(
            f"--entry: `{wanted}` is about the exercise of question {other.number}, and one gives the other away; "
            "name another entry",
            f"--entry：`{wanted}` 与第 {other.number} 题用的是同一道编程题，会互相泄露答案；请换一道题",
        )
    if entry.status != "active":
        status = {"draft": "草稿", "retired": "已停用"}[entry.status]
        raise UsageError(
            f"--entry: `{wanted}` is {entry.status}; only an active entry is asked",
            f"--entry：`{wanted}` 是{status}条目；只有启用的条目才会出题",
        )
    return entry


def _entry_of_name(name: str, entries: Sequence[Entry], old: Question) -> Entry | None:
    """The entry of an id; by the name of its exercise, the one that asks for it as `old` does: to write or to mend."""
    exact = next((entry for entry in entries if entry.id == name), None)
    slug = name.replace("-", "_")
    own = (entry for entry in entries if exercise_of(entry) == slug and is_repair(entry) == bool(old.repair))
    return exact or next((entry for entry in own if is_hands_on(entry)), None)


def _shares_exercise(question: Question, entry: Entry) -> bool:
    """Whether a question and an entry are worked on in one exercise."""
    return question.exercise is not None and question.exercise.id == exercise_of(entry)


def _usual_minutes(blueprint: Blueprint, usual: LevelFields | None) -> int:
    return blueprint.minutes if usual is None or usual.minutes is None else usual.minutes


def _usual_coding(usual: LevelFields | None, minutes: int) -> int:
    """Coding exercises take about 25 minutes; a short interview has none."""
    return min(usual.coding if usual is not None else 1, minutes // 40)


def _mix(usual: LevelFields | None, minutes: int, coding: int) -> Mapping[Kind, int]:
    if usual is None or minutes < 40:
        return usual_mix(minutes, coding)
    return {kind: round(count * minutes / DEFAULT_MINUTES) for kind, count in usual.kinds.items() if count}
