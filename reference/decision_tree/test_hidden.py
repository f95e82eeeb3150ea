"""Hidden cases of decision_tree: rows, labels and probes are drawn anew for every verdict."""

import numpy as np
import pytest

from grader.judge import assert_close, assert_each_raises, assert_refuses, assert_unchanged

NAN, INF = float("nan"), float("inf")


def draw_labelled(rng, n=None, levels=None):
    """X (n, d) and y (n,) of 3 labels with gaps, related to two columns; with `levels`, values repeat."""
    n = n or int(rng.integers(24, 40))
    d = int(rng.integers(3, 6))
    X = rng.normal(size=(n, d)) if levels is None else rng.integers(0, levels, (n, d)) / 2.0
    sums = X[:, 0] - X[:, -1] + 0.7 * rng.normal(size=n)
    labels = np.sort(rng.choice(np.arange(-50, 50), 3, replace=False)) * 10**11 + int(rng.choice([0, 2**62 + 1]))
    return X, labels[np.digitize(sums, np.quantile(sums, [0.3, 0.8]))]


def assert_split(candidate, reference, X, y, *limit):
    """The same feature and threshold as the reference, or None for both."""
    expected, found = reference.best_split(X, y, *limit), candidate.best_split(X, y, *limit)
    if expected is None or found is None:
        assert_close(found is None, expected is None)
        return
    feature, threshold = found
    assert_close(int(feature), expected[0])
    assert_close(float(threshold), expected[1])


def probes_of(rng, X, m=60):
    """Rows whose values are among those of X, in the middle of two of them, or anywhere near (m, d)."""
    columns = []
    for column in X.T.astype(np.float64):
        values = np.unique(column)
        middles = (values[1:] + values[:-1]) / 2
        near = rng.uniform(values[0] - 1, values[-1] + 1, 20)
        columns.append(rng.choice(np.concatenate([values, middles, near]), m))
    return np.stack(columns, axis=1)


def assert_tree(candidate, reference, rng, X, y, **limits):
    """The same shares and labels as the reference's tree for drawn probes."""
    probes = probes_of(rng, X)
    expected = reference.DecisionTree(**limits).fit(X, y)
    tree = candidate.DecisionTree(**limits).fit(X, y)
    assert_close(tree.predict_proba(probes), expected.predict_proba(probes))
    assert_close(tree.predict(probes), expected.predict(probes))


@pytest.mark.task("split")
def test_smallest_weighted_impurity(candidate, reference, rng):
    """The split whose two impurities, weighted by their rows, are smallest, for two labels and for more.

    两边不纯度按行数加权后最小的划分，两个标签和更多标签都一样。
    """
    for levels in (None, 6):
        X, y = draw_labelled(rng, levels=levels)
        assert_split(candidate, reference, X, y)
        assert_split(candidate, reference, X, np.where(y == y.max(), 1, 0))
    # 40 rows: Gini cuts off twelve pure rows, entropy and errors prefer other cuts, an unweighted mean the first row.
    labels = np.repeat([0, 1, 0, 1, 0], [1, 4, 6, 18, 11])
    assert_split(candidate, reference, np.arange(40.0)[:, None], labels)
    assert_split(candidate, reference, np.arange(40.0)[::-1, None].copy(), labels)


@pytest.mark.task("split")
def test_gini_and_nothing_else(candidate, reference, rng):
    """Drawn labels at which entropy, errors or an unweighted mean would choose another split.

    抽取一些标签，使熵、错误率或不加权的均值会选别的划分。
    """
    for _ in range(10):
        n = int(rng.integers(12, 30))
        order = rng.permutation(n)
        y = np.sort(rng.integers(0, 4, n))[np.argsort(rng.normal(size=n) + np.arange(n) / 3)]
        assert_split(candidate, reference, np.stack([order, order.argsort()], axis=1) * 1.0, y[order])


def last_digits_differ(rng):
    """(X, y) whose features all have one score, the first of which loses by rounding: one for each usual formula."""
    usual = [
        lambda left, right: (left.sum() * gini(left) + right.sum() * gini(right)) / 66,
        lambda left, right: left.sum() / 66 * gini(left) + right.sum() / 66 * gini(right),
        lambda left, right: -(left**2).sum() / left.sum() / 66 - ((right / right.sum()) ** 2).sum() * right.sum() / 66,
    ]
    y = np.repeat(np.arange(6), 11)
    for formula in usual:
        for _ in range(300):  # of the draws every eighth is one: that none is has probability 1e-17
            left = rng.choice(np.arange(1.0, 11.0), 6, replace=False)
            orders = [left[rng.permutation(6)] for _ in range(20)]
            scores = [formula(order, 11 - order) for order in orders]
            if min(scores) < scores[0]:
                break
        yield (
            np.stack([np.concatenate([np.arange(11) >= count for count in order]) for order in orders], axis=1) * 2.0,
            y,
        )


def gini(counts):
    """Gini impurity of label counts (c,)."""
    return 1 - ((counts / counts.sum()) ** 2).sum()


@pytest.mark.task("split")
def test_ties(candidate, reference, rng):
    """Among equal scores the lowest feature wins, then the lowest threshold, whatever the last digit says.

    得分相等时取下标最小的特征，再取最小的阈值，不受最后一位舍入的影响。
    """
    for _ in range(4):
        half = rng.integers(0, 3, int(rng.integers(5, 9)))
        y = np.concatenate([half, half[::-1]])  # read from either end the counts are the same
        if len(set(y)) == 1:
            y[[0, -1]] += 1
        up = np.arange(len(y)) * 2.0
        assert_split(candidate, reference, up[:, None], y)
        assert_split(candidate, reference, np.stack([up * 0, up[::-1] * 3, up + 1], axis=1), y)
    for X, y in last_digits_differ(rng):
        assert_split(candidate, reference, X, y)
    # Cuts of unequal sides with one score, 1/3: 1 - (sum of squares) / n of column 0 is larger in the last bit.
    X = np.array([[0, 1], [7, 6], [5, 3], [1, 4], [6, 2], [3, 3], [5, 0], [5, 6]])
    for columns in (X, X[:, ::-1]):
        assert_split(candidate, reference, columns, np.array([1, 1, 1, 0, 0, 1, 1, 1]))
    X = rng.integers(0, 2, (20, 4))  # few values: many features give the same two groups
    X[:, 2], X[:, 3] = 1 - X[:, 1], X[:, 1]
    assert_split(candidate, reference, X, X[:, 1] + 5)


@pytest.mark.task("split")
def test_rows_on_both_sides(candidate, reference, rng):
    """Both sides keep min_samples_leaf rows, and None is returned where no split does.

    两边都至少有 `min_samples_leaf` 行；做不到时返回 `None`。
    """
    X, y = draw_labelled(rng, n=21, levels=7)
    for least in (2, 5, 9, 10, 11, 21, 50):
        assert_split(candidate, reference, X, y, least)
    line = np.arange(10.0)[:, None]
    for labels in (np.repeat([0, 1], [2, 8]), np.repeat([0, 1], [8, 2])):
        for least in (2, 3, 6):
            assert_split(candidate, reference, line, labels, least)


@pytest.mark.task("split")
def test_nothing_to_split(candidate, reference, rng):
    """Equal labels, constant features and a single row give None; a useless split is still a split.

    标签全同、特征为常数、只有一行时返回 `None`；没有用的划分仍是划分。
    """
    X, y = draw_labelled(rng)
    for rows, labels in (
        (X, np.full(len(y), 7)), (np.full((9, 2), 0.3), y[:9]), (X[:1], y[:1]),
        (np.array([[0.0], [0.0], [1.0], [1.0]]), np.array([0, 1, 0, 1])),
        (np.hstack([np.full((len(y), 2), 8.0), X]), y),
    ):  # fmt: skip
        assert_split(candidate, reference, rows, labels)


@pytest.mark.task("split")
def test_close_and_large_values(candidate, reference, rng):
    """The threshold lies between two values that are neighbors in floating point, large or small.

    两个取值即使是相邻的浮点数，无论大小，阈值也在它们之间。
    """
    for size in (1.0, 1e-9, 1e99, -1e99, -3.0):
        value = size * float(rng.uniform(1.0, 2.0))
        for _ in range(2):  # one of two middles in a row rounds up
            value, above = float(np.nextafter(value, np.inf)), float(np.nextafter(np.nextafter(value, np.inf), np.inf))
            X = np.array([[value], [above], [value], [above]])
            feature, threshold = candidate.best_split(X, np.array([5, 2, 5, 2]))
            assert_close(int(feature), 0)
            assert_close([value <= threshold, threshold < above], [True, True])
            if size in (1.0, -3.0):
                expected = reference.DecisionTree().fit(X, np.array([5, 2, 5, 2])).predict(X)
                assert_close(candidate.DecisionTree().fit(X, np.array([5, 2, 5, 2])).predict(X), expected)


@pytest.mark.task("tree")
def test_grown_to_the_end(candidate, reference, rng):
    """Without limits: shares and labels of drawn probes, many of which lie on a threshold.

    不设限制：抽取的样本的占比与标签，其中许多落在阈值上。
    """
    for levels in (None, 5):
        assert_tree(candidate, reference, rng, *draw_labelled(rng, levels=levels))
    # Labels that are all different: all cuts have one score, and every level takes off one row.
    labels = rng.permutation(36)
    chain = candidate.DecisionTree().fit(np.arange(36)[:, None], labels)
    assert_close(chain.predict(np.arange(36)[:, None]), labels)


@pytest.mark.task("tree")
def test_depth(candidate, reference, rng):
    """The root has depth 0: max_depth is the largest number of splits above a leaf.

    根的深度为 0：`max_depth` 是叶子上方划分次数的上限。
    """
    X, y = draw_labelled(rng, levels=9)
    for depth in (0, 1, 3):
        assert_tree(candidate, reference, rng, X, y, max_depth=depth)


@pytest.mark.task("tree")
def test_leaf_size(candidate, reference, rng):
    """Every leaf has min_samples_leaf rows, and nodes are split as long as both sides can.

    每个叶子至少有 `min_samples_leaf` 行；只要两边都满足就继续划分。
    """
    X, y = draw_labelled(rng, levels=9)
    for least in (2, 6):
        assert_tree(candidate, reference, rng, X, y, min_samples_leaf=least)
    assert_tree(candidate, reference, rng, X, y, max_depth=3, min_samples_leaf=4)


@pytest.mark.task("tree")
def test_no_gain_at_first(candidate, reference, rng):
    """A node is split even where no split lowers the impurity, as in XOR.

    即使任何划分都不降低不纯度也照样划分，例如 XOR。
    """
    X = np.array([[0, 0], [0, 3], [5, 0], [5, 3]] * 3)
    y = np.array([2, 9, 9, 2] * 3)
    order = rng.permutation(12)
    for depth in (None, 1):
        assert_tree(candidate, reference, rng, X[order], y[order], max_depth=depth)


@pytest.mark.task("tree")
def test_shares_and_ties_of_labels(candidate, reference, rng):
    """All labels have a column in ascending order, and the smallest of the most frequent is predicted.

    所有标签按升序各占一列；出现最多的标签不止一个时，预测最小的。
    """
    labels = rng.permutation(rng.choice(np.arange(-9, 9), 4, replace=False))  # two leaves, each with a tie of two
    y = np.repeat(labels, [3, 3, 4, 4])
    X = np.repeat([[1], [2]], [6, 8], axis=0)
    order = rng.permutation(14)
    assert_tree(candidate, reference, rng, X[order], y[order])
    assert_tree(candidate, reference, rng, X[order], y[order], max_depth=0)
    assert_tree(candidate, reference, rng, X[:1], y[:1])


@pytest.mark.task("tree")
def test_fit_again(candidate, reference, rng):
    """fit returns the object; a second fit leaves nothing of the first, and other objects are not touched.

    `fit` 返回对象自身；再次拟合不留下上一次的内容，也不影响别的对象。
    """
    (X, y), (other_X, other_y) = draw_labelled(rng, levels=6), draw_labelled(rng, levels=6)
    other_X, other_y = other_X[:, :2], np.where(other_y > np.median(other_y), 4, 1)
    first, second = candidate.DecisionTree(max_depth=2), candidate.DecisionTree(min_samples_leaf=3)
    first.fit(X, y)
    second.fit(other_X, other_y)
    expected = reference.DecisionTree(max_depth=2).fit(X, y)
    probes = probes_of(rng, X)
    assert_close(first.predict_proba(probes), expected.predict_proba(probes))
    expected = reference.DecisionTree(max_depth=2).fit(other_X, other_y)
    probes = probes_of(rng, other_X)
    again = first.fit(other_X, other_y)
    for tree in (first, again):
        assert_close(tree.predict_proba(probes), expected.predict_proba(probes))
        assert_close(tree.predict(probes), expected.predict(probes))


@pytest.mark.task("contract")
def test_dtypes(candidate, reference, rng):
    """uint8 and large integers do not wrap around, float32 is compared in float64, and predictions may mix dtypes.

    `uint8` 与大整数不会回绕，`float32` 按 `float64` 比较，预测时 dtype 可以不同。
    """
    X, y = draw_labelled(rng)
    ranks = X.argsort(axis=0).argsort(axis=0)
    for rows in ((200 + ranks).astype(np.uint8), 2**50 - 99 + ranks, X.astype(np.float32)):
        assert_split(candidate, reference, rows, y)
        expected = reference.DecisionTree().fit(rows, y)
        tree = candidate.DecisionTree().fit(rows, y)
        assert_close(tree.predict(rows), expected.predict(rows))
        probes = probes_of(rng, rows) if rows.dtype != np.uint8 else rows.astype(np.float64)
        assert_close(tree.predict_proba(probes), expected.predict_proba(probes))
    # Neighbors in float32 have a middle that only float64 holds: rounded, it goes to either side.
    low = np.float32(rng.uniform(1.0, 2.0))
    close = [low]
    for _ in range(7):
        close.append(np.nextafter(close[-1], np.float32(9)))
    rows = np.array(close, dtype=np.float32)[:, None]
    tree = candidate.DecisionTree().fit(rows, np.arange(8) % 3)
    assert_close(tree.predict(rows), np.arange(8) % 3)


@pytest.mark.task("contract")
def test_no_rows_to_predict(candidate, reference, rng):
    """No rows give shapes (0, c) and (0,).

    没有行时，结果的形状为 (0, c) 和 (0,)。
    """
    X, y = draw_labelled(rng)
    for limits in ({}, {"max_depth": 0}):
        tree = candidate.DecisionTree(**limits).fit(X, y)
        assert_close(tree.predict_proba(X[:0]), np.zeros((0, 3)))
        assert_close(tree.predict(X[:0]), np.zeros(0, dtype=np.int64))


@pytest.mark.task("contract")
def test_bad_arguments(candidate, reference, rng):
    """Bad rows, labels and limits raise ValueError, alone or together, and so do rows that do not fit the tree.

    行、标签、限制不合要求时抛出 `ValueError`，单独或同时出现都一样；与树不符的行也是。
    """
    X, y = draw_labelled(rng, n=9)
    n, d = X.shape
    at = np.arange(n * d).reshape(n, d) == int(rng.integers(n * d))
    odd = [np.where(at, value, X) for value in (NAN, INF, -INF)]
    rows = [*odd, X[:, 0], X[:, :, None], X[:0], X[:, :0], X[:5], X[:2]]
    same = np.full(n, 3)  # nothing to split, and still no tree
    labels = [y[:, None], same[:, None], y[:6], y[:1], np.append(y, y[:1]), y[:0], y[None]]
    sound = {"X": X, "y": y, "min_samples_leaf": 2}
    bad = {"X": rows, "y": labels, "min_samples_leaf": [0, -1], ("X", "y"): [(X[:0], y[:0])]}
    found = assert_refuses(candidate.best_split, sound, bad)
    assert_close(int(found[0]), reference.best_split(X, y, 2)[0])
    tree = candidate.DecisionTree(max_depth=1)
    assert_each_raises(
        ValueError, tree.fit, [*((each, y) for each in rows), *((X, each) for each in labels), (odd[0], same)]
    )
    assert_each_raises(ValueError, candidate.DecisionTree, [(-1,), (None, 0), (-3, 2), (2, -1), (0, 0)])
    tree.fit(X, y)
    narrow = [*odd, X[:, :-1], np.hstack([X, X[:, :1]]), X[0], X[:, :, None], X[:0, :-1]]
    for method in (tree.predict, tree.predict_proba):
        assert_close(len(method(X)), n)
        assert_each_raises(ValueError, method, [(each,) for each in narrow])


@pytest.mark.task("contract")
def test_arguments_stay(candidate, reference, rng):
    """Rows and labels are as they were, after results that are right.

    在结果正确的前提下，行与标签保持原样。
    """
    X, y = draw_labelled(rng)
    assert_split(candidate, reference, X, y, 2)
    assert_unchanged(X, y)
    assert_tree(candidate, reference, rng, X, y)
    assert_unchanged(X, y)
