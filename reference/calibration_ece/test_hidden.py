"""Hidden cases of calibration_ece: probabilities, labels and numbers of bins are drawn anew for every verdict."""

import numpy as np
import pytest

from grader.judge import assert_close, assert_refuses, assert_unchanged, distinct_sizes

NAN, INF = float("nan"), float("inf")


def rows_of(rng, confidence, classes):
    """Rows (n, C) whose largest probability is exactly the confidence given, at a random place."""
    rest = rng.uniform(0.95, 1.05, (len(confidence), classes - 1))
    rest *= ((1 - confidence) / rest.sum(axis=1))[:, None]
    probs = np.concatenate([confidence[:, None], rest], axis=1)
    return rng.permuted(probs, axis=1)


def draw_labels(rng, probs, n_bins):
    """Labels that mostly agree with the prediction in one bin and mostly do not in the next.

    So the gaps of neighbors have different signs, and rows that are put into another bin change the error.
    """
    guess, n = probs.argmax(axis=1), len(probs)
    other = (guess + rng.integers(1, probs.shape[1], n)) % probs.shape[1]
    even = np.ceil(probs.max(axis=1) * n_bins) % 2 == int(rng.integers(2))
    labels = np.where(rng.random(n) < np.where(even, 0.9, 0.1), guess, other)
    labels[:2] = guess[0], other[1]  # at least one of each
    return labels


def draw_confidence(rng, n, n_bins, low, high=1.0):
    """Confidences from `low` to `high`, none of them near an edge."""
    while True:
        confidence = rng.uniform(low, high, n)
        if (np.abs(confidence - np.rint(confidence * n_bins) / n_bins) > 1e-5).all():
            return confidence


def draw(rng, n_bins, n=None, classes=None):
    """Probabilities and labels; from seven classes up, confidences reach down to 0.2."""
    classes = int(rng.integers(7, 10)) if classes is None else classes
    n = int(rng.integers(30, 60)) if n is None else n
    probs = rows_of(rng, draw_confidence(rng, n, n_bins, 0.2 if classes > 6 else 1.1 / classes), classes)
    return probs, draw_labels(rng, probs, n_bins)


@pytest.mark.task("error")
def test_random_rows(candidate, reference, rng):
    """Random rows in several numbers of bins have the error of the definition.

    随机各行在不同箱数下的误差符合定义。
    """
    for n_bins in distinct_sizes(rng, 3, 3, 30):
        probs, labels = draw(rng, n_bins)
        expected = reference.expected_calibration_error(probs, labels, n_bins)
        assert_close(candidate.expected_calibration_error(probs, labels, n_bins), expected)


@pytest.mark.task("error")
def test_bins_do_not_cancel(candidate, reference, rng):
    """A bin that is too sure and one that is not sure enough do not make up for each other.

    过于自信的箱与不够自信的箱不能互相抵消。
    """
    n = int(rng.integers(10, 20))
    confidence = np.concatenate([rng.uniform(0.91, 0.99, n), rng.uniform(0.31, 0.39, n)])
    probs = rows_of(rng, confidence, 6)
    labels = probs.argmax(axis=1)
    labels[: n - 2] = (labels[: n - 2] + 1) % 6
    expected = reference.expected_calibration_error(probs, labels, 10)
    assert_close(candidate.expected_calibration_error(probs, labels, 10), expected)


@pytest.mark.task("error")
def test_default_bins(candidate, reference, rng):
    """There are 15 bins unless n_bins is given, and it may be given by name.

    不传 `n_bins` 时是 15 个箱；也可以按名字传入。
    """
    for _ in range(2):
        probs, labels = draw(rng, 15)
        expected = reference.expected_calibration_error(probs, labels, 15)
        assert_close(candidate.expected_calibration_error(probs, labels), expected)
    n_bins = int(rng.integers(5, 10))
    probs, labels = draw(rng, n_bins)
    expected = reference.expected_calibration_error(probs, labels, n_bins)
    assert_close(candidate.expected_calibration_error(labels=labels, n_bins=n_bins, probs=probs), expected)


@pytest.mark.task("error")
def test_two_classes(candidate, reference, rng):
    """With two classes, confidence is the probability of the one that is predicted.

    两个类别时，置信度是预测类别的概率。
    """
    for n_bins in distinct_sizes(rng, 2, 5, 12):
        probs, labels = draw(rng, n_bins, classes=2)
        expected = reference.expected_calibration_error(probs, labels, n_bins)
        assert_close(candidate.expected_calibration_error(probs, labels, n_bins), expected)


@pytest.mark.task("error")
def test_equal_probabilities(candidate, reference, rng):
    """Where the highest probability occurs twice, the lower index is the prediction, and the higher by a last bit wins.

    最大的概率出现两次时，预测取下标较小的类别；哪怕只在最后一位上更大，也是更大的那个。
    """
    n, classes = int(rng.integers(12, 20)), 5
    high = draw_confidence(rng, n, 7, 0.25, 0.49)
    pairs = np.sort(rng.permuted(np.tile(np.arange(classes), (n, 1)), axis=1)[:, :2], axis=1)
    probs = np.repeat(((1 - 2 * high) / 3)[:, None], classes, axis=1)
    np.put_along_axis(probs, pairs, high[:, None], axis=1)
    for labels in (pairs[:, 0], pairs[:, 1], np.where(np.arange(n) % 3 == 0, pairs[:, 0], pairs[:, 1])):
        expected = reference.expected_calibration_error(probs, labels, 7)
        assert_close(candidate.expected_calibration_error(probs, labels, 7), expected)
    np.put_along_axis(probs, pairs[:, 1:], np.nextafter(high, 1)[:, None], axis=1)
    expected = reference.expected_calibration_error(probs, labels, 7)
    assert_close(candidate.expected_calibration_error(probs, labels, 7), expected)


@pytest.mark.task("bins")
def test_every_edge(candidate, reference, rng):
    """A confidence on an edge is in the lower bin, at every edge, and the next float in the upper one.

    落在边界上的置信度属于较低的箱，比边界大一点点的浮点数属于较高的箱，每个边界都如此。
    """
    for n_bins in (2, 4, 8, 16):
        steps = np.arange(max(1, n_bins // 8), n_bins) if n_bins > 2 else np.array([1])
        on = rng.permutation(np.repeat(steps, 3)) / n_bins
        above = np.nextafter(rng.permutation(np.repeat(steps, 2)) / n_bins, 1)
        between = (rng.choice(steps, 12) + rng.uniform(0.1, 0.9, 12)) / n_bins
        probs = rows_of(rng, np.concatenate([on, above, between]), 12)
        labels = draw_labels(rng, probs, n_bins)
        expected = reference.expected_calibration_error(probs, labels, n_bins)
        assert_close(candidate.expected_calibration_error(probs, labels, n_bins), expected)


@pytest.mark.task("bins")
def test_certain_rows(candidate, reference, rng):
    """A confidence of 1 is in the last bin, with those close to it.

    置信度 1 属于最后一个箱，与接近 1 的在一起。
    """
    for n_bins in (10, 15, 8, int(rng.integers(20, 101))):
        ones, others = int(rng.integers(4, 9)), draw_confidence(rng, 3, n_bins, 0.3)
        confidence = np.concatenate([np.ones(ones), 1 - rng.uniform(0.1, 0.9, 6) / n_bins, others])
        probs = rows_of(rng, confidence, 4)
        labels = draw_labels(rng, probs, n_bins)  # one of the first two is wrong
        labels[ones:-3] = probs[ones:-3].argmax(axis=1)  # a gap the other way, which makes up for it within a bin
        order = rng.permutation(len(labels))
        expected = reference.expected_calibration_error(probs[order], labels[order], n_bins)
        assert_close(candidate.expected_calibration_error(probs[order], labels[order], n_bins), expected)


@pytest.mark.task("bins")
def test_empty_bins(candidate, reference, rng):
    """Bins without rows add nothing, even if most of them are empty.

    没有行的箱不计，即便大多数箱都是空的。
    """
    for n, n_bins in ((int(rng.integers(3, 9)), 100), (40, 97), (1, 15), (2, int(rng.integers(30, 60)))):
        probs, labels = draw(rng, n_bins, n=n) if n > 1 else draw(rng, n_bins, n=2)
        probs, labels = probs[:n], labels[:n]
        expected = reference.expected_calibration_error(probs, labels, n_bins)
        assert_close(candidate.expected_calibration_error(probs, labels, n_bins), expected)


@pytest.mark.task("bins")
def test_one_bin(candidate, reference, rng):
    """A single bin compares accuracy and mean confidence of all rows; one class is always right.

    只有一个箱时，比较全部行的准确率与平均置信度；只有一个类别时总是正确。
    """
    probs, labels = draw(rng, 1)
    expected = reference.expected_calibration_error(probs, labels, 1)
    assert_close(candidate.expected_calibration_error(probs, labels, 1), expected)
    n = int(rng.integers(2, 6))
    assert_close(candidate.expected_calibration_error(np.ones((n, 1)), np.zeros(n, np.int64), 4), 0.0)


@pytest.mark.task("contract")
def test_single_precision(candidate, reference, rng):
    """float32 probabilities are averaged in float64.

    `float32` 的概率用 `float64` 求平均。
    """
    for n_bins in (1, *distinct_sizes(rng, 3, 3, 20)):
        probs, labels = draw(rng, n_bins, n=int(rng.integers(150, 200)))
        probs = probs.astype(np.float32)
        expected = reference.expected_calibration_error(probs, labels, n_bins)
        assert_close(candidate.expected_calibration_error(probs, labels, n_bins), expected)


@pytest.mark.task("contract")
def test_kind_of_result(candidate, reference, rng):
    """The result is a float and no array, for either dtype.

    无论哪种 dtype，结果都是浮点数而不是数组。
    """
    for dtype in (np.float64, np.float32):
        probs, labels = draw(rng, 9)
        probs = probs.astype(dtype)
        result = candidate.expected_calibration_error(probs, labels, 9)
        assert_close(result, reference.expected_calibration_error(probs, labels, 9))
        assert isinstance(result, float), "the result is no float\n结果不是浮点数"


@pytest.mark.task("contract")
def test_bad_values(candidate, reference, rng):
    """n_bins below 1, labels of no class, and numbers that are no probabilities raise ValueError, also in pairs.

    `n_bins` 小于 1、标签不是任何类别、数值不是概率时抛出 `ValueError`，两种同时出现也一样。
    """
    probs, labels = draw(rng, 6)
    n, classes = probs.shape

    def with_one(array, value):
        changed = array.copy()
        changed[tuple(int(rng.integers(size)) for size in array.shape)] = value
        return changed

    sound = {"probs": probs, "labels": labels, "n_bins": 6}
    bad = {
        "probs": [with_one(probs, value) for value in (NAN, -1e-15, np.nextafter(1, 2), INF, -INF)],
        "labels": [with_one(labels, value) for value in (classes, -1, classes + 3, -classes)],
        "n_bins": [0, -1, -6],
    }
    bad["probs"].append(np.full((n, classes), NAN))
    expected = reference.expected_calibration_error(probs, labels, 6)
    assert_close(assert_refuses(candidate.expected_calibration_error, sound, bad), expected)


@pytest.mark.task("contract")
def test_bad_shapes(candidate, reference, rng):
    """probs that are not (n, C) or are empty, and labels that are not (n,), raise ValueError.

    `probs` 的形状不是 (n, C) 或没有元素，或者 `labels` 的形状不是 (n,) 时，抛出 `ValueError`。
    """
    probs, labels = draw(rng, 6)
    sound = {"probs": probs, "labels": labels, "n_bins": 6}
    bad = {
        "labels": [
            labels[:-1],
            labels[:1],
            labels[:, None],
            labels[None],
            np.append(labels, 0),
            np.array(1),
            labels[:0],
        ],
        "probs": [probs[:, 0], probs[None], probs[:-1], probs[:1], probs[:0], probs[:, :0]],
        ("probs", "labels"): [(probs[:0], labels[:0]), (probs[None], labels[None]), (probs[:, :0], labels[:, None])],
        "n_bins": [0],
    }
    expected = reference.expected_calibration_error(probs, labels, 6)
    assert_close(assert_refuses(candidate.expected_calibration_error, sound, bad, pairs=False), expected)


@pytest.mark.task("contract")
def test_arguments_stay(candidate, reference, rng):
    """Probabilities and labels are as they were, after a result that is right.

    在结果正确的前提下，概率和标签保持原样。
    """
    for dtype in (np.float64, np.float32):
        probs, labels = draw(rng, 9)
        probs = probs.astype(dtype)
        expected = reference.expected_calibration_error(probs, labels, 9)
        assert_close(candidate.expected_calibration_error(probs, labels, 9), expected)
        assert_unchanged(probs, labels)
