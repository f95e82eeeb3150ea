"""Hidden cases of pass_at_k: counts are drawn anew for every verdict."""

import numpy as np
import pytest

from grader.judge import assert_close, assert_refuses, assert_unchanged

MOST = 10_000


def counts(*pairs):
    """`n` and `c` of problems that are given as pairs."""
    n, c = np.array(pairs, dtype=np.int64).T
    return n.copy(), c.copy()


def draw_counts(rng, k, *, problems=6, least=1):
    """Problems of different sizes, none below k + 1, in each of which more than k samples failed and `least` passed."""
    n = k + 3 + rng.permutation(3 * problems)[:problems]
    return n, rng.integers(least, n - k)


@pytest.mark.task("estimate")
def test_small_problems(candidate, reference, rng):
    """The share of picks of k samples that hold a success, of small problems.

    小题目：取 k 个样本，含有通过样本的取法所占的比例。
    """
    for k in (2, int(rng.integers(3, 7))):
        n, c = draw_counts(rng, k)
        n[:] = n[0]
        c = np.minimum(c, n - k)
        expected = reference.pass_at_k(n, c, k)
        assert_close(candidate.pass_at_k(n, c, k), expected)


@pytest.mark.task("estimate")
def test_single_sample(candidate, rng):
    """pass@1 is the share of samples that passed.

    pass@1 就是通过的样本所占的比例。
    """
    n, c = draw_counts(rng, 1)
    assert_close(candidate.pass_at_k(n, c, 1), c / n)


@pytest.mark.task("estimate")
def test_sizes_of_their_own(candidate, reference, rng):
    """Each problem has its own number of samples.

    每道题有各自的样本数。
    """
    k = int(rng.integers(2, 6))
    n, c = draw_counts(rng, k, problems=9)
    for order in (np.argsort(n), np.argsort(-n)):
        sizes, passed = n[order], c[order]
        expected = reference.pass_at_k(sizes, passed, k)
        assert_close(candidate.pass_at_k(sizes, passed, k), expected)


@pytest.mark.task("estimate")
def test_around_fewer_than_k_failures(candidate, reference, rng):
    """With k - 1 failures or fewer the estimate is 1, with k failures it is not yet.

    未通过的样本不超过 k - 1 个时估计值为 1，有 k 个时还不是 1。
    """
    for k in (1, 2, int(rng.integers(3, 8))):
        n = k + int(rng.integers(1, 4))
        n, c = counts((n, n - k), (n, n - k + 1), (n, n), (k, k), (k, 1), (n + 9, n + 9 - k), (n + 9, n + 10 - k))
        expected = reference.pass_at_k(n, c, k)
        assert_close(candidate.pass_at_k(n, c, k), expected)


@pytest.mark.task("estimate")
def test_no_success(candidate, reference, rng):
    """Problems in which no sample passed get 0, and stay in their places.

    没有样本通过的题得 0，并且留在原来的位置。
    """
    k = int(rng.integers(2, 6))
    n, c = draw_counts(rng, k)
    c[rng.permutation(6)[:2]] = 0
    n[0], c[0] = k, 0
    expected = reference.pass_at_k(n, c, k)
    assert_close(candidate.pass_at_k(n, c, k), expected)


@pytest.mark.task("scale")
def test_thousands_of_samples(candidate, reference, rng):
    """Up to 10,000 samples, for small and large k, few and many successes.

    样本多达 10,000 个：k 有大有小，通过的有多有少。
    """
    for k in (1, int(rng.integers(5, 100)), int(rng.integers(1000, 1100)), int(rng.integers(4000, 6000))):
        n, c = counts(
            (MOST, 1), (MOST, 2), (MOST, int(rng.integers(3, 60))), (7000 + k // 2, int(rng.integers(3, 2000)))
        )
        expected = reference.pass_at_k(n, c, k)
        assert_close(candidate.pass_at_k(n, c, k), expected)


@pytest.mark.task("scale")
def test_thousands_of_successes(candidate, reference, rng):
    """Many samples of which nearly all passed, or all, or of which nearly all are picked.

    样本很多，且几乎全部或全部通过，或者几乎全部被取到。
    """
    for k in (3, int(rng.integers(2000, 6000)), MOST - 1, MOST):
        near = [(MOST, MOST - k + gap) for gap in (-1, 0, 1, 2) if 0 <= MOST - k + gap <= MOST]
        n, c = counts((MOST, MOST), (MOST, MOST - 1), (MOST, MOST // 2), (MOST, 0), *near)
        expected = reference.pass_at_k(n, c, k)
        assert_close(candidate.pass_at_k(n, c, k), expected)


@pytest.mark.task("contract")
def test_shape_and_dtype(candidate, reference, rng):
    """One float64 estimate for each problem, of one or of twenty, and also where all are 0 or 1.

    每道题一个 `float64` 估计值，一道题或二十道题都一样，全是 0 和 1 时也一样。
    """
    for problems in (1, 2, 20):
        n, c = draw_counts(rng, 4, problems=problems)
        expected = reference.pass_at_k(n, c, 4)
        assert_close(candidate.pass_at_k(n, c, 4), expected)
    n, c = counts((5, 5), (6, 0), (4, int(rng.integers(1, 5))))  # nothing between 0 and 1
    assert_close(candidate.pass_at_k(n, c, 4), np.array([1.0, 0.0, 1.0]))


@pytest.mark.task("contract")
def test_no_problems(candidate, reference, rng):
    """Without problems the result is empty, and a k below 1 is refused all the same.

    没有题时结果为空，但 k 小于 1 仍会被拒绝。
    """
    n, c = draw_counts(rng, 3)
    assert_close(candidate.pass_at_k(n, c, 3), reference.pass_at_k(n, c, 3))
    none = np.zeros(0, np.int64)
    sound = {"n": none, "c": none.copy(), "k": int(rng.integers(1, 50))}
    assert_close(assert_refuses(candidate.pass_at_k, sound, {"k": [0, -1]}), np.zeros(0))


@pytest.mark.task("contract")
def test_bad_counts(candidate, reference, rng):
    """k below 1 or above any n, and any c below 0 or above its n, raise ValueError, one or several at once.

    `k` 小于 1 或大于任何一个 n、任何一个 c 为负或大于对应的 n，都抛出 `ValueError`，同时出现几种时也一样。
    """
    k = int(rng.integers(3, 6))
    n, c = draw_counts(rng, k)
    first, last = np.argmin(n), np.argmax(n)
    few, less = n.copy(), n.copy()
    few[last], less[first] = k - 1, 0
    below, above, beyond = c.copy(), c.copy(), c.copy()
    below[last], above[first], beyond[last] = -1, n[first] + 1, n[last] + 1
    sound = {"n": n, "c": c, "k": k}
    bad = {"n": [few, less, -n], "c": [below, above, beyond, -c], "k": [0, -1, -k, int(n.min()) + 1, int(n.max()) + 1]}
    expected = reference.pass_at_k(n, c, k)
    assert_close(assert_refuses(candidate.pass_at_k, sound, bad), expected)
    some = np.concatenate([[0], c[1:]])  # each c suits the n, or the k, of another problem
    swapped = np.where(np.arange(6) == first, n[last], some)
    assert_refuses(candidate.pass_at_k, sound, {"c": [swapped], ("n", "c"): [(few, np.minimum(c, 0))]}, pairs=False)


@pytest.mark.task("contract")
def test_bad_shapes(candidate, reference, rng):
    """n and c of different shapes, or of no axis or two, raise ValueError.

    `n` 与 `c` 形状不同，或者没有维度、有两维时，抛出 `ValueError`。
    """
    n, c = draw_counts(rng, 3)
    none, both = np.zeros(0, np.int64), (n.reshape(2, 3), c.reshape(2, 3))
    bad = {
        "n": [n[:1], n[:-1], n[None], n[:, None], n[0].reshape(()), none],
        "c": [c[:1], c[:-1], c[None], c[:, None], np.zeros((), np.int64), none],
        ("n", "c"): [both, (n[None], c[None]), (n[0].reshape(()), c[0].reshape(()))],
    }
    expected = reference.pass_at_k(n, c, 3)
    assert_close(assert_refuses(candidate.pass_at_k, {"n": n, "c": c, "k": 3}, bad, pairs=False), expected)


@pytest.mark.task("contract")
def test_counts_stay(candidate, reference, rng):
    """n and c are as they were, after estimates that are right.

    在结果正确的前提下，`n` 和 `c` 保持原样。
    """
    n, c = draw_counts(rng, 4)
    expected = reference.pass_at_k(n, c, 4)
    assert_close(candidate.pass_at_k(n, c, 4), expected)
    assert_unchanged(n, c)
