"""Hidden cases of early_stopping. No comparison of metrics depends on rounding, and weights come back bit for bit."""

from functools import partial

import numpy as np
import pytest
import torch

from grader.judge import assert_close, assert_leaves_no_state, assert_refuses

NAN, INF, HUGE, TINY = float("nan"), float("inf"), float(np.finfo(float).max), 2.0**-40
BOTH = (("min", -1), ("max", 1))  # each mode, and the sign of a gain
SHAPES = {"0.weight": (3, 2), "0.bias": 3, "1.weight": 3, "1.bias": 3, "2.weight": (1, 3), "2.bias": 1}
STATISTICS = {"1.running_mean": 3, "1.running_var": 3}

assert_same = partial(assert_close, rtol=0.0, atol=0.0)


def draw_weights(generator, rich=False):
    """A value for all that is in the state dict of the driver's model."""
    weights = {name: torch.randn(shape, generator=generator) for name, shape in (SHAPES | STATISTICS).items()}
    count = weights["1.num_batches_tracked"] = torch.randint(2**61, 2**62, (), generator=generator) | 1  # fits no float
    shared, bias = weights["2.weight"].double() / 3, weights["2.bias"].double() / 3
    odd = {"halves": weights["1.bias"].half(), "flags": torch.rand(9, generator=generator) < 0.5, "seen": count - 2}
    return weights | odd | {"2.weight": shared, "3.weight": shared, "2.bias": bias} if rich else weights


def draw_value(rng):
    """A number with which sums are exact, though not in float32."""
    return float(rng.integers(-8, 9)) + TINY * int(rng.integers(2**40))


def do(stage, script):
    """Do the lines `(action, *values)` of a script, each after the last has been answered; what each gave."""
    return [getattr(stage, action)(*values) for action, *values in script]


def epochs(metrics, weights):
    """Script lines that set the weights of each epoch and then feed its metric."""
    return [line for metric, own in zip(metrics, weights, strict=True) for line in (("set", own), ("step", metric))]


def expected_epochs(reference, arguments, metrics):
    """What the reference gives for them: (result of step, best, best_epoch) each."""
    stopper, model = reference.EarlyStopping(**arguments), torch.nn.Linear(1, 1)
    return [(stopper.step(metric, model), stopper.best, stopper.best_epoch) for metric in metrics]


def assert_epochs(driver, reference, arguments, metrics):
    """Result of step, `best` and `best_epoch` are right after each of the metrics."""
    expected = expected_epochs(reference, arguments, metrics)
    assert_same(do(driver.Stage(arguments), [("epoch", metric) for metric in metrics]), expected)


@pytest.mark.task("stopping")
def test_stops_at_exactly_the_right_step(driver, reference, rng):
    """Stopping comes at the last of `patience` steps in a row without improvement, neither sooner nor later.

    恰好在连续第 `patience` 个没有改进的步停止，不早也不晚。
    """
    for patience in (1, 2, int(rng.integers(3, 6))):
        start, worse = draw_value(rng), [HUGE] * (patience - 1)
        # a stretch that is one step too short, an improvement, a full stretch and more, then all of it again
        better = (start - TINY, start - 2 * TINY, start - 3 * TINY)
        metrics = [start, *worse, better[0], *worse, start, start, better[1], *worse, better[2], *worse, HUGE]
        assert_epochs(driver, reference, {"patience": patience}, metrics)


@pytest.mark.task("stopping")
def test_gains_are_measured_against_the_best(driver, reference, rng):
    """A gain of min_delta is not enough, a bit more is, and gains that are too small by themselves add up.

    恰好好了 `min_delta` 还不够，多一丁点就够；单独看来太小的进步可以累积。
    """
    for mode, up in BOTH:
        for delta, zero in ((0, draw_value(rng)), (float(rng.integers(1, 5)) / 8, 0.0), (3, draw_value(rng))):
            # too little three times, a bit more; too little once, a bit more; after that anything
            gains = (0, delta, 0.5 * delta, delta, delta + TINY, 2 * delta + TINY, 2 * delta + 2 * TINY)
            metrics = [zero + up * gain for gain in (*gains, *(rng.integers(-8, 33, 6) / 8).tolist())]
            assert_epochs(driver, reference, {"patience": 2, "min_delta": delta, "mode": mode}, metrics)


@pytest.mark.task("nonfinite")
def test_nan_and_infinite_metrics(driver, reference, rng):
    """NaN and an infinitely bad metric are steps without improvement, wherever they stand; an infinitely good one is not.

    NaN 和无穷差的指标无论出现在哪里，都是没有改进的一步；无穷好的指标则算作改进。
    """
    for mode, up in BOTH:
        value, bad, arguments = draw_value(rng), -up * INF, {"patience": 3, "min_delta": 0.25, "mode": mode}
        assert_epochs(driver, reference, arguments, [NAN] * 4 + [value, NAN, NAN, value + up, NAN, NAN, NAN, NAN])
        assert_epochs(driver, reference, arguments, [bad, value, bad, -bad, value, -bad, bad])
        assert_epochs(driver, reference, arguments, [-up * HUGE, NAN, up * HUGE, value, -bad, bad])


@pytest.mark.task("restore")
def test_best_parameters_and_buffers_come_back(driver, torch_rng):
    """Wherever the best epoch lies, restore brings back all that was in the state dict then, bit for bit.

    无论最佳的是哪一轮，`restore` 都把当时 state dict 中的全部内容逐位还原。
    """
    for best in (0, 1):
        weights = [draw_weights(torch_rng, rich=True) for _ in range(3)]
        script = epochs([float(abs(epoch - best)) for epoch in range(3)], weights)
        seen = do(driver.Stage({"patience": 9}, True), [*script, ("another_model",), ("restore",), ("weights",)])
        assert_same(seen[-1], weights[best])


@pytest.mark.task("restore")
def test_all_else_stays(driver, torch_rng):
    """Step changes nothing in a model, restore nothing but its weights, and no call changes a setting of PyTorch.

    `step` 不改动模型中的任何东西，`restore` 只改动权重，任何调用都不改动 PyTorch 的设置。
    """
    best, worse = (draw_weights(torch_rng, rich=True) for _ in range(2))
    stage = driver.Stage({"patience": 1}, True)
    rest, cache = stage.rest(), stage.cache()
    for metric, weights in ((1.0, best), (2.0, worse)):
        stage.set(weights)
        assert_leaves_no_state(stage.step, metric)
        assert_same([stage.weights(), stage.rest(), stage.cache()], [weights, rest, cache])
    for call in (stage.restore, stage.checkpoint, stage.load, stage.resume, stage.restore):
        assert_leaves_no_state(call)
    assert_same([stage.weights(), stage.rest()], [best, rest])


@pytest.mark.task("restore")
def test_restore_can_be_repeated(driver, rng, torch_rng):
    """Restore works in place, again and again, whatever the model has become; the stopper goes on as if not called.

    `restore` 原地写回，无论模型变成了什么样都可以反复调用；早停对象随后的表现与没有调用过它时一样。
    """
    start, stage = draw_value(rng), driver.Stage({"patience": 2})
    best, later, gradients = (draw_weights(torch_rng) for _ in range(3))
    spoilt = {name: torch.full_like(value, NAN) for name, value in best.items() if value.is_floating_point()}
    look = [("restore",), ("weights",)]
    script = [*epochs([start, start + 1], [best, spoilt]), *look, ("descend", gradients), ("weights",), *look]
    seen = do(stage, [*script, ("look",), ("step", start + 1), *epochs([start - 1], [later]), ("set", spoilt), *look])
    trained = best | {name: best[name] - gradients[name] for name in SHAPES}  # by an optimizer made before
    assert_same([*seen[5:10:2], seen[10:12], seen[-1]], [best, trained, best, [(start, 0), True], later])
    assert_same(stage.look(), (start - 1, 3))


@pytest.mark.task("restore")
def test_two_stoppers_share_nothing(driver, reference, rng, torch_rng):
    """Of two stoppers in use at once each has its own arguments, count, best metric and snapshot.

    同时使用的两个早停对象各有各的参数、计数、最佳指标和快照。
    """
    value, (first, second, later) = draw_value(rng), (draw_weights(torch_rng) for _ in range(3))
    runs = {"patience": 2}, {"patience": 3, "min_delta": 0.25, "mode": "max"}
    stages = [driver.Stage(arguments) for arguments in runs]
    do(stages[0], [("set", first)]), do(stages[1], [("set", second)])
    metrics = [value + gain for gain in (0, 1, 0.5, 2, 2.25)]
    seen = [[stage.epoch(metric) for stage in stages] for metric in metrics]
    assert_same(seen, list(zip(*(expected_epochs(reference, arguments, metrics) for arguments in runs), strict=True)))
    assert_same([do(stage, [("set", later), ("restore",), ("weights",)])[2] for stage in stages], [first, second])


@pytest.mark.task("resume")
def test_resuming_changes_nothing(driver, reference, rng, torch_rng):
    """A run that is saved and resumed several times gives what an uninterrupted run gives, restored weights included.

    多次保存并续跑的训练，结果与不中断的训练相同，恢复出的权重也相同。
    """
    for mode, up in BOTH:
        arguments, start = {"patience": 3, "min_delta": 0.25, "mode": mode}, draw_value(rng) if up < 0 else -2.0
        # no best yet, an improvement after the count has grown, too small a gain, a stop, an improvement (to 0.0 in mode
        # max), a worse epoch
        metrics = [start + up * gain for gain in (NAN, 0, -1, 1, 1.25, -1, -INF, 2, 2.25, 1)]
        best, pause = draw_weights(torch_rng), [("checkpoint",), ("resume",)]
        after = {0: pause, 5: [*pause, ("set", best)], 7: pause}
        script = [line for number, metric in enumerate(metrics) for line in (("epoch", metric), *after.get(number, ()))]
        seen = do(driver.Stage(arguments), [*script, ("restore",), ("weights",)])
        assert_same([one for one in seen if one is not None], [*expected_epochs(reference, arguments, metrics), best])


@pytest.mark.task("resume")
def test_a_state_is_a_picture_of_its_moment(driver, rng, torch_rng):
    """A state stays as it is whatever follows, and a stopper that loads it, used or new, goes on from there alone.

    无论之后发生什么，状态都保持不变；载入它的早停对象无论是否用过，都只从那一刻接着走。
    """
    value, stage = draw_value(rng), driver.Stage({"patience": 3})
    weights = [draw_weights(torch_rng) for _ in range(4)]
    do(stage, [("checkpoint", "start"), *epochs([value, value + 1], weights[:2]), ("checkpoint", "later")])
    for action in ("resume", "load", "load"):
        do(stage, epochs([value - 1, value - 2], weights[2:]))
        seen = do(stage, [("look",), (action, "later"), ("look",), ("restore",), ("weights",)])
        assert_same(seen[::2], [(value - 2, 3), (value, 0), weights[0]])
    assert_same(do(stage, [("step", value), ("step", value)]), [False, True])
    for action in ("load", "resume"):
        do(stage, [(action, "start")])
        with pytest.raises(RuntimeError):
            stage.restore()
        seen = do(stage, [("look",), ("step", NAN), ("epoch", value + 3), ("epoch", value + 3)])
        assert_same(seen, [(None, None), False, (False, value + 3, 1), (False, value + 3, 1)])


@pytest.mark.task("arguments")
def test_arguments_out_of_range_are_refused(candidate, driver, reference, rng):
    """A patience below 1, a min_delta that is negative or not finite, and an unknown mode raise ValueError.

    `patience` 小于 1、`min_delta` 为负或不是有限数、`mode` 未知时，都抛出 `ValueError`。
    """
    negative, deltas = -int(rng.integers(2, 9)), [-0.125, NAN, INF, -INF, -1e-300, -1]
    bad = {"patience": [0, -1, negative], "min_delta": deltas, "mode": ["", "auto", "MIN", "maximum", "m", "min "]}
    assert_refuses(candidate.EarlyStopping, {"patience": 1_000_000, "min_delta": 1, "mode": "min"}, bad)
    for sound in ({"min_delta": 0}, {"min_delta": 1e300}, {"mode": "max"}):
        assert_epochs(driver, reference, {"patience": 1, **sound}, [1.0, -1.0, 2.0])


@pytest.mark.task("arguments")
def test_metrics_of_other_numeric_types(driver, reference, rng):
    """A metric may be an int, a NumPy scalar or a tensor with one element; what comes back is Python's own.

    指标可以是 `int`、NumPy 标量或只含一个元素的张量；`best`、`best_epoch` 和返回值都是 Python 自己的类型。
    """
    dtypes = torch.int64, torch.float16, torch.bfloat16, torch.float32, torch.float64
    kinds = [partial(torch.tensor, dtype=dtype) for dtype in dtypes] + [partial(torch.tensor, requires_grad=True)]
    kinds += [partial(torch.full, (1,)), int, np.int64, np.uint8, np.float16, np.float64, np.float32]
    arguments, top, values, seen = {"patience": 2, "min_delta": TINY}, float(rng.integers(14, 20)), [], []
    stage = driver.Stage(arguments)
    for gap, kind in enumerate(kinds):
        # better twice, once by more than TINY in double precision only; worse, where unsigned integers wrap around;
        # and a gain that is less than TINY in double precision only
        just, less = top - gap + 1.5 * TINY, top - gap - TINY / 2
        for value, as_type in ((just, kinds[4]), (top - gap, kind), (top + 1, kind), (less, kinds[4])):
            values.append(value)
            seen.append(stage.epoch(as_type(value)))
        assert_same(stage.types(), ["float", "int", "bool"])
    assert_same(seen, expected_epochs(reference, arguments, values))
    assert_same(do(stage, [("step", np.float32(top)), ("checkpoint",), ("resume",), ("look",)])[3], seen[-1][1:])
