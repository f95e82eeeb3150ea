"""Hidden cases of cosine_warmup: rates and numbers of steps are drawn anew for every verdict."""

import pytest

from grader.judge import assert_close, assert_refuses, distinct_sizes

NAN, INF = float("nan"), float("inf")
ROUNDED = (  # what the formula makes of the peak, depending on how it is written, where the cosine is 1
    lambda peak, floor: floor + (peak - floor),
    lambda peak, floor: (peak + floor) / 2 + (peak - floor) / 2,
)


def draw_rates(rng):
    """A peak and a floor well below it, but no tenth of it."""
    peak = float(10 ** rng.uniform(-4, 0))
    return peak, peak * float(rng.uniform(0.15, 0.6))


def draw_steps(rng):
    """Steps of warm-up and in all; neither part is half of the whole."""
    up, down = distinct_sizes(rng, 2, 5, 12)
    return up, up + down


@pytest.fixture
def check(candidate, reference):
    """Compares the rates of some steps with the reference's, to 1e-9 of the peak."""

    def compare(steps, peak, *rest):
        for step in steps:
            expected = reference.cosine_warmup(step, peak, *rest)
            assert_close(candidate.cosine_warmup(step, peak, *rest), expected, rtol=0, atol=1e-9 * peak)

    return compare


@pytest.fixture
def check_exactly(candidate):
    """Compares rates with what they are to be, to the bit."""

    def compare(rates, *schedule):
        for step, rate in rates.items():
            assert_close(candidate.cosine_warmup(step, *schedule), float(rate), rtol=0, atol=0)

    return compare


@pytest.mark.task("warmup")
def test_warmup(check, rng):
    """The rate rises in a line from 0 at step 0, whatever the floor.

    学习率从第 0 步的 0 起直线上升，与下限无关。
    """
    (peak, floor), (up, total) = draw_rates(rng), draw_steps(rng)
    check(range(up), peak, up, total, floor)
    check(range(up), peak, up, 100 * total)


@pytest.mark.task("warmup")
def test_warmup_of_one_step_and_of_many(check, rng):
    """A warm-up of a single step has the rate 0; one of up to 1e9 steps is a line as well.

    只有一步的预热，学习率为 0；长达 1e9 步的预热同样是一条直线。
    """
    peak, floor = draw_rates(rng)
    check([0, 1, 2, 3], peak, 1, 4, floor)
    for up in (int(rng.integers(10**8, 9 * 10**8)), 10**9):
        check([1, up // 3, up - 2, up - 1], peak, up, 10**9, floor)


@pytest.mark.task("decay")
def test_decay(check, rng):
    """Between the warm-up and the end, the rate falls to the floor along half a cosine wave.

    从预热结束到终点，学习率沿半个余弦波降到下限。
    """
    (peak, floor), (up, total) = draw_rates(rng), draw_steps(rng)
    check(range(up, total), peak, up, total, floor)
    check(range(up, up + 1), peak, up, up + 1, floor)


@pytest.mark.task("decay")
def test_default_floor(candidate, reference, rng):
    """The floor is 0 unless it is given, and all arguments may be given by name.

    不传 `min_lr` 时下限为 0；所有参数都可以按名字传入。
    """
    (peak, floor), (up, total) = draw_rates(rng), draw_steps(rng)
    named = {"total_steps": total, "warmup_steps": up, "max_lr": peak}
    for step in (up + 1, total - 2, total - 1, total):
        expected = reference.cosine_warmup(step, peak, up, total, 0.0)
        assert_close(candidate.cosine_warmup(step, peak, up, total), expected, rtol=0, atol=1e-9 * peak)
        expected = reference.cosine_warmup(step, peak, up, total, floor)
        assert_close(candidate.cosine_warmup(min_lr=floor, step=step, **named), expected, rtol=0, atol=1e-9 * peak)


@pytest.mark.task("decay")
def test_no_warmup(check, rng):
    """Without warm-up, the decay starts at step 0 with the rate `max_lr`.

    没有预热时，从第 0 步起衰减，第 0 步的学习率为 `max_lr`。
    """
    (peak, floor), (_, total) = draw_rates(rng), draw_steps(rng)
    check(range(total), peak, 0, total, floor)
    check(range(3), peak, 0, 1, floor)


@pytest.mark.task("decay")
def test_long_runs(check, rng):
    """In runs of up to 1e9 steps, a short decay at their end included, every step has its own rate, at peaks from 1e-8 to 10.

    总步数长达 1e9（包括只在末尾短暂衰减的情形）、峰值从 1e-8 到 10 时，每一步的学习率都正确。
    """
    for peak in (1e-8, 10.0, 10):
        up, total = (int(rng.integers(*ends)) for ends in ((10**6, 10**8), (9 * 10**8, 10**9)))
        middle = int(rng.integers(up, total))
        check([up + 1, up + 20_000, middle, middle + 1, total - 20_000, total - 1], peak, up, total, peak / 3)
        for down in (10, 7):  # t / down - W / down is off by up to 1e-8
            check(range(10**9 - down, 10**9), peak, 10**9 - down, 10**9, 0.0)


@pytest.mark.task("decay")
def test_equal_rates_and_ints(check, check_exactly, rng):
    """Where floor and peak are equal the rate stays there after the warm-up; rates may be Python ints.

    下限等于峰值时，预热之后学习率保持不变；学习率可以是 Python 整数。
    """
    (peak, _), (up, total) = draw_rates(rng), draw_steps(rng)
    check([1, up - 1, up + 1, total - 1], peak, up, total, peak)
    check_exactly({up: peak, total: peak, total + 3: peak}, peak, up, total, peak)
    for high, low in ((5, 2), (3, 0), (4, 4)):
        check([0, 1, up, up + 1, total - 1, total, total + 1], high, up, total, low)


@pytest.mark.task("corners")
def test_floats(candidate, check_exactly, rng):
    """The result is a float in each phase, where the rates are ints too.

    无论哪个阶段，结果都是 `float`，即使传入的学习率是整数。
    """
    up, total = draw_steps(rng)
    check_exactly({0: 0.0, up: 5.0, total: 2.0, total + 1: 2.0}, 5, up, total, 2)
    for step in (0, 1, up, up + 1, total, total + 1):
        rate = candidate.cosine_warmup(step, 5, up, total, 2)
        assert isinstance(rate, float), "the learning rate must be a float\n学习率必须是 float"


@pytest.mark.task("corners")
def test_exact_corners(check, check_exactly, rng):
    """0 at step 0, `max_lr` at the end of the warm-up or without one, and `min_lr` at the end, to the last bit.

    第 0 步为 0、预热结束处（或没有预热时的第 0 步）为 `max_lr`、终点处为 `min_lr`，一位不差。
    """
    for rounded in ROUNDED:
        (peak, floor), (up, total) = draw_rates(rng), draw_steps(rng)
        while rounded(peak, floor) == peak:  # differs one time in twenty
            peak, floor = draw_rates(rng)
        check_exactly({0: 0.0, up: peak, total: floor}, peak, up, total, floor)
        check_exactly({0: peak, total: floor}, peak, 0, total, floor)
    check([up - 1, up + 1, total - 1], peak, up, total, floor)


@pytest.mark.task("corners")
def test_beyond_the_end(check, check_exactly, rng):
    """At every step after the end the rate is `min_lr`, and just before it is not.

    终点之后的每一步都是 `min_lr`，终点前一步则不是。
    """
    (peak, floor), (up, total) = draw_rates(rng), draw_steps(rng)
    check([total - 1], peak, up, total, floor)
    beyond = [total + 1, total + 2, 2 * total - up, 2 * total, 3 * total - 2 * up, 10**9]
    check_exactly(dict.fromkeys(beyond, floor), peak, up, total, floor)
    check_exactly({total + 1: 0.0, 10**9: 0.0}, peak, up, total)


@pytest.mark.task("corners")
def test_no_decay(check, check_exactly, rng):
    """Where the warm-up takes all steps, the rate rises to the end and is `min_lr` from there on.

    预热占满全部步数时，学习率一直上升，从终点起为 `min_lr`。
    """
    (peak, floor), (up, _) = draw_rates(rng), draw_steps(rng)
    for length in (up, 1):
        check(range(length), peak, length, length, floor)
        check_exactly({length: floor, length + 1: floor, 2 * length + 5: floor}, peak, length, length, floor)


@pytest.mark.task("contract")
def test_bad_numbers_of_steps(candidate, reference, rng):
    """A negative step, no steps at all, and a warm-up that is negative or longer than the run are refused.

    `step` 为负、总步数小于 1、预热步数为负或超过总步数时，都会被拒绝。
    """
    (peak, floor), (up, total) = draw_rates(rng), draw_steps(rng)
    bad = {"step": [-1, -total], "warmup_steps": [-1, total + 1, -up], "total_steps": [0, -1, up - 1, -total]}
    for step in (0, 1, up + 1):
        sound = {"step": step, "max_lr": peak, "warmup_steps": up, "total_steps": total, "min_lr": floor}
        expected = reference.cosine_warmup(**sound)
        assert_close(assert_refuses(candidate.cosine_warmup, sound, bad, pairs=step == 1), expected)
    no_warmup = sound | {"step": 0, "warmup_steps": 0}
    assert_close(assert_refuses(candidate.cosine_warmup, no_warmup, {"step": [-1], "total_steps": [0, -1]}), peak)


@pytest.mark.task("contract")
def test_bad_rates(candidate, reference, rng):
    """Rates out of range are refused in the warm-up, in the decay, at the corners and beyond the end, one or both.

    学习率超出范围时，无论在预热、衰减、拐角还是终点之后，一个或两个都会被拒绝。
    """
    (peak, floor), (up, total) = draw_rates(rng), draw_steps(rng)
    peaks = [0.0, -peak, INF, NAN, -INF, 0, floor * (1 - 1e-9)]
    bad = {"max_lr": peaks, "min_lr": [-1e-12, -peak, INF, NAN, peak * (1 + 1e-9)]}
    for step in (0, 1, up, up + 1, total, total + 4):
        sound = {"step": step, "max_lr": peak, "warmup_steps": up, "total_steps": total, "min_lr": floor}
        expected = reference.cosine_warmup(**sound)
        assert_close(assert_refuses(candidate.cosine_warmup, sound, bad, pairs=step == 1), expected)
    without = {"step": total, "max_lr": peak, "warmup_steps": up, "total_steps": total}
    assert_refuses(candidate.cosine_warmup, without, {"max_lr": peaks[:6]})
