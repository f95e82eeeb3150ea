"""Hidden cases of kmeans: points, starting centers and generators are drawn anew for every verdict."""

import numpy as np
import pytest

from grader.judge import (
    assert_close, assert_each_raises, assert_frequencies, assert_leaves_no_state, assert_refuses, assert_same_again,
    assert_unchanged, distinct_sizes, fresh, inout,
)  # fmt: skip

NAN, INF = float("nan"), float("inf")


def seeds_of(candidate, X, k, generator):
    """The seeds as a list of k row numbers, once dtype, shape and range are right."""
    seeds = candidate.kmeans_plus_plus(X, k, generator)
    if not isinstance(seeds, np.ndarray) or seeds.dtype != np.int64 or seeds.shape != (k,):  # one look, for 400 draws
        assert_close(seeds, np.zeros(k, dtype=np.int64))
    rows = seeds.tolist()
    if not 0 <= min(rows) <= max(rows) < len(X):
        assert_close(np.clip(seeds, 0, len(X) - 1), seeds)
    return rows


def draw_points(rng, n, d, k):
    """X (n, d) of k overlapping groups, and k of its rows as starting centers (k, d)."""
    X = rng.normal(size=(k, d))[rng.integers(k, size=n)] * 2.0 + rng.normal(size=(n, d))
    return X, X[rng.choice(n, k, replace=False)].copy()


def draw_sizes(rng):
    """n, d, k, no two of them equal."""
    d, k = distinct_sizes(rng, 2, 2, 6)
    return int(rng.integers(25, 40)), d, k


def assert_lloyd(candidate, reference, X, centers, max_iter, unit=1.0):
    """All three results are the reference's, centers and inertia in multiples of `unit`."""
    expected = reference.lloyd(X, centers, max_iter)
    moved, labels, inertia = candidate.lloyd(X, centers, max_iter)
    assert_close(labels, expected[1])
    scale = max(float(np.abs(X.astype(np.float64)).max()), 1e-300)
    assert_close(moved, expected[0], rtol=0.0, atol=1e-9 * scale)
    assert_close(inertia / unit**2, expected[2] / unit**2, rtol=1e-6, atol=1e-9)


@pytest.mark.task("seeding")
def test_squared_distance_to_the_nearest(candidate, rng):
    """The first seed is uniform, each further one as likely as its squared distance to the nearest seed so far.

    第一个种子均匀抽取，之后每个种子的概率正比于到最近种子的平方距离。
    """
    # A narrow pair along an axis and a wide one along a diagonal: other distances, sums and the last seed alone differ.
    places = np.zeros((4, 9))
    places[1, 0], places[2:, 1], places[3, 1:] = 1.0, 4.5, places[3, 1:] + 2.0 / np.sqrt(8)
    places[3, 1] += 4.5 - places[3, 1] + 2.0 / np.sqrt(8)
    places = places[:, rng.permutation(9)] * rng.choice([-1.0, 1.0], 9)
    order = rng.permutation(4)
    X = places[order] * rng.uniform(0.5, 2.0) + rng.normal(size=9)
    squared = ((places[:, None] - places) ** 2).sum(axis=2)
    second = squared / squared.sum(axis=1, keepdims=True)
    generator, draws = inout(fresh(rng)), []
    for _ in range(140):
        draws.append([int(order[row]) for row in seeds_of(candidate, X, 3, generator)])
    one, two, three = np.array(draws).T
    assert_frequencies(np.bincount(one, minlength=4), [1 / 4] * 4)
    assert_frequencies(np.bincount(4 * one + two, minlength=16), (second / 4).ravel())
    partner, wide = one // 2 == two // 2, one // 2
    chance = [second[0, 1] + second[1, 0], second[2, 3] + second[3, 2]]  # by the pair of the first seed
    cells = [chance[0] / 4, 0.5 - chance[0] / 4, chance[1] / 4, 0.5 - chance[1] / 4]
    assert_frequencies(np.bincount(2 * wide + ~partner, minlength=4), cells)
    third = np.zeros((4, 4, 4))
    for i in range(4):
        for j in set(range(4)) - {i}:
            nearest = np.minimum(squared[i], squared[j])
            third[i, j] = second[i, j] / 4 * nearest / nearest.sum()
    assert_frequencies(np.bincount(16 * one + 4 * two + three, minlength=64), third.ravel())
    across = third.copy()
    across[:2, :2] = across[2:, 2:] = 0.0
    narrow = across[:, :, :2].sum()  # both pairs have a seed, and the third completes the narrow one
    told = [int((~partner & (three < 2)).sum()), int((~partner & (three >= 2)).sum()), int(partner.sum())]
    assert_frequencies(told, [narrow, across.sum() - narrow, 1 - across.sum()])


@pytest.mark.task("seeding")
def test_squared_and_nothing_else(candidate, rng):
    """Weights are squared Euclidean distances: the distance, its fourth power, and sums of absolute differences are not.

    权重是欧氏距离的平方，不是距离本身，不是四次方，也不是绝对差之和。
    """
    # 18 rows at each of two places 1 apart, and one row 7 away along a diagonal. After a row of the 36 the other place has
    # 0.27 of the weight, by plain distance 0.72, by the fourth power 0.01, by absolute differences squared 0.01.
    places = np.zeros((3, 25))
    places[1, rng.integers(25)], places[2] = 1.0, 7.0 / 5.0 * rng.choice([-1.0, 1.0], 25)
    where = rng.permutation(np.repeat([0, 1, 2], [18, 18, 1]))
    X = places[where] * rng.uniform(0.5, 2.0) + rng.normal(size=25)
    squared = ((places[:, None] - places) ** 2).sum(axis=2)
    generator = inout(fresh(rng))
    draws = where[[seeds_of(candidate, X, 2, generator) for _ in range(100)]]  # (100, 2) places
    beside = sum(18 / 37 * 18 / (18 + squared[place, 2]) for place in (0, 1))
    chances = np.zeros((3, 3))  # by the places of both seeds, where 0 and 1 are one
    chances[0, 1], chances[0, 2], chances[2, 0] = beside, 36 / 37 - beside, 1 / 37
    one, two = draws.T
    cells = 3 * np.where(one == 2, 2, 0) + np.where(two == 2, 2, (one < 2) & (one != two))
    assert_frequencies(np.bincount(cells, minlength=9), chances.ravel())


@pytest.mark.task("seeding")
def test_rows_at_distance_zero(candidate, rng):
    """No row that equals a seed is drawn as long as another row differs from all of them.

    只要还有与所有种子都不同的行，就不会抽到与某个种子相同的行。
    """
    for values, copies in (distinct_sizes(rng, 2, 3, 7), (2, 9), (9, 2)):
        X = rng.permutation(np.repeat(rng.permutation(40)[:values], copies))[:, None] * np.array([[1, -3]])
        generator = inout(fresh(rng))
        for _ in range(4):
            seeds = seeds_of(candidate, X, values + 2, generator)
            assert_close(len(np.unique(X[seeds[:values], 0])), values)
            assert_close(len(set(seeds)), values + 2)


@pytest.mark.task("seeding")
def test_all_distances_zero(candidate, rng):
    """Where every row equals a seed, the next seed is uniform over the rows that are none yet; k may be n.

    每一行都与某个种子相同时，下一个种子在还不是种子的行中均匀抽取；`k` 可以等于 n。
    """
    X = np.full((3, 2), 7)
    generator = inout(fresh(rng))
    draws = np.array([seeds_of(candidate, X, 2, generator) for _ in range(60)])
    pairs = (1 - np.eye(3)) / 6
    assert_frequencies(np.bincount(3 * draws[:, 0] + draws[:, 1], minlength=9), pairs.ravel())
    lowest = int((draws[:, 1] == (draws[:, 0] == 0)).sum())  # the lowest or the highest row that is free
    assert_frequencies([lowest, 60 - lowest], [1 / 2, 1 / 2])
    after = int((draws[:, 1] == (draws[:, 0] + 1) % 3).sum())
    assert_frequencies([after, 60 - after], [1 / 2, 1 / 2])
    for X in (np.full((8, 1), 0.5), rng.normal(size=(8, 3)), np.array([[2]])):
        assert_close(sorted(seeds_of(candidate, X, len(X), fresh(rng))), list(range(len(X))))


@pytest.mark.task("seeding")
def test_only_the_generator(candidate, rng, seed_candidate):
    """Seeds depend on the state of `rng` alone, which a call moves on; global states stay as they are.

    种子只取决于 `rng` 的状态，调用会推进它；全局随机状态保持原样。
    """
    X, state = rng.normal(size=(60, 2)), fresh(rng)
    assert_leaves_no_state(candidate.kmeans_plus_plus, X, 5, state)
    assert_same_again(lambda: candidate.kmeans_plus_plus(X, 5, state), seed_candidate)
    moving = inout(fresh(rng))
    results = {tuple(seeds_of(candidate, X, 5, moving)) for _ in range(6)}
    assert len(results) > 1, "six calls with one generator drew the same seeds\n同一生成器的六次调用抽到了相同的种子"


@pytest.mark.task("iterations")
def test_so_many_iterations(candidate, reference, rng):
    """None, one, two and three iterations give centers, and labels and inertia that belong to those centers.

    做零次、一次、两次、三次迭代，得到相应的中心，以及属于这些中心的标签和 inertia。
    """
    for max_iter in (0, 1, 2, 3):
        n, d, k = draw_sizes(rng)
        X, _ = draw_points(rng, n, d, k)
        assert_lloyd(candidate, reference, X, X[:k] + 0.01 * rng.normal(size=(k, d)), max_iter)


@pytest.mark.task("iterations")
def test_until_nothing_moves(candidate, reference, rng):
    """Iterations go on until no center moves, however many it takes and however little one moves.

    迭代一直进行到没有中心移动为止，无论需要多少次、移动多么小。
    """
    for n, d, k in (draw_sizes(rng), (30, 2, 1), (12, 3, 12)):
        X, centers = draw_points(rng, n, d, k)
        assert_lloyd(candidate, reference, X, centers, 500)
    line = np.sort(rng.uniform(0.0, 10.0, 250))[:, None]  # all centers start at one end and drift
    assert_lloyd(candidate, reference, line, line[:5] * 1.0, 10**9)
    # Two heavy groups and ten rows that change sides one by one, each of which moves both means by a sixtieth. A row that
    # is far from all of them, and a center of its own, make that little beside the deviation of the column, which is 400.
    groups = [rng.normal(0.0, 0.01, 300), rng.normal(10.0, 0.01, 300), 4.9128 + 0.012 * np.arange(10), [1e4]]
    heavy = rng.permutation(np.concatenate(groups))[:, None]
    for unit, mean in ((1.0, 1e5), (3e-9, 0.0)):
        start = np.array([[0.0], [9.8375], [1e4]])
        assert_lloyd(candidate, reference, heavy * unit + mean, start * unit + mean, 300, unit)


@pytest.mark.task("iterations")
def test_ties(candidate, reference, rng):
    """A row that is as near to two centers belongs to the lower index, in every iteration and in the result.

    与两个中心一样近的行归下标较小的中心，每次迭代和最后的结果都是如此。
    """
    for flip in (1, -1):
        X = np.array([[-2], [0], [2], [4], [6]])[:: int(rng.choice([-1, 1]))] * flip * int(rng.integers(1, 9))
        step = abs(int(X[1, 0] - X[0, 0])) * flip
        centers = np.array([[-step], [step], [3 * step]])[:: int(rng.choice([-1, 1]))]
        for max_iter in (0, 1, 40):
            assert_lloyd(candidate, reference, np.hstack([X, X * 0]), np.hstack([centers, centers * 0]), max_iter)
    grid = rng.integers(0, 4, (40, 3))
    assert_lloyd(candidate, reference, grid, rng.integers(0, 4, (5, 3)), 0)


@pytest.mark.task("empty")
def test_one_empty_cluster(candidate, reference, rng):
    """An empty cluster takes the row that is farthest from its center, before the means are taken.

    空簇得到离自己的中心最远的一行，之后才计算均值。
    """
    for max_iter in (1, 2, 60):
        n, d, k = draw_sizes(rng)
        X, centers = draw_points(rng, n, d, k)
        centers[int(rng.integers(k))] = 1e3
        assert_lloyd(candidate, reference, X, centers, max_iter)


@pytest.mark.task("empty")
def test_several_empty_clusters(candidate, reference, rng):
    """Empty clusters are filled in the order of their indices, each with another row, ties by row number.

    多个空簇按下标顺序填充，每个得到不同的行；相等时取行号最小的。
    """
    n, d, k = draw_sizes(rng)
    X, centers = draw_points(rng, n, d, k + 2)
    centers[rng.permutation(k + 2)[:3]] = rng.uniform(500.0, 900.0, (3, d))
    for max_iter in (1, 40):
        assert_lloyd(candidate, reference, X, centers, max_iter)
    # Four rows at one distance from the first center that differ from each other, and one at the center.
    cross = rng.permutation(np.array([[0, 0], [0, 2], [2, 0], [0, -2], [-2, 0]]) * int(rng.integers(1, 5)))
    far = np.array([[0, 0], [70, 0], [0, 80]])
    assert_lloyd(candidate, reference, cross, far[:2], 1)
    assert_lloyd(candidate, reference, cross, far[::-1].copy(), 1)


@pytest.mark.task("empty")
def test_row_that_is_alone(candidate, reference, rng):
    """A row that is alone in its cluster stays there, however far from its center it is.

    独占一个簇的行，无论离中心多远，都留在原处。
    """
    for empty in (1, 2):
        n, d, k = draw_sizes(rng)
        X, centers = draw_points(rng, n, d, k)
        lonely, row = rng.normal(size=d), int(rng.integers(n))
        X[row] = 90.0 * lonely / np.linalg.norm(lonely)
        extra = np.vstack([X[row] * 2.0, np.full((empty, d), -5e3)])
        every = np.vstack([centers[centers.max(axis=1) < 50], extra])
        for max_iter in (1, 50):
            assert_lloyd(candidate, reference, X, rng.permutation(every), max_iter)
    # Two groups of two: the first empty cluster leaves the farthest row's companion alone, so the second looks elsewhere.
    X = np.array([[0, 0], [0, 11], [50, 0], [50, 3]]) * int(rng.integers(1, 4))
    assert_lloyd(candidate, reference, X, np.array([[0, 1], [50, 1], [-900, 0], [-950, 0]]), 1)


@pytest.mark.task("empty")
def test_fewer_different_rows_than_clusters(candidate, reference, rng):
    """Where clusters outnumber the different rows, equal centers share: no NaN, and labels of the lowest index.

    簇数多于不同的行数时，有些中心相同：没有 NaN，标签取下标最小的。
    """
    for values in (1, 2, 3):
        X = rng.permutation(np.repeat(rng.permutation(9)[:values], 3))[:, None] + np.array([[0, 5]])
        assert_lloyd(candidate, reference, X, X[: values + 1] * 1.0, 20)
        assert_lloyd(candidate, reference, X, np.tile(X[:1], (3 * values, 1)), 1)
    assert_lloyd(candidate, reference, X, X * 1.0, 20)
    assert_lloyd(candidate, reference, X, np.tile(X[:1], (4, 1)), 1)


@pytest.mark.task("contract")
def test_dtypes(candidate, reference, rng):
    """Integers neither wrap around nor round, and float32 is worked in float64; centers are float64, labels int64.

    整数既不回绕也不取整，`float32` 按 `float64` 计算；中心是 `float64`，标签是 `int64`。
    """
    n, d, k = draw_sizes(rng)
    points = rng.integers(0, 256, (n, d))
    for X in (points.astype(np.uint8), points * 1000, (points / 7 + 3e4).astype(np.float32)):
        start = X[:k].astype(np.int64)
        for centers, max_iter in ((start, 0), (start + 0.25, 1), (start, 30)):
            assert_lloyd(candidate, reference, X, centers, max_iter)
    # 10 - 250 wraps around to 16. All three rows are asked for, and still the third is the one that is left over.
    pair, near = np.array([[250], [10], [12]], dtype=np.uint8), 0
    for dtype in (np.uint8, np.int64, np.float32):
        rows = (pair.astype(np.int64) * (10**5 if dtype == np.int64 else 1)).astype(dtype)
        generator = inout(fresh(rng))
        near += sum(seeds_of(candidate, rows, 3, generator)[2] == 0 for _ in range(10))  # 1 in 21,000
    assert_frequencies([near, 30 - near], [2 / 3 * 4 / (4 + 239**2), 1 - 2 / 3 * 4 / (4 + 239**2)])


@pytest.mark.task("contract")
def test_units_and_means(candidate, reference, rng):
    """Columns with a mean of a million, or deviations of a millionth or a million, lose nothing.

    均值一百万的列，标准差百万分之一或一百万的列，都不损失精度。
    """
    for unit, mean in ((1.0, 1e6), (1e-6, 0.0), (1e6, 0.0), (1e-6, 1.0)):
        n, d, k = draw_sizes(rng)
        X, centers = draw_points(rng, n, d, k)
        X, centers = X * unit + mean, centers * unit + mean
        assert_lloyd(candidate, reference, X, centers, 300, unit)
        # Four places of four rows each, and, where the mean allows it, one row very close to one of them.
        equal = np.repeat(X[:4], 4, axis=0)
        if mean == 0.0:
            equal = np.vstack([equal, X[:1] + 1e-3 * unit])
        places, generator = -(-len(equal) // 4), inout(fresh(rng))
        for _ in range(3):
            seeds = seeds_of(candidate, equal, places + 2, generator)
            assert_close(sorted(row // 4 for row in seeds[:places]), list(range(places)))
            assert_close(len(set(seeds)), places + 2)


@pytest.mark.task("contract")
def test_bad_arguments(candidate, reference, rng):
    """Bad points, numbers of clusters, centers and numbers of iterations raise ValueError, alone or together.

    数据点、簇数、中心、迭代次数不合要求时抛出 `ValueError`，单独或同时出现都一样。
    """
    X, centers = draw_points(rng, 6, 3, 4)
    odd = [np.where(np.arange(18).reshape(6, 3) == int(rng.integers(18)), value, X) for value in (NAN, INF, -INF)]
    rows = [*odd, X[:, 0], X[:, :, None], X[:0], X[:, :0]]
    sound = {"X": X, "centers": centers, "max_iter": 2}
    bad = {
        "X": [*rows, X[:, :2], X[:3]],
        "centers": [np.where(np.arange(12).reshape(4, 3) == int(rng.integers(12)), value, centers) for value in (NAN, INF)]
        + [centers[0], centers[:, :, None], centers[:0], centers[:, :2], centers[:, :1], np.vstack([X, X[:1]])],
        "max_iter": [-1],
        ("X", "centers"): [(X[:, :0], centers[:, :0]), (X[:0], centers[:0])],
    }  # fmt: skip
    assert_close(assert_refuses(candidate.lloyd, sound, bad)[1], reference.lloyd(X, centers, 2)[1])
    state = fresh(rng)
    assert_close(len(assert_refuses(candidate.kmeans_plus_plus, {"X": X, "k": 6, "rng": state}, {"X": rows})), 6)
    calls = [
        (X, 0, state),
        (X, -2, state),
        (X, 7, state),
        (X[:1], 2, state),
        (X[:, :, None], 1, state),
        (X[:, :0], 1, state),
        (odd[0], 7, state),
        (X[:0], 0, state),
    ]
    assert_each_raises(ValueError, candidate.kmeans_plus_plus, calls)


@pytest.mark.task("contract")
def test_arguments_stay(candidate, reference, rng):
    """Points and starting centers are as they were, after results that are right.

    在结果正确的前提下，数据点和起始中心保持原样。
    """
    n, d, k = draw_sizes(rng)
    X, centers = draw_points(rng, n, d, k)
    centers[0] = 1e3
    for start in (centers, rng.integers(-2, 3, (k, d))):
        assert_lloyd(candidate, reference, X, start, 3)
        assert_unchanged(X, start)
    assert_close(len(seeds_of(candidate, X, k, fresh(rng))), k)
    assert_unchanged(X)
