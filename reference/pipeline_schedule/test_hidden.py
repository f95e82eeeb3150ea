"""Hidden cases of pipeline_schedule: sizes, durations and orders are drawn anew for every verdict."""

from numbers import Integral

import pytest
from grader.judge import assert_close, assert_each_raises, assert_refuses, assert_unchanged


def sizes(rng):
    """Stages and microbatches: more microbatches, fewer, as many, one stage, and one microbatch."""
    p, more = int(rng.integers(3, 6)), int(rng.integers(2, 5))
    return [(p, p + more), (p + more, p), (p, p), (1, p + 1), (p, 1), (1, 1)]


def durations(rng, stages, top=9):
    """A different duration for each forward and each backward, in no order."""
    drawn = (rng.permutation(2 * stages + top)[: 2 * stages] + 1).tolist()
    return drawn[:stages], drawn[stages:]


def legal_orders(rng, stages, microbatches):
    """Orders that can be done to the end: a drawn operation of those whose input is there, again and again."""
    orders, done = [[] for _ in range(stages)], set()
    while len(done) < 2 * stages * microbatches:
        able = [
            (s, name, i)
            for s in range(stages)
            for i in range(microbatches)
            for name, before in (
                ("F", (s - 1, "F", i) if s else None),
                ("B", (s + 1, "B", i) if s < stages - 1 else (s, "F", i)),
            )
            if (s, name, i) not in done and (before is None or before in done)
        ]
        s, name, i = able[int(rng.integers(len(able)))]
        orders[s].append((name, i))
        done.add((s, name, i))
    return orders


def check(candidate, reference, keys, *arguments):
    """These parts of the result are right; gives it."""
    expected = reference.simulate(*arguments)
    result = candidate.simulate(*arguments)
    assert_close({key: result[key] for key in keys}, {key: expected[key] for key in keys})
    return result


TIMES, FIGURES = ("starts", "makespan"), ("bubble", "peaks")


@pytest.mark.task("orders")
def test_gpipe_orders(candidate, reference, rng):
    """GPipe: all forwards, then all backwards, both ascending, for any numbers of stages and microbatches.

    GPipe：先全部前向，再全部反向，都按升序；stage 和 microbatch 的数量任意。
    """
    for p, m in sizes(rng):
        assert_close(candidate.pipeline_order("gpipe", p, m), reference.pipeline_order("gpipe", p, m))


@pytest.mark.task("orders")
def test_1f1b_orders(candidate, reference, rng):
    """1F1B with more microbatches than stages, or as many.

    1F1B：microbatch 多于或等于 stage 数。
    """
    for p, m in sizes(rng):
        if m >= p:
            assert_close(candidate.pipeline_order("1f1b", p, m), reference.pipeline_order("1f1b", p, m))


@pytest.mark.task("orders")
def test_fewer_microbatches_than_stages(candidate, reference, rng):
    """1F1B with fewer microbatches than stages: the first stages do all forwards first.

    1F1B：microbatch 少于 stage 时，前面的 stage 先做完全部前向。
    """
    for p, m in sizes(rng):
        if m < p:
            assert_close(candidate.pipeline_order("1f1b", p, m), reference.pipeline_order("1f1b", p, m))


@pytest.mark.task("timetable")
def test_even_stages(candidate, reference, rng):
    """Both schedules where all stages take the same time.

    各 stage 时长相同时的两种调度。
    """
    f, b = rng.permutation(9)[:2].tolist()
    for p, m in sizes(rng):
        for kind in ("gpipe", "1f1b"):
            check(candidate, reference, TIMES, reference.pipeline_order(kind, p, m), [f + 1] * p, [b + 1] * p)


@pytest.mark.task("timetable")
def test_uneven_stages(candidate, reference, rng):
    """Both schedules where each stage has durations of its own.

    各 stage 时长各不相同时的两种调度。
    """
    for p, m in sizes(rng):
        for kind in ("gpipe", "1f1b"):
            check(candidate, reference, TIMES, reference.pipeline_order(kind, p, m), *durations(rng, p))


@pytest.mark.task("timetable")
def test_transfers(candidate, reference, rng):
    """Transfers delay both ways, keep no stage busy, and do not happen within a stage.

    传输在两个方向上都造成延迟，不占用 stage，stage 内部没有传输。
    """
    for p, m in sizes(rng):
        for kind in ("gpipe", "1f1b"):
            delay = int(rng.integers(1, 12))
            check(candidate, reference, TIMES, reference.pipeline_order(kind, p, m), *durations(rng, p), delay)


@pytest.mark.task("timetable")
def test_any_orders(candidate, reference, rng):
    """Orders of no known schedule, with and without transfers.

    不属于任何已知调度的顺序，有传输或没有传输。
    """
    for delay in (0, int(rng.integers(1, 9))):
        for p, m in ((3, 5), (4, 3), (1, 4)):
            check(candidate, reference, TIMES, legal_orders(rng, p, m), *durations(rng, p), delay)
    in_turn = [[(name, i) for i in range(16) for name in "FB"]] * 6  # one microbatch goes all the way, then the next
    check(candidate, reference, TIMES, in_turn, *durations(rng, 6), delay)


@pytest.mark.task("timetable")
def test_long_durations(candidate, reference, rng):
    """Durations and delays up to 10^9, 12 stages and 60 microbatches; all times are exact, and ints.

    时长和延迟可达 10^9，12 个 stage、60 个 microbatch；所有时间都精确，并且是 int。
    """
    forward, backward = (rng.integers(10**8, 10**9 + 1, (2, 12))).tolist()
    arguments = reference.pipeline_order("1f1b", 12, 60), forward, backward, int(rng.integers(10**8, 10**9 + 1))
    result = check(candidate, reference, TIMES, *arguments)
    times = [result["makespan"], *(start for starts in result["starts"] for start in starts)]
    assert all(isinstance(time, Integral) for time in times), "the times must be ints\n时间必须是 int"


@pytest.mark.task("timetable")
def test_arguments_stay(candidate, reference, rng):
    """The orders and the durations are as they were, after a result that is right.

    在结果正确的前提下，顺序和时长保持原样。
    """
    orders, (forward, backward) = reference.pipeline_order("1f1b", 3, 4), durations(rng, 3)
    check(candidate, reference, TIMES, orders, forward, backward)
    assert_unchanged(orders, forward, backward)


@pytest.mark.task("figures")
def test_figures_of_both_schedules(candidate, reference, rng):
    """Bubble and peaks of GPipe and 1F1B, with even and with uneven stages.

    GPipe 与 1F1B 的气泡和峰值，各 stage 时长相同或不同。
    """
    for number, (p, m) in enumerate(sizes(rng)):
        for kind in ("gpipe", "1f1b"):
            orders = reference.pipeline_order(kind, p, m)
            even = (number % 2 == 0) == (kind == "gpipe")
            times = ([2] * p, [5] * p, int(rng.integers(0, 4))) if even else durations(rng, p)
            check(candidate, reference, FIGURES, orders, *times)


@pytest.mark.task("figures")
def test_figures_of_any_orders(candidate, reference, rng):
    """Bubble and peaks of other orders, in which the peak may come late.

    其他顺序的气泡和峰值，峰值可能出现得很晚。
    """
    for p, m in ((3, 6), (4, 4), (1, 6)):
        check(candidate, reference, FIGURES, legal_orders(rng, p, m), *durations(rng, p), int(rng.integers(0, 9)))
    late = [("F", 0), ("B", 0), *(("F", i) for i in (1, 2, 3)), *(("B", i) for i in (2, 1, 3))]
    check(candidate, reference, FIGURES, [late], *durations(rng, 1))


@pytest.mark.task("contract")
def test_sizes_and_kinds(candidate, reference, rng):
    """Unknown kinds, and sizes below 1, are refused.

    未知的调度名和小于 1 的数量被拒绝。
    """
    sound = {"kind": str(rng.choice(["gpipe", "1f1b"])), "stages": 3, "microbatches": 2}
    bad = {"kind": ["GPipe", "f1b1", ""], "stages": [0, -1, -2], "microbatches": [0, -1, -2]}
    assert_close(assert_refuses(candidate.pipeline_order, sound, bad), reference.pipeline_order(**sound))


@pytest.mark.task("contract")
def test_durations_and_delay(candidate, reference, rng):
    """Durations below 1, too many or too few of them, and a negative delay are refused; a delay of 0 is none.

    小于 1 的时长、个数过多或过少、负的延迟都被拒绝；延迟 0 表示没有延迟。
    """
    sound = {"orders": legal_orders(rng, 3, 4), "forward": [3, 1, 2], "backward": [1, 4, 2], "delay": 0}
    bad_list = [[2, 3, 0], [0, 2, 3], [2, -1, 3], [2, 3], [2, 3, 4, 5], []]
    bad = {"forward": bad_list, "backward": bad_list, "delay": [-1, -2, -5, -3, -4, -7]}
    expected = reference.simulate(**sound)
    assert_close(assert_refuses(candidate.simulate, sound, bad)["starts"], expected["starts"])


@pytest.mark.task("contract")
def test_incomplete_orders(candidate, reference, rng):
    """No stages, no microbatches, operations that are missing, doubled or unknown to other stages are refused.

    没有 stage、没有 microbatch、操作缺失、重复或其他 stage 没有的操作，都被拒绝。
    """
    sound = reference.pipeline_order("1f1b", 2, 3)
    check(candidate, reference, TIMES, sound, [1, 2], [2, 1])
    first, second = sound
    wrong = [
        [first, second[:-1]],
        [first[:-1], second[:-1]],
        [first, [*second, ("B", 2)]],
        [[*first, ("F", 0)], second],
        [[*first[:-1], ("B", 1)], second],
        [first, [*second[:4], *second[:2]]],
        [first, reference.pipeline_order("1f1b", 1, 4)[0]],
        [first, reference.pipeline_order("1f1b", 1, 2)[0]],
        [[(name, i + 1) for name, i in order] for order in sound],
        [[(name, i - 1) for name, i in order] for order in sound],
        [[("F", 0), ("F", 1), ("F", 2)]] * 2,
        [first, []],
        [[], second],
        [[], []],
    ]
    assert_each_raises(ValueError, candidate.simulate, [[orders, [1, 2], [2, 1]] for orders in wrong])
    assert_each_raises(ValueError, candidate.simulate, [[[], [], []], [[[]], [1], [1]]])


@pytest.mark.task("contract")
def test_orders_that_never_end(candidate, reference, rng):
    """Stages that wait for each other, or a stage for itself, are found out, wherever in the orders it happens.

    stage 互相等待或等待自己时都能发现，无论发生在顺序的什么位置。
    """
    never = []
    for p, m in ((1, 3), (3, 4), (4, 2)):
        sound = legal_orders(rng, p, m)
        check(candidate, reference, TIMES, sound, *durations(rng, p))
        stage, i = int(rng.integers(p)), int(rng.integers(m))
        order = [operation for operation in sound[stage] if operation != ("F", i)]
        order.insert(order.index(("B", i)) + 1, ("F", i))  # the backward comes first
        never.append([*sound[:stage], order, *sound[stage + 1 :]])
    p, m = int(rng.integers(2, 5)), int(rng.integers(3, 6))
    one = reference.pipeline_order("1f1b", 1, m)[0]  # each microbatch to the end before the next starts
    never.append([one, *reference.pipeline_order("gpipe", p - 1, m)])  # the last stage wants all forwards first
    never.append([*[one] * (p - 1), [*one[:-3], one[-2], one[-3], one[-1]]])  # or the last two, at the very end
    assert_each_raises(ValueError, candidate.simulate, [[o, *durations(rng, len(o)), 1] for o in never])
