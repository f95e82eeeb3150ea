"""Hidden cases of smote. Features are continuous, so that no two distances tie unless a case says so.

Thresholds of the statistical cases are finite-sample bounds, with a false-alarm rate below 1e-6 for the whole suite.
"""

import numpy as np
import pytest

from grader.judge import assert_close, assert_unchanged, fresh, inout


def draw(rng, minority, majority, features, *, rare_is_larger=True):
    """Rows of two classes that overlap, in random order, with two random labels; also the label of the minority."""
    labels = sorted(int(label) for label in rng.choice(np.arange(-5, 6), size=2, replace=False))
    common, rare = labels if rare_is_larger else labels[::-1]
    y = rng.permutation(np.array([rare] * minority + [common] * majority))
    return rng.normal(size=(minority + majority, features)) * 3.0, y, rare


def with_minority(rng, rows, majority):
    """`rows` in random order as class 1 below `majority` rows of class 0."""
    X = np.concatenate([rng.normal(size=(majority, rows.shape[1])), rng.permutation(rows)])
    return X, np.array([0] * majority + [1] * len(rows))


def new_rows(result, X, count):
    """The synthetic part of a result, once its layout has been found right."""
    assert isinstance(result, tuple | list), (
        "smote must return the pair (X_new, y_new)\nsmote 必须返回二元组 (X_new, y_new)"
    )
    assert len(result) == 2, "smote must return the pair (X_new, y_new)\nsmote 必须返回二元组 (X_new, y_new)"
    assert all(isinstance(part, np.ndarray) for part in result), (
        "X_new and y_new must be numpy arrays\nX_new 与 y_new 必须是 numpy 数组"
    )
    assert_close(result[0].shape, (len(X) + count, X.shape[1]))
    return result[0][len(X) :]


def many_new_rows(candidate, rng, rows, k, total):
    """`total` new rows for the minority `rows`, in four calls: a solution may compute all n * n distances."""
    X, y = with_minority(rng, rows, total // 4 + len(rows))
    return np.concatenate([new_rows(candidate.smote(X, y, k=k, rng=fresh(rng)), X, total // 4) for _ in range(4)])


def neighbours_of(rows, k):
    """All directed pairs (row, one of its k nearest other rows): two index arrays of length m * k."""
    distance = ((rows[:, None] - rows[None]) ** 2).sum(axis=2)
    np.fill_diagonal(distance, np.inf)
    return np.repeat(np.arange(len(rows)), k), np.argsort(distance, axis=1)[:, :k].ravel()


def on_segments(new, start, end):
    """For every new row: the index of the closest segment, the position on it in [0, 1], the distance from it."""
    along = end - start  # (p, d)
    t = ((new[:, None] - start) * along).sum(axis=2) / (along**2).sum(axis=1)  # (s, p)
    t = np.clip(t, 0.0, 1.0)
    off = np.sqrt((((new[:, None] - start) - t[..., None] * along) ** 2).sum(axis=2))  # (s, p)
    best = off.argmin(axis=1)
    every = np.arange(len(new))
    return best, t[every, best], off[every, best]


def distance_to(rows, new):
    """How far each new row is from the nearest of `rows`, in its most different feature."""
    return np.abs(new[:, None] - rows).max(axis=2).min(axis=1)


def uniform_distance(positions):
    """The Kolmogorov-Smirnov distance of `positions` from the uniform distribution on [0, 1]."""
    ordered, n = np.sort(positions), len(positions)
    return max((np.arange(1, n + 1) / n - ordered).max(), (ordered - np.arange(n) / n).max())


@pytest.mark.task("counts")
def test_counts_follow_the_ratio(candidate, rng):
    """The minority ends with floor(ratio * majority) rows and new labels are its own, whatever the labels are.

    少数类最终有 floor(ratio * 多数类行数) 行，新标签都是少数类的标签，无论标签取什么值。
    """
    for rare_is_larger in (True, False) * 3:
        minority, majority = int(rng.integers(7, 10)), int(rng.integers(20, 60))
        ratio = int(rng.integers(32, 65)) / 64  # a sixty-fourth times a count is exact
        X, y, label = draw(rng, minority, majority, int(rng.integers(1, 5)), rare_is_larger=rare_is_larger)
        count = int(ratio * majority) - minority
        result = candidate.smote(X, y, k=int(rng.integers(1, 7)), ratio=ratio, rng=fresh(rng))
        new_rows(result, X, count)
        assert_close(result[1], np.concatenate([y, np.full(count, label)]))


@pytest.mark.task("counts")
def test_given_rows_come_first_and_unchanged(candidate, rng):
    """The given rows and labels come first, in their order, bit for bit, and the arguments are left alone.

    给定的行和标签排在最前，次序不变，逐位不变，传入的参数也不被修改。
    """
    X, y, _ = draw(rng, 6, 25, 3)
    given_X, given_y = X, y
    rows, labels = candidate.smote(X, y, k=3, rng=fresh(rng))
    assert isinstance(rows, np.ndarray), "X_new must be a numpy array\nX_new 必须是 numpy 数组"
    assert_close(rows.shape, (50, 3))
    assert_close(rows[:31], X, rtol=0.0, atol=0.0)
    assert_close(labels[:31], y)
    assert_unchanged(X, y)


@pytest.mark.task("counts")
def test_ratio_met_already(candidate, rng):
    """Equal classes, and a minority that is large enough, come back unchanged; one row short gives one new row.

    两类一样多，或少数类已经够多时，原样返回；只差一行时，新增一行。
    """
    balanced, y_balanced, _ = draw(rng, 12, 12, 2)
    for X, y, ratio in [
        (balanced, y_balanced, 1.0),
        (*draw(rng, 12, 16, 2)[:2], 0.75),
        (*draw(rng, 12, 16, 2)[:2], 0.5),
    ]:
        rows, labels = candidate.smote(X, y, ratio=ratio, rng=fresh(rng))
        assert_close(rows, X)
        assert_close(labels, y)
    X, y, label = draw(rng, 12, 16, 2)
    assert_close(candidate.smote(X, y, ratio=0.8125, rng=fresh(rng))[1], np.append(y, label))


@pytest.mark.task("segments")
def test_every_new_row_lies_between_neighbours(candidate, rng):
    """Each new row lies between a minority row and one of its k nearest minority rows, in any number of dimensions.

    无论维数多少，每个新行都落在某个少数类的行与它的 `k` 个少数类近邻中的一个之间。
    """
    for features in (2, int(rng.integers(3, 8))):
        minority, k = int(rng.integers(12, 20)), int(rng.integers(2, 5))
        X, y, label = draw(rng, minority, 150, features)
        rows = X[y == label]
        base, towards = neighbours_of(rows, k)
        new = new_rows(candidate.smote(X, y, k=k, rng=fresh(rng)), X, 150 - minority)
        assert np.isfinite(new).all(), "a new row holds NaN or infinity\n新行中含有 NaN 或无穷大"
        _, _, off = on_segments(new, rows[base], rows[towards])
        assert_close(off, np.zeros(len(new)), atol=1e-9)


@pytest.mark.task("segments")
def test_distances_are_taken_as_given(candidate, rng):
    """Neighbours are the nearest by Euclidean distance on the features as they are, with no rescaling.

    近邻是原始特征上欧氏距离最近的行，不做任何缩放。
    """
    minority, k = 16, 2
    X, y, label = draw(rng, minority, 150, 5)
    X *= np.array([1.0, 10.0, 0.1, 3.0, 1.0])
    rows = X[y == label]
    base, towards = neighbours_of(rows, k)
    new = new_rows(candidate.smote(X, y, k=k, rng=fresh(rng)), X, 150 - minority)
    _, _, off = on_segments(new, rows[base], rows[towards])
    assert_close(off, np.zeros(len(new)), atol=1e-8)


@pytest.mark.task("segments")
def test_new_rows_are_new(candidate, rng):
    """No new row equals a given one: a row is not its own neighbour, and positions are continuous.

    没有新行与给定的行相同：一行不是自己的近邻，线段上的位置是连续的。
    """
    X, y, label = draw(rng, 10, 150, 3)
    new = new_rows(candidate.smote(X, y, k=2, rng=fresh(rng)), X, 140)
    gap = distance_to(X[y == label], new)
    # at k=2 an own-neighbour mistake copies half of the rows; a right one comes this close with probability < 1e-9
    assert (gap > 1e-13).all(), (
        f"{int((gap <= 1e-13).sum())} of {len(new)} new rows equal a minority row\n"
        f"{len(new)} 个新行中有 {int((gap <= 1e-13).sum())} 个与少数类的行相同"
    )


@pytest.mark.task("tiny")
def test_k_shrinks_to_the_other_rows(candidate, rng):
    """With k or fewer minority rows, all other minority rows are the neighbours.

    少数类不超过 `k` 行时，其余少数类的行全都是近邻。
    """
    for minority in (2, 3, 5):
        X, y, label = draw(rng, minority, 60, 3)
        rows = X[y == label]
        base, towards = neighbours_of(rows, minority - 1)
        new = new_rows(candidate.smote(X, y, k=5, rng=fresh(rng)), X, 60 - minority)
        _, _, off = on_segments(new, rows[base], rows[towards])
        assert_close(off, np.zeros(len(new)), atol=1e-9)
        assert (distance_to(rows, new) > 1e-13).all(), (
            f"with {minority} minority rows, a new row equals one of them\n"
            f"少数类有 {minority} 行时，有新行与其中之一相同"
        )


@pytest.mark.task("tiny")
def test_one_minority_row(candidate, rng):
    """A single minority row has no neighbour: ValueError when rows are needed, no error when none are.

    只有一个少数类行时没有近邻：需要新增行则抛出 `ValueError`，不需要则不报错。
    """
    X, y, _ = draw(rng, 1, 4, 2)
    with pytest.raises(ValueError):
        candidate.smote(X, y, rng=fresh(rng))
    rows, labels = candidate.smote(X, y, ratio=0.25, rng=fresh(rng))
    assert_close(rows, X)
    assert_close(labels, y)


@pytest.mark.task("tiny")
def test_equal_rows_are_neighbours(candidate, rng):
    """A row that occurs twice has its double as nearest neighbour, at distance 0.

    出现两次的行，最近的近邻就是与它相同的那一行，距离为 0。
    """
    rows = rng.normal(size=(6, 3))
    X, y = with_minority(rng, np.concatenate([rows, rows]), 60)
    new = new_rows(candidate.smote(X, y, k=1, rng=fresh(rng)), X, 48)
    gap = distance_to(rows, new)
    assert_close(gap, np.zeros(48), atol=1e-12)


@pytest.mark.task("generator")
def test_only_the_given_generator_matters(candidate, rng, seed_candidate):
    """The same generator state gives the same rows, whatever the global generators hold; the generator moves on.

    生成器状态相同则得到相同的行，与全局生成器的状态无关；调用会推进生成器的状态。
    """
    X, y, _ = draw(rng, 8, 40, 3)
    seed = int(rng.integers(2**32))
    generator = inout(np.random.default_rng(seed))
    seed_candidate(1)
    first = new_rows(candidate.smote(X, y, rng=generator), X, 32)
    seed_candidate(2)
    again = new_rows(candidate.smote(X, y, rng=np.random.default_rng(seed)), X, 32)
    assert_close(again, first, rtol=0.0, atol=0.0)
    further = new_rows(candidate.smote(X, y, rng=generator), X, 32)
    assert (further != first).any(), (
        "a second call with the same generator repeated the rows of the first\n"
        "用同一个生成器再次调用，得到的新行与第一次相同"
    )


@pytest.mark.task("generator")
def test_other_generators_and_none(candidate, rng):
    """Generators in other states give other rows; without a generator two calls differ.

    状态不同的生成器给出不同的行；不传生成器时，两次调用的结果不同。
    """
    X, y, _ = draw(rng, 8, 40, 3)
    one, other = (new_rows(candidate.smote(X, y, rng=fresh(rng)), X, 32) for _ in range(2))
    assert (one != other).all(axis=1).any(), (
        "two generators in different states gave the same rows\n状态不同的两个生成器给出了相同的新行"
    )
    one, other = (new_rows(candidate.smote(X, y), X, 32) for _ in range(2))
    assert (one != other).all(axis=1).any(), (
        "two calls without a generator gave the same rows\n两次不传生成器的调用给出了相同的新行"
    )


@pytest.mark.task("statistics")
def test_positions_are_uniform_and_every_row_is_a_base(candidate, rng):
    """Positions on the segments are uniform, and every minority row is a base equally often.

    线段上的位置均匀分布，每个少数类的行作为基准的次数相当。
    """
    # a chain with shrinking steps along the axes in turn: the nearest row to row i is row i + 1, and only the last
    # two rows are each other's nearest, so a segment tells its base row
    m, total = 6, 4000
    steps = np.zeros((m - 1, 3))
    steps[np.arange(m - 1), np.arange(m - 1) % 3] = rng.uniform(1.0, 2.0) * 0.6 ** np.arange(m - 1)
    chain = np.concatenate([np.zeros((1, 3)), np.cumsum(steps, axis=0)]) + rng.normal(size=3)
    new = many_new_rows(candidate, rng, chain, 1, total)
    segment, position, off = on_segments(new, chain[:-1], chain[1:])
    assert_close(off, np.zeros(total), atol=1e-9)
    # Dvoretzky-Kiefer-Wolfowitz: P(distance > e) <= 2 exp(-2 n e^2), here 1e-7
    clear = segment < m - 2
    bound = np.sqrt(np.log(2 / 1e-7) / (2 * max(int(clear.sum()), 1)))
    distance = uniform_distance(position[clear]) if clear.any() else 1.0
    assert distance <= bound, (
        f"positions on the segments are not uniform on [0, 1]: "
        f"Kolmogorov-Smirnov distance {distance:.3f}, allowed {bound:.3f}\n"
        f"新行在线段上的位置不是 [0, 1] 上的均匀分布：Kolmogorov-Smirnov 距离 {distance:.3f}，允许 {bound:.3f}"
    )
    # Hoeffding for 5 shares: P(any is off by more than e) <= 10 exp(-2 n e^2), here 1e-7; the last has two base rows
    share = np.bincount(segment, minlength=m - 1) / total
    assert_close(share, np.array([1.0] * (m - 2) + [2.0]) / m, rtol=0.0, atol=np.sqrt(np.log(10 / 1e-7) / (2 * total)))


@pytest.mark.task("statistics")
def test_every_neighbour_is_used(candidate, rng):
    """Each of the k nearest neighbours is chosen equally often.

    最近的 `k` 个近邻被选中的次数彼此相当。
    """
    # with k = m - 1 every pair of rows is joined, so each of the 10 pairs gets a tenth of the new rows
    m, total = 5, 4000
    rows = rng.normal(size=(m, 4))
    new = many_new_rows(candidate, rng, rows, m - 1, total)
    one, other = np.triu_indices(m, k=1)
    pair, _, off = on_segments(new, rows[one], rows[other])
    assert_close(off, np.zeros(total), atol=1e-9)
    share = np.bincount(pair, minlength=10) / total
    # Hoeffding for 10 shares: P(any is off by more than e) <= 20 exp(-2 n e^2), here 1e-7, gives e = 0.049
    assert_close(share, np.full(10, 0.1), rtol=0.0, atol=np.sqrt(np.log(20 / 1e-7) / (2 * total)))


@pytest.mark.task("statistics")
def test_k_defaults_to_five(candidate, rng):
    """Without k, five neighbours are used: all others of six rows, all but the furthest of seven.

    不指定 `k` 时使用五个近邻：共六行时是其余所有行，共七行时是除最远一行之外的其余所有行。
    """
    # 600 new rows; a pair that should be used is missed, and one that should not is never met, with probability < 1e-11
    X, y = with_minority(rng, rng.normal(size=(6, 3)), 606)
    rows = X[y == 1]
    one, other = np.triu_indices(6, k=1)
    pair, _, _ = on_segments(new_rows(candidate.smote(X, y, rng=fresh(rng)), X, 600), rows[one], rows[other])
    assert len(np.unique(pair)) == 15, (
        "with six minority rows and the default k some neighbour is never used\n"
        "少数类有六行、k 取默认值时，有近邻从未被用到"
    )
    X, y = with_minority(rng, rng.normal(size=(7, 3)), 607)
    rows = X[y == 1]
    base, towards = neighbours_of(rows, 5)
    _, _, off = on_segments(new_rows(candidate.smote(X, y, rng=fresh(rng)), X, 600), rows[base], rows[towards])
    assert_close(off, np.zeros(600), atol=1e-9)


@pytest.mark.task("arguments")
def test_bad_arguments_are_refused(candidate, rng):
    """Bad k, ratio, shapes, numbers of classes and non-finite features raise ValueError; good ones do not.

    `k`、`ratio`、形状、类别数不合要求，或特征不是有限数时，都抛出 `ValueError`；正确的参数不会。
    """
    X, y, label = draw(rng, 5, 12, 2)
    assert_close(candidate.smote(X, y, k=1, ratio=1.0, rng=fresh(rng))[1], np.concatenate([y, np.full(7, label)]))
    nan, inf = X.copy(), X.copy()
    nan[int(rng.integers(17)), 0], inf[int(rng.integers(17)), 1] = np.nan, np.inf
    bad = [{"k": 0}, {"k": -2}, {"ratio": 0.0}, {"ratio": -0.5}, {"ratio": 1.25}, {"ratio": float("nan")}]
    bad += [{"X": X[:, 0]}, {"X": X[None]}, {"y": y[:, None]}, {"y": y[:-1]}, {"X": nan}, {"X": inf}]
    bad += [{"y": np.full(17, label)}, {"y": np.arange(17) % 3}]
    bad += [{"ratio": 0.25, "k": 0}, {"ratio": 0.25, "X": nan}]  # no rows are needed, and still an error
    for arguments in bad:
        with pytest.raises(ValueError):
            candidate.smote(**{"X": X, "y": y, "rng": fresh(rng), **arguments})


@pytest.mark.task("arguments")
def test_dtypes(candidate, rng):
    """float32 stays float32, whole-number features become float64, labels keep their dtype.

    `float32` 保持 `float32`，整数特征变为 `float64`，标签的 dtype 不变。
    """
    X, y, label = draw(rng, 4, 12, 2)
    for given, wanted in [(X.astype(np.float32), np.float32), ((X * 10_000).astype(np.int64), np.float64)]:
        rows, labels = candidate.smote(given, y.astype(np.int16), k=3, rng=fresh(rng))
        new = new_rows((rows, labels), given, 8)
        assert_close(rows[:16], given.astype(wanted))
        assert_close(labels, np.append(y, [label] * 8).astype(np.int16))
        minority = given[y == label]
        slack = 1e-5 * np.abs(minority).max()
        assert (new >= minority.min(axis=0) - slack).all(), (
            "a new row lies outside the range of the minority rows\n有新行落在少数类的行的范围之外"
        )
        assert (new <= minority.max(axis=0) + slack).all(), (
            "a new row lies outside the range of the minority rows\n有新行落在少数类的行的范围之外"
        )
