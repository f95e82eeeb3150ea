"""Hidden cases of stratified_kfold: labels, numbers of folds and generators are drawn anew for every verdict."""

import numpy as np
import pytest

from grader.judge import (
    assert_close,
    assert_distinct,
    assert_frequencies,
    assert_independent,
    assert_independent_along,
    assert_leaves_no_state,
    assert_mean,
    assert_refuses,
    assert_same_again,
    assert_unchanged,
    distinct_sizes,
    fresh,
    inout,
)

ENDS = np.iinfo(np.int64)


def fold_of_each(folds, n, k):
    """The fold of every item, (n,), of a result whose train and test sets are as they must be."""
    pairs = type(folds) is list and all(type(pair) is tuple and len(pair) == 2 for pair in folds)
    assert pairs and len(folds) == k, (
        f"the result is no list of {k} tuples (train, test)\n结果不是 {k} 个 (train, test) 元组的列表"
    )
    fold = np.full(n, -1)
    for f, (_, test) in enumerate(folds):
        indices = isinstance(test, np.ndarray) and test.ndim == 1 and test.dtype.kind in "iu"
        assert indices, "a test set is no array of indices (m,)\n有测试集不是形状为 (m,) 的下标数组"
        assert ((test >= 0) & (test < n)).all(), "a test set holds an index outside the labels\n有测试集包含越界的下标"
        fold[test] = f
    missing = int((fold < 0).sum())
    assert missing == 0, f"{missing} of {n} indices are in no test set\n{n} 个下标中有 {missing} 个不在任何测试集里"
    # An index in two test sets is here in the later one only, so the earlier one differs.
    assert_close(folds, [(np.flatnonzero(fold != f), np.flatnonzero(fold == f)) for f in range(k)])
    return fold


def assert_balanced(labels, fold, k):
    """Class counts differ by at most 1 between folds."""
    for label in np.unique(labels):
        counts = np.bincount(fold[labels == label], minlength=k)
        assert np.ptp(counts) <= 1, (
            f"class {label} has {counts.tolist()} items by fold\n类别 {label} 在各折的样本数是 {counts.tolist()}"
        )


def assert_even(fold, k):
    """Sizes differ by at most 1 between folds."""
    sizes = np.bincount(fold, minlength=k)
    assert np.ptp(sizes) <= 1, f"the test sets have the sizes {sizes.tolist()}\n各测试集的大小是 {sizes.tolist()}"


def draw_labels(rng, counts, values=None):
    """Labels with so many items of each class, in random order."""
    values = rng.choice(np.arange(-50, 50), len(counts), replace=False) if values is None else np.array(values)
    return rng.permutation(np.repeat(values, counts))


@pytest.mark.task("partition")
def test_every_index_once(candidate, rng):
    """Test sets part the indices, training sets are what remains, all ascending int64.

    测试集不重不漏地划分所有下标，训练集是剩下的部分，均为升序的 `int64`。
    """
    for k, over in zip((2, *distinct_sizes(rng, 3, 3, 7)), (1, 1, 0, -1), strict=True):
        counts = np.array(distinct_sizes(rng, 3, k, 20))
        counts[0] += (over - counts.sum()) % k  # so many of all items are left over
        labels = draw_labels(rng, counts)
        fold_of_each(candidate.stratified_kfold(labels, k, fresh(rng)), len(labels), k)


@pytest.mark.task("balance")
def test_class_counts(candidate, rng):
    """Every class is spread evenly, whether it is common or rare, sorted or mixed.

    无论类别常见还是稀少、排好序还是打乱，每一类都均匀分到各折。
    """
    k = int(rng.integers(3, 6))
    counts = [k * int(rng.integers(8, 12)) + int(rng.integers(1, k)), k + 1, 2 * k, 1]
    mixed = draw_labels(rng, counts)
    for labels in (mixed, np.sort(mixed), np.sort(mixed)[::-1].copy()):
        assert_balanced(labels, fold_of_each(candidate.stratified_kfold(labels, k, fresh(rng)), len(labels), k), k)


@pytest.mark.task("balance")
def test_sizes(candidate, rng):
    """Sizes are even where every class leaves one item over, or one too few.

    每个类别都多出一个或少一个时，各折的大小仍然均匀。
    """
    k = int(rng.integers(3, 6))
    for over in (1, k - 1):
        labels = draw_labels(rng, k * rng.integers(1, 5, 2 * k) + over)
        fold = fold_of_each(candidate.stratified_kfold(labels, k, fresh(rng)), len(labels), k)
        assert_even(fold, k)


@pytest.mark.task("balance")
def test_small_classes(candidate, rng):
    """Classes with fewer items than folds are spread over as many folds as they have items.

    样本数少于折数的类别，有几个样本就分到几折。
    """
    k = int(rng.integers(5, 9))
    for counts in ((1, k - 1, 3, 2 * k + 1), (1,) * (k + 3) + (k,) * 3, (2,) * k, (k - 2, 2)):
        labels = draw_labels(rng, counts)
        fold = fold_of_each(candidate.stratified_kfold(labels, k, fresh(rng)), len(labels), k)
        assert_balanced(labels, fold, k)
        assert_even(fold, k)


@pytest.mark.task("balance")
def test_any_label(candidate, rng):
    """Labels may be negative, huge, next to each other beyond 2^53, and the ends of int64.

    标签可以为负、可以极大、可以在 2^53 以上彼此相邻，也可以是 `int64` 的两端。
    """
    # Two classes of 281 or more, taken for one, come out even by chance about once in 10^4, and never at all three.
    k, big = int(rng.integers(7, 10)), 2**53 + 4 * int(rng.integers(1000))
    for values in ((ENDS.min, ENDS.max, 0), (big, big + 1, -big), (-big - 1, -big, -1), (0, 2**32, 2**31)):
        labels = draw_labels(rng, k * rng.integers(40, 50, 3) + 1, values)
        fold = fold_of_each(candidate.stratified_kfold(labels, k, fresh(rng)), len(labels), k)
        assert_balanced(labels, fold, k)


# Where the folds of a class are a uniformly random arrangement, so is each part of it given the rest: the claims about
# independence are exact (1e-7 each, at most ten in a case). Two folds show most: neighbors are together half the time.
@pytest.mark.task("random")
def test_random_within_classes(candidate, rng):
    """In a class, the fold of an item tells nothing about its neighbors, nor its place about its fold.

    在一个类别内，样本的折号与相邻样本无关，也与它的位置无关。
    """
    labels = draw_labels(rng, (2000, 2000))
    fold = fold_of_each(candidate.stratified_kfold(labels, 2, fresh(rng)), 4000, 2)
    own = fold[labels == rng.choice(labels)].astype(float)
    assert_independent_along(own, lags=(1, 2, 3))
    assert_independent(own, np.arange(2000))
    for other in (own[1000:], own[1000:][::-1]):
        assert_independent(own[:1000], other)


@pytest.mark.task("random")
def test_random_leftovers(candidate, rng):
    """Of three items of a class over two folds, each is the one alone in a third of all classes.

    每个类别三个样本分到两折，三个样本各有三分之一的机会单独在一折。
    """
    labels = draw_labels(rng, [3] * 500, rng.permutation(10_000)[:500])
    fold = fold_of_each(candidate.stratified_kfold(labels, 2, fresh(rng)), 1500, 2)
    rows = np.argsort(labels, kind="stable").reshape(500, 3)  # the items of each class, in the order of the data
    ones = fold[rows].sum(axis=1, keepdims=True)
    assert ((ones == 1) | (ones == 2)).all(), "a class of 3 is in one fold as a whole\n有 3 个样本的类别全在同一折"
    twos = ones == 2
    alone = np.argmax(fold[rows] != twos, axis=1)
    assert_frequencies(np.bincount(alone, minlength=3), [1 / 3] * 3)


@pytest.mark.task("random")
def test_one_item_for_each_fold(candidate, rng):
    """Twenty items of a class come into twenty folds in any order, and hardly twice in the same.

    每个类别二十个样本分到二十折，各种排法机会均等，几乎不会重复。
    """
    k, classes, places = 20, 200, []
    for _ in range(2):
        labels = draw_labels(rng, [k] * classes, rng.permutation(10_000)[:classes])
        fold = fold_of_each(candidate.stratified_kfold(labels, k, fresh(rng)), k * classes, k)
        places.append(fold[np.argsort(labels, kind="stable").reshape(classes, k)])
    places = np.concatenate(places)  # (400, 20), by class and item, in the order of the data
    permutations = (np.sort(places, axis=1) == np.arange(k)).all()
    assert permutations, "a class of 20 has not one item in each of 20 folds\n有 20 个样本的类别没有做到 20 折每折一个"
    # How many items come before their place is Eulerian, which is a sum of independent coins (its polynomial has real
    # roots only). Where each item changes places with any other, instead of one not yet passed, it is 5.5 deviations off.
    assert_mean((places < np.arange(k)).sum(axis=1), (k - 1) / 2, np.sqrt((k + 1) / 12), tail=1 / 3)
    assert_distinct(places @ rng.random(k))


@pytest.mark.task("random")
def test_random_few_items(candidate, rng):
    """Classes with fewer items than folds are random too, and so are single items of one class in as many folds.

    样本数少于折数的类别同样随机；只有一个类别、每折一个样本时也是如此。
    """
    labels = draw_labels(rng, [3] * 200, rng.permutation(10_000)[:200])
    fold = fold_of_each(candidate.stratified_kfold(labels, 4, fresh(rng)), 600, 4)
    ranks = np.argsort(fold[np.argsort(labels, kind="stable").reshape(200, 3)], axis=1)
    orders = np.bincount(3 * ranks[:, 0] + ranks[:, 1], minlength=9)
    assert_frequencies(orders[[1, 2, 3, 5, 6, 7]], [1 / 6] * 6)
    labels = draw_labels(rng, (8,))
    splits = {tuple(fold_of_each(candidate.stratified_kfold(labels, 8, fresh(rng)), 8, 8)) for _ in range(4)}
    # There are 40,320 orders: all four are alike once in 40,320^3 times.
    assert len(splits) > 1, "with k = n, four generators give the same folds\nk = n 时，四个生成器给出的各折完全相同"


@pytest.mark.task("random")
def test_classes_are_independent(candidate, rng):
    """The folds of one class tell nothing about those of another.

    一个类别的折号与另一个类别无关。
    """
    labels, k = draw_labels(rng, (1200, 1200)), int(rng.integers(2, 4))
    if rng.random() < 0.5:
        labels.sort()
    fold = fold_of_each(candidate.stratified_kfold(labels, k, fresh(rng)), 2400, k).astype(float)
    first, second = (fold[labels == label] for label in np.unique(labels))
    for turned in (second, second[::-1]):
        assert_independent(first, turned)


@pytest.mark.task("random")
def test_same_state_same_folds(candidate, rng, seed_candidate):
    """A generator in the same state gives the same folds, whatever the global generators hold.

    生成器状态相同时各折相同，与全局生成器无关。
    """
    labels, generator, k = draw_labels(rng, distinct_sizes(rng, 3, 20, 40)), fresh(rng), int(rng.integers(2, 6))
    folds = assert_same_again(lambda: candidate.stratified_kfold(labels, k, generator), seed_candidate)
    fold_of_each(folds, len(labels), k)


@pytest.mark.task("random")
def test_next_call_draws_anew(candidate, rng):
    """The next call with the same generator gives folds that have nothing to do with the first ones.

    用同一个生成器再调用一次，各折与前一次毫无关系。
    """
    labels, generator = draw_labels(rng, (600, 900)), inout(fresh(rng))
    first, second = (fold_of_each(candidate.stratified_kfold(labels, 3, generator), 1500, 3) for _ in range(2))
    for label in np.unique(labels):
        own = labels == label
        assert_independent(first[own].astype(float), second[own].astype(float))


@pytest.mark.task("contract")
def test_bad_k(candidate, rng):
    """k below 2 or above n raises ValueError; 2 and n do not.

    `k` 小于 2 或大于 n 时抛出 `ValueError`，等于 2 或 n 时不会。
    """
    labels = draw_labels(rng, distinct_sizes(rng, 2, 4, 9))
    n = len(labels)
    sound = {"labels": labels, "k": n, "rng": fresh(rng)}
    bad = {"k": [1, 0, -1, -2, n + 1, 3 * n], ("labels", "k"): [(labels[:0], 2), (labels[:0], 0), (labels[:1], 2)]}
    assert_balanced(labels, fold_of_each(assert_refuses(candidate.stratified_kfold, sound, bad), n, n), n)
    assert_balanced(labels, fold_of_each(candidate.stratified_kfold(labels, 2, fresh(rng)), n, 2), 2)


@pytest.mark.task("contract")
def test_bad_axes(candidate, rng):
    """Labels with no axis or with two raise ValueError, also together with a bad k.

    标签没有维度或是二维时抛出 `ValueError`，`k` 同时无效也一样。
    """
    labels = draw_labels(rng, distinct_sizes(rng, 2, 4, 9))
    n = len(labels)
    bad = [labels[:, None], labels[None], np.array(3), np.stack([labels, labels], 1)]
    sound = {"labels": labels, "k": 2, "rng": fresh(rng)}
    folds = assert_refuses(candidate.stratified_kfold, sound, {"labels": bad, "k": [1, n + 1, 0, -1]})
    assert_balanced(labels, fold_of_each(folds, n, 2), 2)


@pytest.mark.task("contract")
def test_nothing_left_behind(candidate, rng):
    """Labels and global random states are as they were, after folds that are right.

    在各折正确的前提下，标签和全局随机状态保持原样。
    """
    labels, k = draw_labels(rng, distinct_sizes(rng, 3, 10, 20)), int(rng.integers(2, 6))
    folds = assert_leaves_no_state(candidate.stratified_kfold, labels, k, fresh(rng))
    assert_balanced(labels, fold_of_each(folds, len(labels), k), k)
    assert_unchanged(labels)
