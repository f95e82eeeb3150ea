"""Hidden suite of laplace_mechanism: noise is judged as a sample, never as a stream, each claim at 1e-7."""

import numpy as np
import pytest

from grader.judge import (
    assert_close,
    assert_distinct,
    assert_distribution,
    assert_independent,
    assert_independent_along,
    assert_leaves_no_state,
    assert_refuses,
    assert_same_again,
    assert_scale,
    assert_tail,
    assert_unchanged,
    draws_of,
    fresh,
    inout,
)

TIMES = 8_000  # single numbers drawn by the driver; of so many, a scale that is 10% off is missed 1 time in 1,000
HARDLY_ANY_NOISE = 1e10  # as epsilon: with sensitivities below 100, noise over 1e-6 has probability exp(-100)
NAN, INF = float("nan"), float("inf")
NOT_POSITIVE = [0.0, 0, -1.0, -1e-12, NAN, INF, -INF]


def laplace(x):
    """The distribution function of Laplace noise of scale 1."""
    tail = np.exp(-np.abs(x)) / 2
    return np.where(x < 0, tail, 1 - tail)


@pytest.mark.task("scale")
def test_scale(candidate, driver, rng):
    """The mean size of the noise is sensitivity / epsilon, for arrays and single numbers, integers included.

    无论是数组还是单个数字，是否为整数，噪声的平均大小都是 `sensitivity / epsilon`。
    """
    # A scale well above 1 and one well below, so that no scale is near its own inverse.
    for sensitivity, epsilon, array, number in (
        (rng.uniform(1.5, 4.0), rng.uniform(0.1, 0.5), rng.uniform(-50, 50, 2 * TIMES), 17),
        (rng.uniform(0.2, 0.6), rng.uniform(2.0, 5.0), rng.integers(-50, 50, 2 * TIMES), -3.5),
    ):
        noisy = candidate.laplace_mechanism(array, sensitivity, epsilon, fresh(rng))
        assert_scale(draws_of(noisy, array.shape) - array, sensitivity / epsilon, "laplace")
        noisy = driver.noisy_scalars(number, sensitivity, epsilon, fresh(rng), TIMES)
        assert_scale(draws_of(noisy, TIMES) - number, sensitivity / epsilon, "laplace")


@pytest.mark.task("distribution")
def test_distribution(candidate, rng):
    """The noise is symmetric, has the distribution function of Laplace noise, and its tails to beyond 8 mean sizes.

    噪声对称，分布函数就是拉普拉斯分布的分布函数，尾部直到平均幅度的 8 倍以外也相符。
    """
    value = rng.uniform(-5, 5, 100_000)
    noisy = candidate.laplace_mechanism(value, rng.uniform(0.5, 2.0), rng.uniform(0.5, 2.0), fresh(rng))
    noise = draws_of(noisy, value.shape) - value
    # Divided by its own mean size, so that a wrong scale does not matter here. A fitted distribution function is nearer;
    # tails fail at most twice as often, since the mean size, in half of all cases too large, is independent of shares.
    noise /= np.abs(noise).mean()
    assert_distribution(noise, laplace)
    for beyond in (4.0, 8.0):
        assert_tail(noise, laplace, beyond)


@pytest.mark.task("arrays")
def test_kinds_of_value(candidate, rng):
    """Numbers give floats and arrays give float64 arrays of the same shape, centred on the values.

    传入数字时得到浮点数，传入数组时得到形状相同的 `float64` 数组，结果都以原值为中心。
    """
    shapes = ((), (0, 3), (1,), (6,), (3, 4), (2, 1, 5))
    arrays = [np.asarray(draw) for shape in shapes for draw in (rng.integers(-9, 10, shape), rng.normal(size=shape))]
    for value in (7, -2.25, 0, *arrays):
        noisy = candidate.laplace_mechanism(value, 1.0, HARDLY_ANY_NOISE, fresh(rng))
        assert_close(noisy, np.asarray(value, dtype=np.float64), rtol=0, atol=1e-6)
        assert_close(str(np.asarray(noisy).dtype), "float64")


@pytest.mark.task("arrays")
def test_elements_are_independent(candidate, rng):
    """No two elements share noise, neighbours along either axis are independent, and `value` is not changed.

    没有两个元素共用噪声，沿任一轴相邻的元素互不依赖，`value` 本身不被改动。
    """
    for dtype in (np.float64, np.int64):
        value = np.zeros((100, 200), dtype)
        noise = candidate.laplace_mechanism(value, 1.0, 0.5, fresh(rng))
        assert_unchanged(value)
        draws_of(noise, value.shape)
        assert_distinct(np.abs(noise))
        for axis in (0, 1):
            assert_independent_along(noise, axis, lags=(1, 2))


@pytest.mark.task("generator")
def test_same_state_same_result(candidate, rng, seed_candidate):
    """The result depends on the state of the given generator only, not on numpy's global one, which stays as it is.

    结果只取决于传入的生成器的状态，与 numpy 的全局随机状态无关，也不改动后者。
    """
    for call, value, *arguments in (
        (candidate.laplace_mechanism, np.zeros(8), 1.0, 0.5),
        (candidate.private_mean, np.array([0.25, 0.75]), 0.0, 1.0, 0.5),
    ):
        seed = int(rng.integers(2**32))
        first = assert_same_again(lambda: call(value, *arguments, np.random.default_rng(seed)), seed_candidate)
        other = assert_leaves_no_state(call, value, *arguments, fresh(rng))
        assert not np.any(np.equal(other, first)), "another generator gave the same noise\n换一个生成器，噪声却相同"


@pytest.mark.task("generator")
def test_generator_is_advanced(candidate, driver, rng):
    """One generator used again gives fresh, unrelated noise; in thousands of calls none repeats.

    再次使用同一个生成器，会得到与先前无关的新噪声；数千次调用中没有重复。
    """
    generator = inout(fresh(rng))
    assert_independent(*(candidate.laplace_mechanism(np.zeros(20_000), 1.0, 1.0, generator) for _ in range(2)))
    assert_distinct(np.abs(driver.noisy_scalars(0.0, 1.0, 1.0, fresh(rng), 2_000)))


@pytest.mark.task("arguments")
def test_bad_arguments(candidate, rng):
    """A sensitivity or epsilon that is zero, negative, NaN or infinite raises ValueError; sound ones do not.

    `sensitivity` 或 `epsilon` 为零、负数、NaN 或无穷大时抛出 `ValueError`，取值正常时不会。
    """
    bad = {"sensitivity": NOT_POSITIVE, "epsilon": NOT_POSITIVE}
    for value, size in ((1.0, 1e-3), (np.ones(3), 7)):
        sound = {"value": value, "sensitivity": size, "epsilon": size, "rng": fresh(rng)}
        noisy = assert_refuses(candidate.laplace_mechanism, sound, bad)
        assert np.all(noisy != value), "sound arguments gave no noise\n参数有效，却没有加上噪声"


@pytest.mark.task("private_mean")
def test_noise_of_the_mean(driver, rng):
    """The noise of a mean is Laplace noise of scale (upper - lower) / (n epsilon), and the result is not clipped.

    均值的噪声是尺度为 `(upper - lower) / (n * epsilon)` 的拉普拉斯噪声，且结果不再裁剪。
    """
    lower, width, epsilon = rng.uniform(20.0, 40.0), rng.uniform(5.0, 15.0), rng.uniform(0.15, 0.35)
    # In the middle half, so that their own range is far smaller; and few, so that n off by one is a seventh or more.
    values = lower + width * rng.uniform(0.25, 0.75, int(rng.integers(4, 7)))
    scale = width / (values.size * epsilon)
    noisy = driver.noisy_means(values, lower, lower + width, epsilon, fresh(rng), TIMES)
    noise = draws_of(noisy, TIMES) - values.mean()
    assert_scale(noise, scale, "laplace")
    assert_distribution(noise / scale, laplace)
    assert_tail(noise / scale, laplace, 5.5)
    assert_distinct(noise)


@pytest.mark.task("private_mean")
def test_each_record_is_clipped(candidate, rng):
    """Every record is clipped to the bounds before the mean, the result is a float, and the records are not changed.

    先把每条记录裁剪到上下界之内再求均值，结果是浮点数，传入的记录保持不变。
    """
    lower = rng.uniform(-10.0, 5.0)
    upper = lower + rng.uniform(2.0, 8.0)
    mixed = np.concatenate([rng.uniform(lower, upper, 5), [upper + 1000.0, lower - 2.0]])
    for values in (mixed, np.array([lower - 1.0]), np.array([upper + 1.0]), rng.normal(lower, 3.0, 500)):
        noisy = candidate.private_mean(values, lower, upper, HARDLY_ANY_NOISE, fresh(rng))
        assert_close(noisy, float(np.clip(values, lower, upper).mean()), rtol=0, atol=1e-6)
        assert_close(str(np.asarray(noisy).dtype), "float64")
        assert_unchanged(values)


@pytest.mark.task("private_mean")
def test_bad_arguments_of_the_mean(candidate, rng):
    """No records, a NaN, bounds out of order or not finite, and a bad epsilon raise ValueError.

    没有记录、含有 NaN、上下界次序不对或不是有限值、`epsilon` 无效时，都抛出 `ValueError`。
    """
    values = np.array([0.25, 0.5, 0.75])
    sound = {"values": values, "lower": 0.0, "upper": 1.0, "epsilon": HARDLY_ANY_NOISE, "rng": fresh(rng)}
    bad = {
        "values": [np.array([]), np.array([0.5, NAN, 0.25]), np.array([NAN])],
        ("lower", "upper"): [(1.0, 0.0), (1.0, 1.0), (NAN, 1.0), (0.0, NAN), (-INF, 1.0), (0.0, INF), (INF, -INF)],
        "epsilon": [-1.0, 0.0, NAN, INF, -INF],
    }
    assert_close(assert_refuses(candidate.private_mean, sound, bad), 0.5, rtol=0, atol=1e-6)
