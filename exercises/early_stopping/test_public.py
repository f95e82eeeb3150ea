"""Public cases of early_stopping: literal metrics, and a small model whose weights are all one number."""

import pytest
import torch

from grader.judge import assert_close

NAN = float("nan")


def play(driver, arguments, script):
    """Do the lines `(action, *values)` of a script one after another; what each gave."""
    stage = driver.Stage(arguments)
    return [getattr(stage, action)(*values) for action, *values in script]


def all_set_to(value):
    """Every parameter and buffer of the driver's model, filled with one number."""
    shapes = {
        "0.weight": (3, 2), "0.bias": (3,),
        "1.weight": (3,), "1.bias": (3,), "1.running_mean": (3,), "1.running_var": (3,),
        "2.weight": (1, 3), "2.bias": (1,),
    }  # fmt: skip
    tensors = {name: torch.full(shape, float(value)) for name, shape in shapes.items()}
    return {**tensors, "1.num_batches_tracked": torch.tensor(int(value))}


def steps(metrics):
    """Script lines that feed `metrics` one after another."""
    return [("step", metric) for metric in metrics]


@pytest.mark.task("stopping")
def test_stops_after_patience_steps_without_improvement(driver):
    """Training stops at the second step in a row that is not better by more than min_delta.

    连续两步都没有好出 `min_delta` 以上时，训练在第二步停止。
    """
    script = [*steps([1.0, 0.5, 0.5, 0.25, 0.125, 0.5]), ("look",)]
    seen = play(driver, {"patience": 2, "min_delta": 0.125}, script)
    assert_close(seen, [False, False, False, False, False, True, (0.25, 3)])


@pytest.mark.task("stopping")
def test_larger_is_better_in_max_mode(driver):
    """In mode max a larger metric is an improvement and a smaller one is not.

    `"max"` 模式下，更大的指标算作改进，更小的不算。
    """
    seen = play(driver, {"patience": 1, "mode": "max"}, [*steps([0.5, 0.75, 0.625]), ("look",)])
    assert_close(seen, [False, False, True, (0.75, 1)])


@pytest.mark.task("nonfinite")
def test_nan_is_no_improvement(driver):
    """NaN counts as a step without improvement, also when it comes first.

    NaN 算作没有改进的一步，最先出现时也是如此。
    """
    seen = play(driver, {"patience": 2}, [("step", NAN), ("look",), *steps([2.0, NAN, 3.0]), ("look",)])
    assert_close(seen, [False, (None, None), False, False, True, (2.0, 1)])


@pytest.mark.task("restore")
def test_restores_the_weights_of_the_best_epoch(driver):
    """After more training, restore brings back the parameters and buffers of the best epoch.

    继续训练之后，`restore` 能恢复最佳那一轮的参数和 buffer。
    """
    script = []
    for epoch, metric in enumerate([3.0, 1.0, 2.0], start=1):
        script += [("set", all_set_to(epoch)), ("step", metric)]
    seen = play(driver, {"patience": 5}, [*script, ("restore",), ("weights",)])
    assert_close(seen[-1], all_set_to(2))


@pytest.mark.task("restore")
def test_nothing_to_restore(driver):
    """Before the first improvement restore raises RuntimeError and leaves the model as it is; from then on it works.

    第一次改进之前，`restore` 抛出 `RuntimeError`，模型保持不变；有了改进之后则可用。
    """
    stage = driver.Stage({"patience": 9})
    stage.set(all_set_to(1))
    for metrics in ([], [NAN], [float("inf"), NAN]):
        for metric in metrics:
            stage.step(metric)
        with pytest.raises(RuntimeError):
            stage.restore()
    assert_close([stage.weights(), stage.look()], [all_set_to(1), (None, None)])
    stage.step(0.0)
    stage.set(all_set_to(2))
    stage.restore()
    assert_close([stage.weights(), stage.look()], [all_set_to(1), (0.0, 3)])


@pytest.mark.task("resume")
def test_a_resumed_run_goes_on_counting(driver):
    """After saving and loading, the count goes on, and the best epoch is still known.

    保存再载入之后，计数接着进行，最佳的是哪一轮也仍然记得。
    """
    script = [*steps([1.0, 2.0]), ("checkpoint",), ("resume",), *steps([2.0, 2.0]), ("look",)]
    seen = play(driver, {"patience": 3}, script)
    assert_close(seen, [False, False, None, None, False, True, (1.0, 0)])


@pytest.mark.task("arguments")
def test_bad_arguments_are_refused(candidate, driver):
    """A patience of 0 and an unknown mode raise ValueError; a patience of 1 works.

    `patience` 为 0 或 `mode` 未知时抛出 `ValueError`；`patience` 为 1 时可以正常使用。
    """
    assert_close(play(driver, {"patience": 1}, [("step", 2.5), ("look",)]), [False, (2.5, 0)])
    with pytest.raises(ValueError):
        candidate.EarlyStopping(patience=0)
    with pytest.raises(ValueError):
        candidate.EarlyStopping(patience=3, mode="maximum")
