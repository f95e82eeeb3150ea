"""Sample verdicts, one per way in which a submission can end, for tests of whatever shows or stores them."""

from __future__ import annotations

from typing import Any

from grader.model.text import Text
from grader.model.verdict import Cause, Diagnosis, Isolation, Outcome, Resources, Status, TaskScore, Verdict

SHAPES = TaskScore(id="shapes", title=Text(en="Shapes and attributes", zh="形状与属性"), score=1.0, max_score=1.0)
MASKING = TaskScore(
    id="masking",
    title=Text(en="Masks, and queries that may attend to nothing", zh="掩码，以及不能关注任何键的查询"),
    score=3.0,
    max_score=3.0,
)
GRADIENTS = TaskScore(
    id="gradients", title=Text(en="Gradients of inputs and parameters", zh="输入与参数的梯度"), score=6.0, max_score=6.0
)
UNSCALED = Diagnosis(
    mutant="unscaled",
    title=Text(en="attention without the `1/sqrt(d_k)` scaling", zh="缺少 `1/sqrt(d_k)` 缩放的注意力"),
    advice=Text(
        en="Dot products of vectors with d_k independent components have a variance of d_k. Divide the scores by "
        "`sqrt(d_k)` before the softmax, where d_k is the width of one head and not d_model.",
        zh="两个 d_k 维向量若各分量独立，其点积的方差为 d_k。请在 softmax 之前把得分除以 `sqrt(d_k)`；"
        "这里的 d_k 是单个头的宽度，而不是 d_model。",
    ),
)
LAYERS = ("user", "pid", "mount", "net", "ipc", "uts", "landlock", "seccomp", "rlimits", "capabilities", "no_new_privs")


def outcome(**changes: Any) -> Outcome:
    """One passed hidden case, but for `changes`; a title or message that is a string reads alike in both languages."""
    given: dict[str, Any] = {
        "id": "hidden::test_heads_are_independent",
        "task": "shapes",
        "visibility": "hidden",
        "title": "Heads do not see one another.",
        "status": Status.ACCEPTED,
        "duration_ms": 3.5,
    }
    given |= changes
    given |= {name: Text.same(given[name]) for name in ("title", "message") if isinstance(given.get(name), str)}
    return Outcome(**given)


def verdict(**changes: Any) -> Verdict:
    """An accepted verdict with one public and three hidden cases, but for `changes`."""
    given: dict[str, Any] = {
        "submission": "alice.py",
        "status": Status.ACCEPTED,
        "score": 10.0,
        "max_score": 10.0,
        "tasks": (SHAPES, MASKING, GRADIENTS),
        "cases": (
            outcome(id="public::test_shape", visibility="public", title="The output has the shape of the query."),
            outcome(),
            outcome(id="hidden::test_mask[2]", task="masking", title="A masked key has no influence."),
            outcome(id="hidden::test_gradcheck", task="gradients", title="Gradients agree with finite differences."),
        ),
        "diagnosis": (),
        "resources": Resources(wall_ms=184.2, cpu_ms=171.0, peak_rss_bytes=231_000_000),
        "isolation": Isolation(level="strict", layers=LAYERS),
        "device": "cpu",
        "seed": 4_503_599_627_370_495,
        "exercise_id": "multi_head_attention",
        "exercise_version": 2,
        "suite_digest": "sha256:" + "5" * 64,
        "submission_digest": "sha256:" + "a" * 64,
        "versions": {"viva": "0.1.0", "python": "3.11.2", "torch": "2.13.0"},
        "integrity": (),
        "message": "",
        "created": "2026-11-22T10:30:00Z",
    }
    return Verdict(**{**given, **changes})


def lost(task: TaskScore) -> TaskScore:
    """`task` with none of its points."""
    return TaskScore(id=task.id, title=task.title, score=0.0, max_score=task.max_score)


def accepted() -> Verdict:
    """Everything passed."""
    return verdict()


def wrong_answer() -> Verdict:
    """Shapes pass; two hidden cases and one public case do not, and a known mistake explains them."""
    return verdict(
        submission="half_right.py",
        status=Status.WRONG_ANSWER,
        score=1.0,
        tasks=(SHAPES, lost(MASKING), lost(GRADIENTS)),
        cases=(
            outcome(id="public::test_shape", visibility="public", title="The output has the shape of the query."),
            outcome(
                id="public::test_example",
                task="masking",
                visibility="public",
                title="The worked example of the statement.",
                status=Status.WRONG_ANSWER,
                message="the value at (0, 1) is off by 0.25",
                cause=Cause(expected="0.5", actual="0.75", worst_index="(0, 1)"),
            ),
            outcome(
                id="hidden::test_mask[2]",
                task="masking",
                title="A query that may attend to nothing gets zeros before `out_proj`, whatever the other rows hold.",
                status=Status.WRONG_ANSWER,
                message="24 of 96 values are not finite where finite ones are expected",
                output="scores: tensor([[0.1, -inf],\n                [-inf, -inf]])\nsoftmax done\n",
                cause=Cause(expected="0.0", actual="nan", worst_index="(1, 2, 0)"),
            ),
            outcome(
                id="hidden::test_gradcheck",
                task="gradients",
                title="Gradients agree with finite differences.",
                status=Status.RUNTIME_ERROR,
                message="RuntimeError: element 0 of tensors does not require grad and does not have a grad_fn\n"
                '  File "half_right.py", line 31, in forward\n    scores = scores.detach() @ v',
            ),
        ),
        diagnosis=(UNSCALED,),
    )


def runtime_error() -> Verdict:
    """The stub as it was handed out: every case raises the same."""
    cases = tuple(
        outcome(
            id=f"hidden::test_{task.id}_{number}",
            task=task.id,
            title=f"Property {number} of the {task.id}.",
            status=Status.RUNTIME_ERROR,
            message="NotImplementedError: write MultiHeadAttention.__init__",
        )
        for task in (SHAPES, MASKING, GRADIENTS)
        for number in (1, 2)
    )
    return verdict(
        submission="stub.py",
        status=Status.RUNTIME_ERROR,
        score=0.0,
        tasks=(lost(SHAPES), lost(MASKING), lost(GRADIENTS)),
        cases=cases,
    )


def rejected() -> Verdict:
    """A syntax error: nothing was run."""
    return verdict(
        submission="syntax.py",
        status=Status.REJECTED,
        score=0.0,
        tasks=(lost(SHAPES), lost(MASKING), lost(GRADIENTS)),
        cases=(),
        resources=Resources(),
        message="line 12: '(' was never closed; Python cannot read this file",
    )


def time_limit() -> Verdict:
    """One case ran out of time."""
    return verdict(
        submission="quadratic.py",
        status=Status.TIME_LIMIT,
        score=4.0,
        tasks=(SHAPES, MASKING, lost(GRADIENTS)),
        cases=(
            outcome(),
            outcome(
                id="hidden::test_long",
                task="gradients",
                title="A sequence of 4096 positions ends in time.",
                status=Status.TIME_LIMIT,
                duration_ms=5000.0,
                message=Text(en="no answer within 5 s", zh="5 秒内没有答复"),
            ),
        ),
        resources=Resources(wall_ms=5184.2, cpu_ms=5100.0, peak_rss_bytes=431_000_000),
    )


def judge_error() -> Verdict:
    """Our own failure."""
    return verdict(
        submission="unlucky.py",
        status=Status.JUDGE_ERROR,
        score=0.0,
        tasks=(lost(SHAPES), lost(MASKING), lost(GRADIENTS)),
        cases=(),
        resources=Resources(),
        message="the judge of multi_head_attention ended twice with signal 9",
    )


def hostile() -> Verdict:
    """Every text that a candidate controls tries to break out of where it is shown."""
    attack = "\x1b[2J\x1b]0;pwned\x07[bold red]ACCEPTED[/] \udc80\x00\u202e\u2028<b>&]]>\x9b31m:smile:\r\n"
    return verdict(
        submission=f"eve{attack}.py",
        status=Status.WRONG_ANSWER,
        score=0.0,
        tasks=(lost(SHAPES),),
        cases=(
            outcome(
                status=Status.WRONG_ANSWER,
                message=attack,
                output=attack * 40,
                cause=Cause(expected="1.0", actual=attack, worst_index=None),
            ),
        ),
    )


def samples() -> tuple[Verdict, ...]:
    """All of the above."""
    return (accepted(), wrong_answer(), runtime_error(), rejected(), time_limit(), judge_error(), hostile())
