"""Hidden suite of nms: boxes, scores, labels and thresholds are drawn anew for every verdict.

No IoU is within 1e-3 of its threshold, unless both are equal to the bit: sound arithmetic of any order decides alike.
"""

import numpy as np
import pytest

from grader.judge import assert_close, assert_refuses, assert_same_again, assert_unchanged

NAN, INF = float("nan"), float("inf")
FAR = 0.0015  # of an IoU from the threshold: the statement's 1e-3 and room for the rounding of ours


def overlaps(boxes):
    """IoU of every two boxes, (N, N), where no area is 0."""
    low, high = (np.asarray(corner, np.float64) for corner in (boxes[:, :2], boxes[:, 2:]))
    sides = np.minimum(high[:, None], high) - np.maximum(low[:, None], low)
    shared, area = np.clip(sides, 0, None).prod(axis=2), (high - low).prod(axis=1)
    return shared / (area[:, None] + area - shared)


def a_threshold(rng, boxes, low=0.1, high=0.45):
    """One that no IoU of two of the boxes is near to."""
    found = np.unique(np.append(overlaps(boxes), [0.0, 1.0]))
    grid = rng.permutation(np.linspace(low, high, 241))
    above = np.searchsorted(found, grid)
    room = np.minimum(grid - found[above - 1], found[above] - grid)
    return float(grid[np.argmax(room > FAR)] if (room > FAR).any() else grid[np.argmax(room)])


def draw_boxes(rng, n, *, size=1.0, spread=2.0, origin=0.0):
    """n boxes of different shapes in one heap, float64; width, height and place are measured in `size`."""
    low = origin + size * rng.uniform(0, spread, (n, 2)) * [1.0, 0.6]
    return np.concatenate([low, low + size * rng.uniform(0.5, 2.0, (n, 2)) * [1.4, 0.7]], axis=1)


def draw_scores(rng, n, dtype=np.float64):
    """No two equal, of either sign."""
    return (rng.permutation(n) * 0.37 - n * 0.11).astype(dtype)


def check(candidate, reference, *given):
    """The candidate keeps what the reference keeps, in that order."""
    expected = reference.nms(*given)
    assert_close(candidate.nms(*given), expected)
    return expected


@pytest.mark.task("suppression")
def test_drawn_boxes(candidate, reference, rng):
    """Drawn boxes of three classes, in `float64` and `float32`.

    随机抽取三个类别的框，`float64` 与 `float32` 都试。
    """
    for dtype, n in ((np.float64, 60), (np.float32, 45)):
        boxes = draw_boxes(rng, n).astype(dtype)
        check(candidate, reference, boxes, draw_scores(rng, n, dtype), rng.integers(0, 3, n), a_threshold(rng, boxes))


@pytest.mark.task("suppression")
def test_chain(candidate, reference, rng):
    """In a chain in which only neighbors overlap, every other box remains, along either axis.

    在只有相邻两个重叠的一串框里，每隔一个留下一个，沿哪个轴排列都一样。
    """
    for axis, n in (
        (0, int(rng.integers(9, 14))),
        (1, int(rng.integers(203, 209))),
    ):  # of the longer one over 100 remain
        places = np.arange(n) * 4.0
        chain = np.zeros((n, 4))
        chain[:, axis], chain[:, axis + 2], chain[:, 3 - axis] = places, places + 7.0, 5.0
        given = rng.permutation(n)
        kept = check(candidate, reference, chain[given], -given.astype(float), np.zeros(n, np.int64), 0.2)
        assert len(kept) == (n + 1) // 2, "another number of boxes is kept\n留下的框数不对"


@pytest.mark.task("suppression")
def test_equal_to_the_threshold(candidate, reference, rng):
    """An IoU that equals the threshold does not suppress; one that is a little above does, in whole coordinates.

    IoU 等于阈值时不抑制，略高于阈值时抑制；坐标都是整数。
    """
    for width, step, threshold in ((3, 1, 0.5), (5, 3, 0.25), (7, 1, 0.75), (40, 0, 1)):
        height, x, y = (int(size) for size in rng.integers(3, 50, 3))
        box = np.array([x, y, x + width * 100, y + height])
        pair = np.stack([box, box + [step * 100, 0, step * 100, 0]])
        nearer = np.stack([box, box + [step * 100 - 2, 0, step * 100 - 2, 0]])
        dtypes = rng.permutation([np.float64, np.float32, np.int64] * 2)
        heaps = (pair, pair[:, [1, 0, 3, 2]], -pair[:, [2, 3, 0, 1]], *([nearer, nearer[::-1]] if step else []))
        for boxes, dtype in zip(heaps, dtypes):
            check(candidate, reference, boxes.astype(dtype), np.array([0.3, 0.9]), np.array([4, 4]), threshold)


@pytest.mark.task("suppression")
def test_apart(candidate, reference, rng):
    """With a threshold of 0, boxes that lie apart in one direction or in both, or that touch, all remain.

    阈值为 0 时，在一个或两个方向上不相交的框，以及仅边界相接的框，全部留下。
    """
    size, gap = rng.integers(10, 30, 2), rng.integers(1, 9, 2)
    corners = np.array([(i, j) for i in range(3) for j in range(4)]) * (size + gap * rng.integers(0, 2))
    boxes = np.concatenate([corners, corners + size], axis=1).astype(np.float64) - 35.0
    kept = check(candidate, reference, boxes, draw_scores(rng, 12), np.zeros(12, np.int64), 0)
    assert len(kept) == 12, "boxes that only touch were dropped\n去掉了仅边界相接的框"
    boxes[:, 2:] += gap + 2.0  # now neighbors overlap, by 2 at least
    assert len(check(candidate, reference, boxes, draw_scores(rng, 12), np.zeros(12, np.int64), 0.0)) < 12


@pytest.mark.task("suppression")
def test_inside(candidate, reference, rng):
    """A small box inside of a large one has the IoU of their areas, whichever is scored higher.

    小框在大框里面时，IoU 为两者面积之比，无论哪个得分高。
    """
    outer = np.array([0.0, 0.0, 10.0, 8.0]) + rng.uniform(-5, 5)
    boxes = np.stack([outer, outer + [1.0, 1.0, -3.0, -2.0], outer + [2.0, 1.5, -6.0, -4.0]])  # 80, 30 and 5 large
    for scores in (np.array([3.0, 2.0, 1.0]), np.array([1.0, 2.0, 3.0])):
        for threshold in (0.05, 0.1, 0.3, 0.5):
            check(candidate, reference, boxes, scores, np.array([1, 1, 1]), threshold)


@pytest.mark.task("classes")
def test_equal_boxes(candidate, reference, rng):
    """Of equal boxes the best of each class remains, whatever the labels: negative, huge, or alike as floats.

    相同的框中每类留下得分最高的一个，无论标签是负数、很大，还是转成浮点数后无法区分。
    """
    base = int(rng.integers(2**59, 2**61))
    names = np.array([0, -1, 1, 2**32, base, base + 1, -base, 2**63 - 1, -(2**63), 2**62], dtype=np.int64)
    labels = rng.permutation(np.repeat(names, 3))
    n = len(labels)
    boxes = np.tile(draw_boxes(rng, 1), (n, 1))
    for given in (boxes, boxes.astype(np.float32)):
        assert len(check(candidate, reference, given, draw_scores(rng, n), labels, 0.5)) == len(names)


@pytest.mark.task("classes")
def test_large_coordinates(candidate, reference, rng):
    """In coordinates near 10^6 with many classes, no digits get lost, in `float32` as in `float64`.

    坐标接近 10^6、类别很多时也不丢失精度，`float32` 与 `float64` 都是如此。
    """
    n = 60
    for dtype, size in ((np.float32, 12.0), (np.float64, 3e-3)):
        heap = draw_boxes(rng, n, size=size, origin=float(rng.choice([-9.9e5, 9.9e5]))).astype(dtype)
        labels = rng.integers(0, 3, n) * 400 + 7
        check(candidate, reference, heap, draw_scores(rng, n), labels, a_threshold(rng, heap))


@pytest.mark.task("classes")
def test_negative_coordinates(candidate, reference, rng):
    """Negative coordinates keep classes apart as well: no box of one class lands on another's.

    坐标为负时各类别同样互不影响：一个类别的框不会落到另一个类别的框上。
    """
    n = 30
    boxes = draw_boxes(rng, n, size=6.0, origin=2.0)
    lower = boxes - (boxes.max() + 1.0)  # which a shift by the largest coordinate, or the largest size of one, undoes
    given = rng.permutation(2 * n)
    both, labels = np.concatenate([boxes, lower])[given], np.repeat([3, 4], n)[given]
    check(candidate, reference, both, draw_scores(rng, 2 * n), labels, a_threshold(rng, both))
    below = draw_boxes(rng, n, origin=-7.0)
    check(candidate, reference, below, draw_scores(rng, n), rng.integers(-2, 3, n), a_threshold(rng, below))


@pytest.mark.task("order")
def test_ties(candidate, reference, rng):
    """Of equal scores the lower index goes first, in the decisions and in the result, across classes.

    得分相同时下标小的在先，判断时与结果中都是如此，跨类别也一样。
    """
    n = int(rng.integers(45, 60))
    for levels in (1, 4):
        boxes = draw_boxes(rng, n)
        scores = rng.integers(0, levels, n) * 0.25
        check(candidate, reference, boxes, scores, rng.integers(0, 12, n), a_threshold(rng, boxes))
        check(candidate, reference, boxes, scores.astype(np.float32), rng.integers(0, 2, n), 1)


@pytest.mark.task("order")
def test_close_scores(candidate, reference, rng):
    """Scores differ by as little as `float64` holds; they may be negative, large or tiny.

    得分可以只差 `float64` 能分辨的一点点，也可以是负数、很大或很小。
    """
    n = 24
    boxes = draw_boxes(rng, n)
    near = rng.permutation(n)
    for scores in (0.9 + near * 1e-15, -1.0 + near * 1e-15, near * 1e-300, (near - n / 2) * 1e300):
        check(candidate, reference, boxes, scores, rng.integers(0, 2, n), 1)  # all remain, so that all scores count


@pytest.mark.task("corners")
def test_no_area(candidate, reference, rng):
    """Boxes without width, height or both remain, and suppress none: alone, twice, and inside of others.

    宽、高或两者为 0 的框都留下，也不抑制别的框：单独出现、出现两次、在别的框里面都一样。
    """
    x, y = rng.uniform(1, 5, 2)
    flat = np.array([[x, y, x, y], [x, y, x + 2, y], [x, y, x, y + 3], [0, 0, 0, 0], [-x, -y, x + 9, y + 8]])
    for dtype in (np.float64, np.int64):
        boxes = np.concatenate([flat, flat[:4]]).astype(dtype)
        for threshold in (0, 0.5, 1.0):
            kept = check(candidate, reference, boxes, draw_scores(rng, 9), np.zeros(9, np.int64), threshold)
            assert len(kept) == 9, "another number of boxes is kept\n留下的框数不对"


@pytest.mark.task("corners")
def test_dtypes(candidate, reference, rng):
    """No area overflows and no difference wraps around in `int32`, `int64`, `uint16` and `float16`.

    `int32`、`int64`、`uint16` 和 `float16` 的面积都不溢出，差也不回绕。
    """
    n = 40
    kinds = ((np.int32, 4e5, -9e5), (np.int64, 4e5, -9e5), (np.uint16, 9e3, 0.0), (np.float16, 9e3, -5.9e4))
    for dtype, size, origin in (*kinds, (np.float16, 0.2, 0.1)):
        boxes = draw_boxes(rng, n, size=size, origin=origin).astype(dtype)
        check(candidate, reference, boxes, draw_scores(rng, n), rng.integers(0, 3, n), a_threshold(rng, boxes))


@pytest.mark.task("corners")
def test_small_boxes(candidate, reference, rng):
    """Boxes a few thousandths wide, as in coordinates from 0 to 1, are judged like any other.

    宽度只有千分之几的框（例如坐标在 0 到 1 之间时）与其他框一样处理。
    """
    n = 40
    for dtype in (np.float64, np.float32):
        boxes = draw_boxes(rng, n, size=3e-3, origin=rng.uniform(0.1, 0.8)).astype(dtype)
        check(candidate, reference, boxes, draw_scores(rng, n), rng.integers(0, 3, n), a_threshold(rng, boxes))


@pytest.mark.task("corners")
def test_few_boxes(candidate, reference, rng):
    """No box and a single box give an `int64` array of one axis, in each dtype.

    没有框或只有一个框时，每种 dtype 下都得到一维的 `int64` 数组。
    """
    for dtype in (np.float64, np.float32, np.float16, np.int64, np.int32, np.uint16):
        for n in (0, 1):
            boxes = draw_boxes(rng, n, size=20.0).astype(dtype)
            check(candidate, reference, boxes, draw_scores(rng, n), np.arange(n), float(rng.random()))


@pytest.mark.task("arguments")
def test_bad_arguments(candidate, rng):
    """Wrong shapes, NaN, infinity, corners out of order and thresholds beyond 0 and 1 are refused, alone and in pairs.

    形状不对、NaN、无穷大、两角次序不对、阈值超出 0 到 1，无论单独还是成对出现都会被拒绝。
    """
    n = int(rng.integers(5, 9))
    boxes = draw_boxes(rng, n)
    sound = {"boxes": boxes, "scores": draw_scores(rng, n), "labels": rng.integers(0, 2, n), "iou_threshold": 0.5}
    place = int(rng.integers(n))

    def spoiled(array, column, value):
        worse = array.copy()
        worse[(place, column) if array.ndim == 2 else place] = value
        return worse

    shapes = [boxes[:, :3], boxes.T, boxes[:, :, None], np.pad(boxes, ((0, 0), (0, 1))), boxes.ravel(), boxes[None]]
    values = [spoiled(boxes, column, value) for column, value in ((0, NAN), (3, NAN), (2, INF), (1, -INF))]
    swapped = [boxes[:, order] for order in ([2, 1, 0, 3], [0, 3, 2, 1], [2, 3, 0, 1])]
    swapped.append(spoiled(boxes, 3, boxes[place, 1] - 1e-3))
    bad_scores = [sound["scores"][:, None], sound["scores"][1:], np.append(sound["scores"], 0.1), np.array(0.5)]
    bad = {
        "boxes": [*shapes, *values, *swapped],
        "scores": [*bad_scores, *(spoiled(sound["scores"], None, value) for value in (NAN, INF, -INF))],
        "labels": [sound["labels"][1:], sound["labels"][None], sound["labels"][:1], np.append(sound["labels"], 0)],
        "iou_threshold": [1.1, NAN, 50, -1e-9],
    }
    assert_refuses(candidate.nms, sound, bad)
    none = {"boxes": np.zeros((0, 4)), "scores": np.zeros(0), "labels": np.zeros(0, np.int64), "iou_threshold": 0.5}
    assert_refuses(candidate.nms, none, {"boxes": [np.zeros((0, 5))], "iou_threshold": [2, NAN]})


@pytest.mark.task("arguments")
def test_arguments_stay(candidate, reference, rng):
    """After a right result the arguments are as they were, and the same call gives it again.

    在结果正确的前提下，参数保持原样，同样的调用再次得到相同的结果。
    """
    n = 25
    boxes = draw_boxes(rng, n)
    scores, labels, threshold = draw_scores(rng, n), rng.integers(0, 2, n), a_threshold(rng, boxes)
    assert len(check(candidate, reference, boxes, scores, labels, threshold)) < n, (
        "another number of boxes is kept\n留下的框数不对"
    )
    assert_same_again(lambda: candidate.nms(boxes, scores, labels, threshold))
    assert_unchanged(boxes, scores, labels)
