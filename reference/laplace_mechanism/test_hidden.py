"""Hidden suite of laplace_mechanism.

Noise is judged as a sample, never as a stream. Each bound below names the chance that a right solution breaks it; a
case stays under 1e-6 in sum. Sizes |x| / b of Laplace noise are exponential with mean 1, so the mean of n of them
follows Gamma(n, 1 / n) exactly, and has standard deviation 1 / sqrt(n).
"""

import numpy as np
import pytest

from grader.judge import assert_close, assert_unchanged, fresh, inout

N = 100_000  # elements of one noisy array
TIMES = 5_000  # single numbers drawn by the driver
HARDLY_ANY_NOISE = 1e10  # as epsilon: with sensitivities below 100, noise over 1e-6 has probability exp(-100)


def assert_scale(noise, scale):
    """The mean size is within 5.5 standard deviations of `scale`: false alarm 3.9e-8 for N, 4.9e-8 for TIMES.

    A scale that is off by 10 % is missed with probability 1e-100 for N, one off by 15 % below 3e-6 for TIMES.
    """
    size = float(np.abs(noise).mean())
    assert_close(size, scale, rtol=5.5 / np.sqrt(noise.size), atol=0)


def above_median(sample):
    """1 for the upper half of `sample`, -1 for the lower."""
    return np.sign(sample - np.median(sample))


def assert_uncorrelated(first, second, what, chinese):
    """Being above the median, and being large in size, agree in half of the pairs: false alarm 8e-8 in all."""
    for one, other in ((first, second), (np.abs(first), np.abs(second))):
        agreement = abs(float((above_median(one) * above_median(other)).mean()))
        assert agreement < 5.5 / np.sqrt(first.size), f"{what} depend on each other\n{chinese}彼此不独立"


def configurations(rng):
    """(sensitivity, epsilon): a scale well above 1 and one well below, so that no scale is near its own inverse."""
    yield rng.uniform(1.5, 4.0), rng.uniform(0.1, 0.5)
    yield rng.uniform(0.2, 0.6), rng.uniform(2.0, 5.0)


def standard_noise(candidate, rng):
    """N draws of noise around random values, divided by their own mean size; so a wrong scale does not matter here."""
    value = rng.uniform(-5, 5, N)
    noise = candidate.laplace_mechanism(value, rng.uniform(0.5, 2.0), rng.uniform(0.5, 2.0), fresh(rng)) - value
    return noise / np.abs(noise).mean()


def records(rng, lower, upper):
    """Four to six records that keep to the middle half of [lower, upper], so that their own range is far smaller.

    So few, because the noise of one record more or fewer then differs by a seventh at least.
    """
    width = upper - lower
    return rng.uniform(lower + width / 4, upper - width / 4, int(rng.integers(4, 7)))


@pytest.mark.task("scale")
def test_scale_of_arrays(candidate, rng):
    """The mean size of an array's noise is sensitivity / epsilon, whatever the values.

    无论数值是多少，数组噪声的平均大小都是 `sensitivity / epsilon`。
    """
    for sensitivity, epsilon in configurations(rng):
        value = rng.uniform(-50, 50, N)
        noise = candidate.laplace_mechanism(value, sensitivity, epsilon, fresh(rng)) - value
        assert_scale(noise, sensitivity / epsilon)


@pytest.mark.task("scale")
def test_scale_of_scalars(driver, rng):
    """The mean size of a single number's noise is sensitivity / epsilon too.

    单个数字的噪声，平均大小同样是 `sensitivity / epsilon`。
    """
    for (sensitivity, epsilon), value in zip(configurations(rng), (17, -3.5), strict=True):
        noise = driver.noisy_scalars(value, sensitivity, epsilon, fresh(rng), TIMES) - value
        assert_scale(noise, sensitivity / epsilon)


@pytest.mark.task("distribution")
def test_symmetry(candidate, rng):
    """Noise above and below the value is equally likely and equally large.

    高于原值和低于原值的噪声同样可能出现，也同样大。
    """
    noise = standard_noise(candidate, rng)
    # Standard deviations: sign 1 / sqrt(N), mean sqrt(2 / N). 5.5 of them: false alarm 4e-8 each.
    assert abs(float(np.sign(noise).mean())) < 5.5 / np.sqrt(N), (
        "positive and negative noise are not equally likely\n正噪声与负噪声出现的机会不相等"
    )
    assert abs(float(noise.mean())) < 5.5 * np.sqrt(2 / N), "the noise does not average to zero\n噪声的均值不为零"


@pytest.mark.task("distribution")
def test_shape(candidate, rng):
    """The distribution function of the noise is that of a Laplace distribution.

    噪声的分布函数就是拉普拉斯分布的分布函数。
    """
    noise = np.sort(standard_noise(candidate, rng))
    tail = np.exp(-np.abs(noise)) / 2
    expected = np.where(noise < 0, tail, 1 - tail)
    steps = np.arange(N + 1) / N
    distance = max(float((steps[1:] - expected).max()), float((expected - steps[:-1]).max()))
    # With the true scale the distance exceeds 2.9 / sqrt(N) with probability 2 exp(-2 * 2.9**2) = 1e-7 (Massart). The
    # estimated scale adds at most 0.184 of its relative error, which is below 5.5 / sqrt(N). The bound is 0.0124; of
    # equal mean size, a normal distribution is at distance 0.042 and a logistic one at 0.030.
    assert distance < 3.92 / np.sqrt(N), (
        f"the distribution function is off by {distance:.3f}: is it Laplace noise?\n"
        f"分布函数偏差 {distance:.3f}：这是拉普拉斯噪声吗？"
    )


@pytest.mark.task("distribution")
def test_tails(candidate, rng):
    """Large noise is as frequent as a Laplace distribution makes it.

    较大的噪声出现的频率与拉普拉斯分布相符。
    """
    far = int((np.abs(standard_noise(candidate, rng)) > 6).sum())
    # Expected N exp(-6) = 248, and 223 to 276 for every estimate within 1.74 % of the scale: the binomial then leaves
    # 140..370 with probability 3e-8. A normal distribution of equal mean size gives 0.2, noise cut off at 6 gives none.
    assert 140 <= far <= 370, (
        f"{far} of {N} draws are over six times the mean size; about 248 are expected\n"
        f"{N} 次抽取中有 {far} 次超过平均幅度的六倍；预期约 248 次"
    )


@pytest.mark.task("arrays")
def test_kinds_of_value(candidate, rng):
    """Numbers give floats and arrays give float64 arrays of the same shape, centred on the values.

    传入数字时得到浮点数，传入数组时得到形状相同的 `float64` 数组，结果都以原值为中心。
    """
    for number in (7, -2.25, 0):
        noisy = candidate.laplace_mechanism(number, 1.0, HARDLY_ANY_NOISE, fresh(rng))
        assert_close(noisy, float(number), rtol=0, atol=1e-6)
        assert np.asarray(noisy).dtype.kind == "f", "the result is an integer, not a float\n结果是整数，不是浮点数"
    for shape in ((1,), (6,), (3, 4), (2, 1, 5)):
        for value in (rng.integers(-9, 10, shape), rng.normal(size=shape)):
            expected = value.astype(np.float64)
            noisy = candidate.laplace_mechanism(value, 1.0, HARDLY_ANY_NOISE, fresh(rng))
            assert_close(noisy, expected, rtol=0, atol=1e-6)


@pytest.mark.task("arrays")
def test_elements_are_independent(candidate, rng):
    """No two elements share noise, and neighbours along either axis do not depend on each other.

    没有两个元素共用噪声，沿任一轴相邻的元素也互不依赖。
    """
    noise = candidate.laplace_mechanism(np.zeros((100, 200)), 1.0, 0.5, fresh(rng))
    assert_close(noise.shape, (100, 200))
    # In 53 bits repetitions are all but impossible; drawn as float32 they still stay below 1 %.
    assert np.unique(np.abs(noise)).size > 0.9 * noise.size, "elements share their noise\n多个元素共用了同一份噪声"
    assert_uncorrelated(noise[1:], noise[:-1], "neighbours in a column", "同列相邻元素")
    assert_uncorrelated(noise[:, 1:], noise[:, :-1], "neighbours in a row", "同行相邻元素")


@pytest.mark.task("arrays")
def test_value_stays_as_it_was(candidate, rng):
    """The noise goes into a new array; `value` is not changed.

    噪声加在新的数组里，不改动 `value` 本身。
    """
    for value in (rng.normal(size=20), rng.integers(0, 9, 20)):
        noisy = candidate.laplace_mechanism(value, 1.0, 1.0, fresh(rng))
        assert_unchanged(value)
        assert np.mean(np.asarray(noisy) != value) > 0.5, "most elements came back without noise\n多数元素没有加上噪声"


@pytest.mark.task("generator")
def test_same_state_same_result(candidate, rng, seed_candidate):
    """The result depends on the state of the given generator only, not on numpy's global one.

    结果只取决于传入的生成器的状态，与 numpy 的全局随机状态无关。
    """
    seed = int(rng.integers(2**32))
    results = []
    for global_seed, generator_seed in ((1, seed), (2, seed), (1, seed + 1)):
        generator = np.random.default_rng(generator_seed)
        seed_candidate(global_seed)
        noisy = candidate.laplace_mechanism(np.zeros(8), 1.0, 0.5, generator)
        mean = candidate.private_mean(np.array([0.25, 0.75]), 0.0, 1.0, 0.5, generator)
        results.append((noisy, float(mean)))
    first, again, other = results
    assert_close(again, first, rtol=0, atol=0)
    assert not np.array_equal(other[0], first[0]), "another generator gave the same noise\n换一个生成器，噪声却相同"
    assert other[1] != first[1], "another generator gave the same noisy mean\n换一个生成器，加噪均值却相同"


@pytest.mark.task("generator")
def test_generator_is_advanced(candidate, rng):
    """One generator used again gives fresh, unrelated noise.

    再次使用同一个生成器，会得到与先前无关的新噪声。
    """
    generator = inout(fresh(rng))
    first, second = (candidate.laplace_mechanism(np.zeros(20_000), 1.0, 1.0, generator) for _ in range(2))
    assert np.mean(first == second) < 0.5, (
        "the second call repeated the first one's noise\n第二次调用重复了第一次的噪声"
    )
    assert_uncorrelated(first, second, "two calls", "两次调用")


@pytest.mark.task("arguments")
def test_bad_arguments(candidate, rng):
    """A sensitivity or epsilon that is zero, negative, NaN or infinite raises ValueError; sound ones do not.

    `sensitivity` 或 `epsilon` 为零、负数、NaN 或无穷大时抛出 `ValueError`，取值正常时不会。
    """
    for value in (1.0, np.ones(3)):
        for bad in (0.0, 0, -1.0, -1e-12, float("nan"), float("inf"), -float("inf")):
            with pytest.raises(ValueError):
                candidate.laplace_mechanism(value, bad, 1.0, fresh(rng))
            with pytest.raises(ValueError):
                candidate.laplace_mechanism(value, 1.0, bad, fresh(rng))
    assert_close(candidate.laplace_mechanism(1.0, 1, HARDLY_ANY_NOISE, fresh(rng)), 1.0, rtol=0, atol=1e-6)
    assert candidate.laplace_mechanism(1.0, 1e-3, 1e-3, fresh(rng)) != 1.0, (
        "a sensitivity and epsilon of 0.001 gave no noise\n敏感度与 ε 均为 0.001 时没有加上噪声"
    )


@pytest.mark.task("private_mean")
def test_scale_of_the_mean(driver, rng):
    """The noise of a mean has scale (upper - lower) / (n epsilon), and the result is not clipped.

    均值的噪声尺度为 `(upper - lower) / (n * epsilon)`，且结果不再裁剪。
    """
    lower = rng.uniform(20.0, 40.0)
    upper, epsilon = lower + rng.uniform(5.0, 15.0), rng.uniform(0.15, 0.35)
    values = records(rng, lower, upper)
    mean = values.mean()
    noise = driver.noisy_means(values, lower, upper, epsilon, fresh(rng), TIMES) - mean
    assert_scale(noise, (upper - lower) / (values.size * epsilon))
    # The sign's standard deviation is 1 / sqrt(TIMES); 5.5 of them: false alarm 4e-8.
    assert abs(float(np.sign(noise).mean())) < 5.5 / np.sqrt(TIMES), (
        "the noise is not centred on the mean\n噪声没有以均值为中心"
    )


@pytest.mark.task("private_mean")
def test_each_record_is_clipped(candidate, rng):
    """Every record is clipped to the bounds before the mean, and the records are not changed.

    先把每条记录裁剪到上下界之内再求均值，传入的记录保持不变。
    """
    lower = rng.uniform(-10.0, 5.0)
    upper = lower + rng.uniform(2.0, 8.0)
    values = np.concatenate([rng.uniform(lower, upper, 5), [upper + 1000.0, lower - 2.0]])
    noisy = candidate.private_mean(values, lower, upper, HARDLY_ANY_NOISE, fresh(rng))
    assert_close(noisy, float(np.clip(values, lower, upper).mean()), rtol=0, atol=1e-6)
    assert_unchanged(values)
    single = candidate.private_mean(np.array([lower - 1.0]), lower, upper, HARDLY_ANY_NOISE, fresh(rng))
    assert_close(single, float(lower), rtol=0, atol=1e-6)


@pytest.mark.task("private_mean")
def test_bad_arguments_of_the_mean(candidate, rng):
    """No records, a NaN, bounds out of order or not finite, and a bad epsilon raise ValueError.

    没有记录、含有 NaN、上下界次序不对或不是有限值、`epsilon` 无效时，都抛出 `ValueError`。
    """
    values, nan, inf = np.array([0.25, 0.5, 0.75]), float("nan"), float("inf")
    for bounds in ((1.0, 0.0), (1.0, 1.0), (nan, 1.0), (0.0, nan), (-inf, 1.0), (0.0, inf)):
        with pytest.raises(ValueError):
            candidate.private_mean(values, *bounds, 1.0, fresh(rng))
    for bad_values in (np.array([]), np.array([0.5, nan, 0.25])):
        with pytest.raises(ValueError):
            candidate.private_mean(bad_values, 0.0, 1.0, 1.0, fresh(rng))
    for epsilon in (0.0, -1.0, nan, inf):
        with pytest.raises(ValueError):
            candidate.private_mean(values, 0.0, 1.0, epsilon, fresh(rng))
