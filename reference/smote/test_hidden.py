"""Hidden suite of smote: new rows are taken apart into base row, neighbour and position, each claim at 1e-7."""

import numpy as np
import pytest

from grader.judge import (
    assert_close, assert_distribution, assert_frequencies, assert_independent_along, assert_leaves_no_state,
    assert_quantiles, assert_refuses, assert_same_again, assert_unchanged, distinct_sizes, draws_of, fresh, inout,
)  # fmt: skip


def beside(rng, rows, majority, rare=1, common=0, dtype=np.int64):
    """X (n, d), y (n,): `rows` in their order, labelled `rare`, scattered among rows of the other class near them."""
    y = rng.permutation(np.array([rare] * len(rows) + [common] * majority, dtype))
    X = rng.uniform(rows.min(axis=0), rows.max(axis=0), (len(y), rows.shape[1])).astype(rows.dtype)
    X[y == rare] = rows
    return X, y


def new_rows(result, X, count):
    """The synthetic rows (count, d), as float64, of a result (X_new, y_new)."""
    is_pair = isinstance(result, tuple) and len(result) == 2
    assert is_pair, "smote must return the tuple (X_new, y_new)\nsmote 必须返回元组 (X_new, y_new)"
    return draws_of(result[0], (len(X) + count, X.shape[1])).reshape(-1, X.shape[1])[len(X) :]


def neighbours_of(rows, k):
    """The k nearest other rows of each row, nearest first (m, k)."""
    squared = ((rows[:, None] - rows) ** 2).sum(axis=2)
    np.fill_diagonal(squared, np.inf)
    return np.argsort(squared, axis=1)[:, :k]


def taken_apart(new, rows, k, atol=1e-10):
    """Of each new row its base, which neighbour it moves to, and its position; it lies on the segment between them."""
    start, size = np.repeat(rows, k, axis=0), np.abs(rows).max()
    along = (rows[neighbours_of(rows, k).ravel()] - start) / size  # (m * k, d)
    beyond = (new[:, None] - start) / size  # (s, m * k, d)
    squared = (along**2).sum(axis=1)
    t = np.clip((beyond * along).sum(axis=2) / np.where(squared > 0, squared, 1.0), 0.0, 1.0)
    off = np.sqrt(((beyond - t[..., None] * along) ** 2).sum(axis=2))
    best = off.argmin(axis=1)
    assert_close(float((off.min(axis=1) > atol).mean()), 0.0, atol=0.1)  # roughly first, as that tells mistakes apart
    assert_close(off.min(axis=1), np.zeros(len(new)), atol=atol)
    return best // k, best % k, t[np.arange(len(new)), best]


def from_outer_rows(candidate, rng):
    """Base (0 to 5), neighbour (0 or 1) and position of those of 3,000 new rows that start from the ends of a star."""
    # One row on either side of each axis, whose two nearest are among three in the middle: all segments differ.
    ends = rng.uniform(8.0, 10.0, (6, 1)) * [*np.eye(3), *-np.eye(3)]
    rows = rng.permutation([*ends, *rng.uniform(-1.0, 1.0, (3, 3))])
    X, y = beside(rng, rows, 1009)
    new = np.concatenate([new_rows(candidate.smote(X, y, 2, rng=fresh(rng)), X, 1000) for _ in range(3)])
    outer = np.abs(rows).max(axis=1) > 5
    base, neighbour, position = taken_apart(new, rows, 2)
    # Two rows in the middle may share a segment, so their positions are known up to a mirror image.
    uneven = np.abs(np.sort(abs(2 * position - 1)) - np.arange(0.5, 3000) / 3000).max() * 3000**0.5
    assert uneven > 0.25, (  # by chance below with probability 3e-8
        "the positions are spread too evenly to be independent\n各个位置分布得过于均匀，不可能相互独立"
    )
    return [each[outer[base]] for each in ((np.cumsum(outer) - 1)[base], neighbour, position)]


@pytest.mark.task("counts")
def test_counts_and_labels(candidate, rng):
    """The minority ends with floor(ratio * majority) rows, labelled as it is, whatever integers the labels are.

    少数类最终有 floor(ratio * 多数类行数) 行，新行带有它的标签，无论标签是什么整数。
    """
    for dtype, low in ((np.uint64, 2**62), (np.int64, -(2**63)), (np.uint64, 2**64 - 99), (np.int8, -128)):
        low, majority = low + int(rng.integers(90)), 2 * int(rng.integers(20, 50)) + 1
        # Sixty-fourths of an odd count are exact and no whole number: one here is nearer to the next, one is not.
        for rare, common, rest in ((low, low + 1, range(1, 32)), (low + 1, low, range(33, 64))):
            ratio = float(rng.choice([n for n in range(17, 64) if n * majority % 64 in rest])) / 64
            X, y = beside(rng, rng.normal(size=(9, 3)), majority, rare, common, dtype)
            result = candidate.smote(X, y, ratio=ratio, rng=fresh(rng))
            new_rows(result, X, count := int(ratio * majority) - 9)
            assert_close(result[1], np.append(y, np.full(count, rare, dtype)))


@pytest.mark.task("counts")
def test_given_rows_come_first(candidate, rng):
    """The given rows come first, bit for bit, the arguments stay, and no row is added where the ratio is met already.

    给定的行排在最前，逐位不变；传入的参数不被修改；已达到 `ratio` 时不新增行。
    """
    for minority, majority, ratio, count in (
        (7, 25, 1.0, 18), (12, 16, 0.8125, 1), (12, 16, 0.75, 0), (12, 16, 0.5, 0), (12, 12, 1.0, 0), (1, 4, 0.25, 0),
    ):  # fmt: skip
        X, y = beside(rng, rng.normal(size=(minority, 20)), majority)
        result = candidate.smote(X, y, ratio=ratio, rng=fresh(rng))
        new_rows(result, X, count)
        assert_close(result[0][: len(X)], X, rtol=0.0, atol=0.0)
        assert_close(result[1], np.append(y, np.ones(count, np.int64)))
        assert_unchanged(X, y)


@pytest.mark.task("segments")
def test_between_neighbours(candidate, rng):
    """Each new row lies between a minority row and one of its k nearest by Euclidean distance, and equals neither.

    每个新行都落在某个少数类的行与它按欧氏距离最近的 `k` 行之一之间，且不与任何一端相同。
    """
    # From the origin (4, 2.5) is nearest, by the sum of differences (or rescaled) (5, 0), by the largest (3.5, 3.5).
    bent = np.array([[0.0, 0.0], [5.0, 0.0], [4.0, 2.5], [3.5, 3.5]]) * rng.choice([-1.0, 1.0], 2) * rng.uniform(1, 2)
    drawn = [(rng.normal(0.0, 3.0, (15, d)), k) for d, k in ((1, 3), (2, 1), distinct_sizes(rng, 2, 3, 6))]
    wide = rng.permutation(np.array([[-6e4], [6e4]], np.float16))  # the difference does not fit into float16
    for rows, k in ((bent[:, rng.permutation(2)], 1), (wide, 1), (wide * np.float64(1e20), 1), *drawn):
        X, y = beside(rng, rows, 150 + len(rows), *(2**62 + rng.permutation(2)))
        new = new_rows(candidate.smote(X, y, k, rng=fresh(rng)), X, 150)
        taken_apart(new, rows.astype(np.float64), k)
        equal = (np.abs(new[:, None] - rows) < 1e-13).all(axis=2).any(axis=1)  # by chance 150 * 1e-12 at most
        assert_close(int(equal.sum()), 0)


@pytest.mark.task("tiny")
def test_few_rows(candidate, rng):
    """All others are neighbours where there are no more than k, five by default, a row's double first; each as often.

    其余的行不超过 `k` 个时全是近邻，`k` 默认为五，数值相同的行最近；各个近邻机会均等。
    """
    doubles = np.repeat(rng.normal(size=(6, 3)), 2, axis=0)
    few = [(rng.normal(size=(m, 3)), k) for m, k in ((2, 2000), (4, 4), (6, None), (7, None))]
    for rows, k in (*few, (doubles, 1)):
        X, y = beside(rng, rows, 700 + len(rows))
        result = candidate.smote(X, y, **({} if k is None else {"k": k}), rng=fresh(rng))
        near = min(k or 5, len(rows) - 1)
        base, neighbour, _ = taken_apart(new_rows(result, X, 700), rows, near)
        pairs = np.sort([np.repeat(np.arange(len(rows)), near), neighbours_of(rows, near).ravel()], axis=0)
        _, kind, count = np.unique(pairs, axis=1, return_inverse=True, return_counts=True)
        found = np.bincount(kind.ravel()[near * base + neighbour], minlength=len(count))
        assert_frequencies(found, count / count.sum())


@pytest.mark.task("generator")
def test_only_the_given_generator(candidate, rng, seed_candidate):
    """The result depends on the state of the given generator alone, and global random states stay as they are.

    结果只取决于传入的生成器的状态；全局随机状态保持原样。
    """
    X, y = beside(rng, rng.normal(size=(8, 3)), 40)
    assert_leaves_no_state(candidate.smote, X, y)
    assert_leaves_no_state(candidate.smote, X, y, rng=(state := fresh(rng)))
    assert_same_again(lambda: candidate.smote(X, y, rng=state), seed_candidate)


@pytest.mark.task("generator")
def test_other_rows_each_time(candidate, rng, seed_candidate):
    """A generator that is used again, one in another state, and none at all make other rows each time.

    再次使用同一个生成器、换成别的状态，或不传生成器，每次都生成不同的行。
    """
    rows = rng.normal(size=(8, 9))
    X, y = beside(rng, rows, 12)
    alike = [np.random.Philox(int(rng.integers(2**63))) for _ in range(2)]
    low = int(rng.integers(1, 2**32))
    for bits, middle in zip(
        alike, (1 << 40, 1 << 41), strict=True
    ):  # numbers that differ in the middle of 64 bits only
        bits.state = {**bits.state, "buffer": np.full(4, low + middle, np.uint64), "buffer_pos": 0}
    for pair in (
        (again := inout(fresh(rng)), again),
        (fresh(rng), fresh(rng)),
        map(np.random.Generator, alike),
        (None, None),
    ):
        results = ((seed_candidate(1), candidate.smote(X, y, rng=generator))[1] for generator in pair)
        # Distances of the positions from the middle: a pair of rows has the same segment in both directions.
        one, other = (abs(taken_apart(new_rows(each, X, 4), rows, 5, np.inf)[2] - 0.5).round(11) for each in results)
        assert_close(int(((one == other) & (one < 0.5)).sum()), 0, atol=3.0)


@pytest.mark.task("statistics")
def test_positions(candidate, rng):
    """Positions are uniform to both ends, of fine precision, and independent of bases, neighbours and each other.

    位置均匀分布，直到两端都是如此；精度足够；与基准行、近邻以及其他新行的位置都相互独立。
    """
    base, neighbour, position = from_outer_rows(candidate, rng)
    distinct = max(len(np.unique(abs(position - 0.5).round(11))), 1) / max(position.size, 1)
    assert_close(float(np.log10(distinct)), 0.0, atol=0.05)  # roughly first: how far off tells one mistake from another
    assert_close(distinct, 1.0, rtol=0.0, atol=1.5 / max(position.size, 1))  # that two repeat has probability 1e-9
    for group in (neighbour == 0, neighbour == 1, base < 3, base >= 3):
        assert_distribution(position[group], lambda x: x)
    assert_quantiles(position, {0.01: 0.01, 0.99: 0.99})
    for grid in (2.0**32, 1e9):  # what so many steps leave over
        assert_distribution(position * grid % 1.0, lambda x: x)
    assert_independent_along(position)


@pytest.mark.task("statistics")
def test_bases_and_neighbours(candidate, rng):
    """Every row is a base equally often, whatever the counts, and moves to each neighbour equally often, in no order.

    无论行数多少，每一行作为基准的次数相当；朝各个近邻移动的次数也相当，且没有先后规律。
    """
    base, neighbour, _ = from_outer_rows(candidate, rng)
    for counts in (np.bincount(base, minlength=6), np.bincount(2 * base + neighbour, minlength=12)):
        assert_frequencies([*counts, 3000 - base.size], [2 / 3 / counts.size] * counts.size + [1 / 3])
    assert_independent_along(neighbour)
    assert_independent_along(neighbour[np.argsort(base, kind="stable")])
    # Fifty rows in 25 pairs. 24 each and one, repeated and cut, leave one to the last pair; 49 more for one double its.
    rows = np.repeat(np.arange(25.0)[:, None] * [10.0, 3.0], 2, axis=0) + rng.uniform(-1.0, 1.0, (50, 2))
    for count in (1201, 1249):
        X, y = beside(rng, rows, count + 50)
        new = new_rows(candidate.smote(X, y, 1, rng=fresh(rng)), X, count)
        pair = np.rint(new[:, 0] / 10.0).clip(0, 24).astype(np.int64)
        assert_frequencies(np.bincount(pair, minlength=25), [1 / 25] * 25)


@pytest.mark.task("arguments")
def test_bad_arguments(candidate, rng):
    """Bad shapes, values, labels, k and ratio and a single row raise ValueError, also two at once or with no row needed.

    形状、数值、标签、`k`、`ratio` 不合要求或少数类只有一行时抛出 `ValueError`，两处不合要求或无需新增行时也一样。
    """
    for minority, count in ((5, 7), (12, 0)):
        X, y = beside(rng, rng.normal(size=(minority, 5)), 12)
        at = np.arange(X.size).reshape(X.shape) % 5 == rng.integers(5)  # one feature, of either class
        odd = [
            np.where(at & (y == label)[:, None], value, X) for label, value in ((0, np.nan), (1, np.inf), (0, -np.inf))
        ]
        single = (y == 0) | (np.arange(y.size) == y.argmax())
        alone = (
            {"X": [X[:, 0], X[:, :, None], X[1:], np.array(1.0)], "y": [y[:, None], y[2:], np.array(1)]},
            {"X": odd}, {"y": [np.ones_like(y), np.arange(y.size) % 3, np.arange(y.size)]},
            {("X", "y"): [(X[:0], y[:0]), (X[single], y[single])]},
            {"k": [0, -1]}, {"ratio": [0.0, -0.5, 1.25, np.nan]},
        )  # fmt: skip
        together = {"X": odd[:1], "y": [np.ones_like(y)], "k": [-1], "ratio": [-0.5, np.nan]}
        sound = {"X": X, "y": y, "k": 3, "ratio": 1.0, "rng": fresh(rng)}
        for bad in (*alone, together):
            assert_close(assert_refuses(candidate.smote, sound, bad)[1], np.append(y, np.ones(count, np.int64)))


@pytest.mark.task("arguments")
def test_dtypes_and_sizes(candidate, rng):
    """float32 stays, all else becomes float64 unrounded; distances are right in every dtype and size.

    `float32` 不变，其余都变为不取整的 `float64`；任何 dtype、任何大小下距离都算得对。
    """
    # Each row's nearest is the next one, by a third, since steps at right angles shrink by a third.
    walk = np.cumsum([[0, 0], [0.4, 0.3], [-0.21, 0.28], [0.18, 0.135], [-0.09, 0.12], [0.08, 0.06]], axis=0)
    for dtype, low, high in (
        (np.float32, -1e25, 1e25), (np.float32, 0.0, 1e-25), (np.float64, -1e25, 1e25), (np.float64, 0.0, 1e-25), (np.float64, 1e7, 1e7 + 0.1),
        (np.float16, -6e4, 6e4), (np.int64, -1e15, 1e15), (np.uint64, 0, 1e15), (np.int8, -120, 120), (np.uint8, 0, 250),
    ):  # fmt: skip
        rows = (low + rng.permutation(walk) * (high - low)).astype(dtype)
        X, y = beside(rng, rows, 56)
        given = X.astype(np.float32 if dtype == np.float32 else np.float64)
        result = candidate.smote(X, y, 1, 1, fresh(rng))
        for each in (result, candidate.smote(X, y, ratio=0.0625, rng=fresh(rng))):
            assert_close(each[0][: len(X)], given, rtol=0.0, atol=0.0)
        taken_apart(new_rows(result, X, 50), rows.astype(np.float64), 1, 1e-6 if dtype == np.float32 else 1e-10)
