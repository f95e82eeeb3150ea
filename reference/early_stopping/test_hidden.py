"""Hidden cases of early_stopping. Every metric is a multiple of 1/8, so that no comparison depends on rounding."""

import numpy as np
import pytest
import torch

from grader.judge import assert_close

NAN, INF = float("nan"), float("inf")
SMALL = (1, 1, 1)


def random_sizes(rng):
    """Random layer sizes, all different from each other."""
    inputs, hidden, outputs = rng.choice(np.arange(2, 8), size=3, replace=False)
    return int(inputs), int(hidden), int(outputs)


def random_weights(sizes, generator):
    """A value for every parameter and buffer of the driver's model."""
    inputs, hidden, outputs = sizes
    shapes = {
        "0.weight": (hidden, inputs), "0.bias": (hidden,),
        "1.weight": (hidden,), "1.bias": (hidden,), "1.running_mean": (hidden,), "1.running_var": (hidden,),
        "2.weight": (outputs, hidden), "2.bias": (outputs,),
    }  # fmt: skip
    tensors = {name: torch.randn(shape, generator=generator) for name, shape in shapes.items()}
    tensors["1.running_var"] = tensors["1.running_var"].abs() + 0.5
    tensors["1.num_batches_tracked"] = torch.randint(1, 10**6, (), generator=generator)
    return tensors


def random_metrics(rng, count):
    """Multiples of 1/8 in [-2, 2], with many ties and many small gains."""
    return [float(value) / 8 for value in rng.integers(-16, 17, count)]


def parameters_of(weights):
    """`weights` without the buffers; what happens to those is the task `restore`."""
    return {name: value for name, value in weights.items() if name.endswith(("weight", "bias"))}


def play(driver, arguments, sizes, script):
    """Do the lines `(action, *values)` of a script, each after the last has been answered; what each gave."""
    stage = driver.Stage(arguments, sizes)
    return [getattr(stage, action)(*values) for action, *values in script]


def watch(driver, arguments, metrics):
    """Feed `metrics` one by one: the results of step, and (best, best_epoch) after each."""
    seen = play(driver, arguments, SMALL, [("epoch", metric) for metric in metrics])
    return [flag for flag, *_ in seen], [(best, epoch) for _, best, epoch in seen]


def expected_epochs(reference, arguments, metrics):
    """What the reference gives for them: (result of step, best, best_epoch) each."""
    stopper, model = reference.EarlyStopping(**arguments), torch.nn.Linear(1, 1)
    return [(stopper.step(metric, model), stopper.best, stopper.best_epoch) for metric in metrics]


def epochs(metrics, weights):
    """Script lines that set the weights of each epoch and then feed its metric."""
    return [
        line for metric, tensors in zip(metrics, weights, strict=True) for line in [("set", tensors), ("step", metric)]
    ]


def assert_same(actual, expected):
    """Weights must come back exactly, bit for bit."""
    assert_close(actual, expected, rtol=0.0, atol=0.0)


@pytest.mark.task("stopping")
def test_stops_at_exactly_the_right_step(driver, rng):
    """Stopping comes at the last of `patience` steps in a row without improvement, neither sooner nor later.

    恰好在连续第 `patience` 个没有改进的步停止，不早也不晚。
    """
    patience = int(rng.integers(2, 6))
    start = float(rng.integers(8, 16))
    worse = [start + 1.0] * (patience - 1)
    # a stretch that is one step too short, an improvement, a full stretch, one step more, an improvement
    metrics = [start, *worse, start - 1.0, *worse, start, start, start - 2.0]
    flags = [False] * (2 * patience) + [True, True, False]
    seen = play(driver, {"patience": patience}, SMALL, [("step", metric) for metric in metrics])
    assert_close(seen, flags)


@pytest.mark.task("stopping")
@pytest.mark.parametrize("mode", ["min", "max"])
def test_random_metrics(driver, reference, rng, mode):
    """On random metrics every result of step, every best and every best_epoch is right.

    指标随机时，`step` 的每个返回值、每个 `best` 和每个 `best_epoch` 都正确。
    """
    for _ in range(3):
        arguments = {
            "patience": int(rng.integers(1, 5)),
            "min_delta": float(rng.integers(0, 5)) / 8,
            "mode": mode,
        }
        metrics = random_metrics(rng, 20)
        expected = expected_epochs(reference, arguments, metrics)
        assert_close(play(driver, arguments, SMALL, [("epoch", metric) for metric in metrics]), expected)


@pytest.mark.task("stopping")
@pytest.mark.parametrize("mode", ["min", "max"])
def test_gains_are_measured_against_the_best(driver, rng, mode):
    """A gain of min_delta is not enough, and gains that are too small by themselves add up.

    恰好好了 `min_delta` 还不够；单独看来太小的进步可以累积。
    """
    delta = float(rng.integers(1, 5)) / 4
    start = float(rng.integers(-8, 9))
    up = 1.0 if mode == "max" else -1.0
    # delta over the best: not enough; half a delta more: an improvement; then delta over the new best: not enough
    gains = [0.0, 1.0, 1.5, 2.0, 2.5, 1.5]
    metrics = [start + up * gain * delta for gain in gains]
    flags, best = watch(driver, {"patience": 3, "min_delta": delta, "mode": mode}, metrics)
    assert_close(flags, [False, False, False, False, False, True])
    assert_close(best, [*[(metrics[0], 0)] * 2, *[(metrics[2], 2)] * 4])


@pytest.mark.task("nonfinite")
@pytest.mark.parametrize("mode", ["min", "max"])
def test_nan_is_never_an_improvement(driver, rng, mode):
    """NaN adds to the steps without improvement, first, in the middle and after a stop, and never becomes the best.

    NaN 计入没有改进的步，无论出现在最先、中间还是停止之后，并且永远不会成为最佳指标。
    """
    value = float(rng.integers(-8, 9))
    better = value + (1.0 if mode == "max" else -1.0)
    metrics = [NAN, value, NAN, NAN, better, NAN, NAN, NAN, NAN]
    flags, best = watch(driver, {"patience": 3, "mode": mode}, metrics)
    assert_close(flags, [False, False, False, False, False, False, False, True, True])
    assert_close(best, [(None, None), *[(value, 1)] * 3, *[(better, 4)] * 5])


@pytest.mark.task("nonfinite")
def test_only_nan_stops_without_a_best(driver, rng):
    """A run that gives nothing but NaN stops after `patience` steps, and has no best epoch and nothing to restore.

    指标全是 NaN 的训练在 `patience` 步之后停止，没有最佳的一轮，也没有东西可恢复。
    """
    patience = int(rng.integers(1, 6))
    flags, best = watch(driver, {"patience": patience}, [NAN] * patience)
    assert_close(flags, [False] * (patience - 1) + [True])
    assert_close(best, [(None, None)] * patience)
    with pytest.raises(RuntimeError):
        play(driver, {"patience": patience}, SMALL, [("step", NAN)] * patience + [("restore",)])


@pytest.mark.task("nonfinite")
@pytest.mark.parametrize("mode", ["min", "max"])
def test_infinite_metrics(driver, rng, mode):
    """An infinitely bad metric is no improvement even when it is first; an infinitely good one is, once.

    无穷差的指标即使最先出现也不算改进；无穷好的指标算作改进，但只算一次。
    """
    good = INF if mode == "max" else -INF
    value = float(rng.integers(-8, 9))
    arguments = {"patience": 2, "mode": mode, "min_delta": float(rng.integers(0, 3)) / 8}
    flags, best = watch(driver, arguments, [-good, value, -good, good, value, -good])
    assert_close(flags, [False, False, False, False, False, True])
    assert_close(best, [(None, None), (value, 1), (value, 1), (good, 3), (good, 3), (good, 3)])


@pytest.mark.task("restore")
def test_best_parameters_and_buffers_come_back(driver, rng, torch_rng):
    """After further training, restore brings back every parameter and buffer of the best epoch, bit for bit.

    继续训练之后，`restore` 把最佳那一轮的每个参数和 buffer 逐位还原。
    """
    sizes = random_sizes(rng)
    best = int(rng.integers(0, 5))
    metrics = [4.0 + abs(epoch - best) for epoch in range(6)]
    weights = [random_weights(sizes, torch_rng) for _ in metrics]
    seen = play(driver, {"patience": 9}, sizes, [*epochs(metrics, weights), ("restore",), ("weights",)])
    assert_same(seen[-1], weights[best])


@pytest.mark.task("restore")
def test_step_leaves_the_model_alone(driver, rng, torch_rng):
    """Step changes nothing in the model, also when it says stop; only restore does.

    `step` 不改动模型中的任何东西，示意停止时也一样；只有 `restore` 才会改动。
    """
    sizes = random_sizes(rng)
    first, second = random_weights(sizes, torch_rng), random_weights(sizes, torch_rng)
    script = [("set", first), ("step", 1.0), ("weights",), ("set", second), ("step", 2.0), ("weights",)]
    seen = play(driver, {"patience": 1}, sizes, [*script, ("restore",), ("weights",)])
    assert_same(seen[2], first)
    assert_same(seen[5], second)
    assert_same(seen[7], first)


@pytest.mark.task("restore")
def test_training_after_restore_does_not_reach_the_snapshot(driver, rng, torch_rng):
    """Restore can be repeated: training in between changes the model and not the snapshot.

    `restore` 可以多次调用：其间的训练改变模型，但不改变快照。
    """
    sizes = random_sizes(rng)
    best, worse, later = (random_weights(sizes, torch_rng) for _ in range(3))
    script = [*epochs([1.0, 2.0], [best, worse]), ("restore",), ("set", later), ("look",), ("restore",), ("weights",)]
    seen = play(driver, {"patience": 3}, sizes, script)
    assert_close(seen[6], (1.0, 0))
    assert_same(seen[-1], best)


@pytest.mark.task("restore")
def test_an_optimizer_made_before_still_trains_the_model(driver, rng, torch_rng):
    """Restore works in place, so an optimizer that was made before goes on training the restored weights.

    `restore` 原地写回，因此先前创建的优化器能继续训练恢复后的权重。
    """
    sizes = random_sizes(rng)
    best, worse, gradients = (random_weights(sizes, torch_rng) for _ in range(3))
    script = [*epochs([1.0, 2.0], [best, worse]), ("restore",), ("descend", gradients), ("weights",)]
    after = play(driver, {"patience": 3}, sizes, script)[-1]
    buffers = ("1.running_mean", "1.running_var", "1.num_batches_tracked")
    expected = {name: value if name in buffers else value - gradients[name] for name, value in best.items()}
    assert_close(after, expected)


@pytest.mark.task("restore")
def test_nothing_to_restore(driver, rng, torch_rng):
    """Before the first improvement restore raises RuntimeError.

    第一次改进之前，`restore` 抛出 `RuntimeError`。
    """
    sizes = random_sizes(rng)
    weights = random_weights(sizes, torch_rng)
    script = [("set", weights), ("look",), ("restore",), ("weights",)]
    with pytest.raises(RuntimeError):
        play(driver, {"patience": 3}, sizes, script)
    seen = play(driver, {"patience": 3}, sizes, [*script[:2], ("step", 1.0), *script[2:]])
    assert_close(seen[1], (None, None))
    assert_same(seen[-1], weights)


@pytest.mark.task("resume")
def test_resuming_changes_nothing(driver, reference, rng):
    """A run that is saved and resumed before every step gives what an uninterrupted run gives.

    每一步之前都保存并续跑的训练，结果与不中断的训练相同。
    """
    arguments = {"patience": 3, "min_delta": 0.25, "mode": str(rng.choice(["min", "max"]))}
    up = 1.0 if arguments["mode"] == "max" else -1.0
    start = float(rng.integers(-8, 9))
    # an improvement after the count has grown, a gain that is too small, then random metrics
    gains = [0.0, -1.0, -1.0, 1.0, 1.25, -1.0, 1.0, 2.0, *random_metrics(rng, 2)]
    metrics = [start + up * gain for gain in gains]
    expected = expected_epochs(reference, arguments, metrics)
    script = [line for metric in metrics for line in [("checkpoint",), ("resume",), ("epoch", metric)]]
    assert_close(play(driver, arguments, SMALL, script)[2::3], expected)


@pytest.mark.task("resume")
def test_the_snapshot_is_part_of_the_state(driver, rng, torch_rng):
    """A resumed run can restore the weights of an epoch that lies before the interruption.

    续跑的训练能恢复中断之前某一轮的权重。
    """
    sizes = random_sizes(rng)
    weights = [random_weights(sizes, torch_rng) for _ in range(4)]
    before, after = epochs([2.0, 1.0], weights[:2]), epochs([3.0, 4.0], weights[2:])
    script = [*before, ("checkpoint",), ("resume",), *after, ("look",), ("restore",), ("weights",)]
    seen = play(driver, {"patience": 5}, sizes, script)
    assert_close(seen[-3], (1.0, 1))
    assert_same(parameters_of(seen[-1]), parameters_of(weights[1]))


@pytest.mark.task("resume")
def test_a_state_is_a_picture_of_its_moment(driver, rng, torch_rng):
    """Later steps and further training do not change a state that was returned earlier.

    之后的 `step` 和继续训练都不改变先前返回的状态。
    """
    sizes = random_sizes(rng)
    weights = [random_weights(sizes, torch_rng) for _ in range(4)]
    script = [
        *epochs([4.0, 5.0], weights[:2]), ("checkpoint",),
        *epochs([3.0, 2.0], weights[2:]), ("look",), ("resume",),
        ("look",), ("restore",), ("weights",), ("step", 5.0), ("step", 5.0), ("look",),
    ]  # fmt: skip
    seen = play(driver, {"patience": 3}, sizes, script)
    assert_close(seen[9], (2.0, 3))
    assert_close(seen[11], (4.0, 0))
    assert_same(parameters_of(seen[13]), parameters_of(weights[0]))
    assert_close(seen[14:], [False, True, (4.0, 0)])


@pytest.mark.task("resume")
def test_a_state_from_before_the_first_step(driver, rng):
    """A state can be taken before the first step; a run resumed from it starts from nothing.

    第一次 `step` 之前就可以取得状态；由它续跑的训练从零开始。
    """
    value = float(rng.integers(-8, 9))
    first, second = ([("epoch", value + gap) for gap in gaps] for gaps in ((0.0, 0.5), (1.0, 2.0)))
    seen = play(driver, {"patience": 1}, SMALL, [("checkpoint",), *first, ("resume",), ("look",), *second])
    assert_close(seen[1:3], [(False, value, 0), (True, value, 0)])
    assert_close(seen[4:], [(None, None), (False, value + 1.0, 0), (True, value + 1.0, 0)])


@pytest.mark.task("arguments")
def test_arguments_out_of_range_are_refused(candidate, driver, rng):
    """A patience below 1, a min_delta that is negative or not finite, and an unknown mode raise ValueError.

    `patience` 小于 1、`min_delta` 为负或不是有限数、`mode` 未知时，都抛出 `ValueError`。
    """
    value = float(rng.integers(-8, 9))
    seen = watch(driver, {"patience": 1, "min_delta": 0.0, "mode": "min"}, [value, value - 1.0])
    assert_close(seen, ([False, False], [(value, 0), (value - 1.0, 1)]))
    bad = [{"patience": 0}, {"patience": -int(rng.integers(1, 9))}, {"mode": ""}, {"mode": "auto"}]
    bad += [{"min_delta": delta} for delta in (-0.125, NAN, INF, -INF)]
    for arguments in bad:
        with pytest.raises(ValueError):
            candidate.EarlyStopping(**{"patience": 3, **arguments})


@pytest.mark.task("arguments")
def test_metrics_of_other_numeric_types(driver, rng):
    """A metric may be an int, a numpy scalar or a tensor with one element; best is a float all the same.

    指标可以是 `int`、NumPy 标量或只含一个元素的张量，`best` 仍然是 `float`。
    """
    value = int(rng.integers(5, 20))
    given = [
        value,
        np.float32(value - 1.5),
        np.int64(value - 2),
        torch.tensor(value - 2.5),
        torch.tensor([value - 3.0]),
    ]
    flags, best = watch(driver, {"patience": 2}, given)
    wanted = [value, value - 1.5, value - 2, value - 2.5, value - 3.0]
    assert_close(flags, [False] * 5)
    assert_close(best, [(float(metric), epoch) for epoch, metric in enumerate(wanted)])
