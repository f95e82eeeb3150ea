"""How much of a reference its suite holds in place: the share of automatic mutants that some case tells from it.

Mutants that the author has listed as equivalent, with a reason, do not count; one that is listed and told apart all the
same, or that no operator makes any more, is a mistake in the list.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from grader.grading.mutation.mutant import Mutation
from grader.grading.mutation.mutate import mutations
from grader.grading.proofs import Proving
from grader.judge.job import Proof
from grader.model.exercise import Equivalent, Exercise
from grader.model.verdict import Status

ENOUGH = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Survivor:
    """A mutant that passes every case, and the function or method of the reference that it is in."""

    mutation: Mutation
    inside: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MutationScore:
    """What came of all automatic mutants of one exercise; `stale` is what is wrong with the list of equivalents."""

    made: int
    equivalent: int
    survivors: tuple[Survivor, ...]
    stale: tuple[str, ...]

    @property
    def counted(self) -> int:
        """Those that a suite should tell from the reference."""
        return self.made - self.equivalent

    @property
    def score(self) -> float:
        """The share that it does tell."""
        return 1.0 if not self.counted else 1 - len(self.survivors) / self.counted

    @property
    def is_enough(self) -> bool:
        """Whether the suite holds enough in place, and the list of equivalents is right."""
        return self.score >= ENOUGH and not self.stale


def mutation_score(exercise: Exercise, engine: Proving, *, seed: int, lanes: int) -> MutationScore:
    """Run every automatic mutant of the reference until its first failure. Raises JudgeError."""
    source = exercise.solution.read_text(encoding="utf-8")
    made = {str(number): mutation for number, mutation in enumerate(mutations(source))}
    solutions = tuple((name, mutation.source) for name, mutation in made.items())
    proof = Proof(seed=seed, solutions=solutions, first_failure=True, lanes=lanes)
    proved = engine.prove(exercise, proof).solutions
    alive = [one["name"] for one in proved if _passes(one)]
    told = [one["name"] for one in proved if _is_told(one)]
    listed = _listed(exercise.equivalents, made)
    survivors = [made[name] for name in sorted(set(alive) - set(listed), key=int)]
    return MutationScore(
        made=len(made),
        equivalent=len(listed),
        survivors=tuple(Survivor(mutation=one, inside=_inside(source, one.line)) for one in survivors),
        stale=tuple(_stale(exercise.equivalents, listed, told)),
    )


def _passes(solution: Mapping[str, object]) -> bool:
    outcomes = solution["outcomes"]
    assert isinstance(outcomes, Sequence)
    return not solution["ended"] and all(outcome["status"] == Status.ACCEPTED for outcome in outcomes)


def _listed(equivalents: Sequence[Equivalent], made: Mapping[str, Mutation]) -> dict[str, Equivalent]:
    """The mutants that the author lists, by name."""
    programs = {_program(one.source): one for one in equivalents}
    found = {name: programs.get(_program(mutation.source)) for name, mutation in made.items()}
    return {name: one for name, one in found.items() if one is not None}


def _is_told(solution: Mapping[str, object]) -> bool:
    """Whether a case failed otherwise than for want of time, of which a busy machine may have had too little."""
    outcomes = solution["outcomes"]
    assert isinstance(outcomes, Sequence)
    return any(outcome["status"] not in (Status.ACCEPTED, Status.TIME_LIMIT) for outcome in outcomes)


def _stale(equivalents: Sequence[Equivalent], listed: Mapping[str, Equivalent], told: Sequence[str]) -> Iterator[str]:
    for name, one in listed.items():
        if name in told:
            yield f"a case does tell it from the reference: {one.why}"
    for one in equivalents:
        if one not in listed.values():
            yield f"no operator makes it: {one.why}"


def _program(source: str) -> str:
    return ast.dump(ast.parse(source))


def _inside(source: str, line: int) -> str:
    """The dotted name of the innermost function or class around a line; empty at the module's own level."""
    names: list[str] = []
    body: Sequence[ast.stmt] = ast.parse(source).body
    while (found := next((node for node in body if _holds(node, line)), None)) is not None:
        assert isinstance(found, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        names.append(found.name)
        body = found.body
    return ".".join(names)


def _holds(node: ast.stmt, line: int) -> bool:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return isinstance(node, kinds) and node.lineno <= line <= (node.end_lineno or node.lineno)
