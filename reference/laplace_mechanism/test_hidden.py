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
    assert_scale_sequentially,
    assert_tail,
    assert_unchanged,
    draws_of,
    fresh,
    inout,
)

TIMES = 2_500  # single numbers drawn ahead: 37 are expected beyond 4.2 scales, and 47 repeats from 16-bit seeds
HARDLY_ANY_NOISE = 1e12  # as epsilon: with sensitivities below 1e4, noise over 1e-6 has probability exp(-100)
LARGEST = 10**10  # of values; beyond int32, and exact to 2e-6 in float64
NAN, INF = float("nan"), float("inf")
NOT_POSITIVE = [-1.0, 0.0, INF, NAN, -1e-12, -INF, 0]


def laplace(x):
    """The distribution function of Laplace noise of scale 1."""
    return np.where(x < 0, np.exp(-np.abs(x)) / 2, 1 - np.exp(-np.abs(x)) / 2)


def two_settings(rng):
    """Sensitivity and epsilon with a scale well above 1 and well below, so that no scale is near its own inverse."""
    return (rng.uniform(1.5, 4.0), rng.uniform(0.1, 0.5)), (rng.uniform(0.2, 0.6), rng.uniform(2.0, 5.0))


def check_shape(noise, beyond):
    """Laplace noise, whatever its scale."""
    noise = (
        noise / np.abs(noise).mean()
    )  # independent of a right one's shape, so no claim fails more than twice as often
    assert_distribution(noise, laplace)
    assert_tail(noise, laplace, beyond)


def noise_around(center, call, *arguments):
    """A function that has the driver draw n results, and gives their distances from the center."""
    return lambda n: draws_of(call(*arguments, n), n) - center


@pytest.mark.task("scale")
def test_scale_of_arrays(candidate, rng):
    """The noise of arrays, of integers too, has the mean size sensitivity / epsilon.

    数组（包括整数数组）的噪声，平均大小为 `sensitivity / epsilon`。
    """
    arrays = rng.uniform(-50, 50, 8_000), rng.integers(-50, 50, 8_000)  # of so many, 10% is missed 1 time in 1,000
    for array, (sensitivity, epsilon) in zip(arrays, two_settings(rng), strict=True):
        noisy = candidate.laplace_mechanism(array, sensitivity, epsilon, fresh(rng))
        assert_scale(draws_of(noisy, array.shape) - array, sensitivity / epsilon, "laplace")


@pytest.mark.task("scale")
def test_scale_of_numbers(driver, rng):
    """The noise of a single number, whole or not, has the mean size sensitivity / epsilon.

    单个数字（无论是否为整数）的噪声，平均大小为 `sensitivity / epsilon`。
    """
    for number, (sensitivity, epsilon) in zip((17, -3.5), two_settings(rng), strict=True):
        draw = noise_around(number, driver.noisy_scalars, number, sensitivity, epsilon, inout(fresh(rng)))
        assert_scale_sequentially(draw, sensitivity / epsilon, "laplace")


@pytest.mark.task("distribution")
def test_distribution_for_arrays(candidate, rng):
    """The noise of arrays is symmetric, with the distribution function and tails of Laplace noise; none is repeated.

    数组的噪声对称，分布函数和尾部都是拉普拉斯噪声的，没有重复的值。
    """
    value = np.full(70_000, rng.uniform(-5, 5))  # one value, so that noise of few bits repeats: 29 times in float32
    noisy = candidate.laplace_mechanism(value, rng.uniform(0.5, 2.0), rng.uniform(0.5, 2.0), fresh(rng))
    noise = draws_of(noisy, value.shape) - value
    assert_distinct(np.abs(noise))
    check_shape(noise, beyond=8.0)  # where 23 are expected


@pytest.mark.task("distribution")
def test_distribution_for_numbers(driver, rng):
    """So is the noise of single numbers, whole or not.

    单个数字（无论是否为整数）的噪声也是如此。
    """
    for number in (-6, 2.5):
        draw = noise_around(number, driver.noisy_scalars, number, rng.uniform(1, 4), rng.uniform(1, 4), fresh(rng))
        noise = draw(TIMES)
        assert_distinct(np.abs(noise))
        check_shape(noise, beyond=4.2)


@pytest.mark.task("arrays")
def test_numbers_give_floats(candidate, rng):
    """A number gives a float, which is the number plus noise.

    传入数字时得到浮点数，即该数字加上噪声。
    """
    for value in (7, -2.25, 0, int(rng.integers(-LARGEST, LARGEST)), float(rng.uniform(-LARGEST, LARGEST))):
        noisy = candidate.laplace_mechanism(value, 1.0, HARDLY_ANY_NOISE, fresh(rng))
        assert_close(noisy, float(value), rtol=0, atol=1e-5)
        assert isinstance(noisy, float), "the result for a number is no float\n传入数字时，结果不是浮点数"


@pytest.mark.task("arrays")
def test_arrays_give_arrays(candidate, rng):
    """An array gives the float64 array of its shape, which is the array plus noise.

    传入数组时得到形状相同的 `float64` 数组，即原数组加上噪声。
    """
    for shape in ((), (0,), (3, 0, 2), (1,), (6,), (3, 4), (2, 1, 5)):
        for draw in (rng.integers, rng.uniform):
            value = np.asarray(draw(-LARGEST, LARGEST, shape))
            noisy = candidate.laplace_mechanism(value, 1.0, HARDLY_ANY_NOISE, fresh(rng))
            assert_close(noisy, value.astype(np.float64), rtol=0, atol=1e-5)
            assert_close(str(np.asarray(noisy).dtype), "float64")


@pytest.mark.task("arrays")
def test_elements_are_independent(candidate, rng):
    """No two elements of an array share noise, neighbours along any axis are independent, and the array is unchanged.

    数组中没有两个元素共用噪声，沿任一轴相邻的元素互不依赖，数组本身不被改动。
    """
    for shape, dtype in (((30, 50), np.float64), ((10, 12, 14), np.float64), ((10, 12, 14), np.int64)):
        value = np.zeros(shape, dtype)
        noise = candidate.laplace_mechanism(value, 1.0, 0.5, fresh(rng))
        assert_unchanged(value)
        assert_distinct(np.abs(draws_of(noise, shape)))
        for axis in range(len(shape)):
            assert_independent_along(noise, axis)


@pytest.mark.task("generator")
def test_same_state_same_result(candidate, rng, seed_candidate):
    """The result depends on the state of the given generator only, and no global random state is used or changed.

    结果只取决于传入的生成器的状态，既不使用也不改动全局随机状态。
    """
    calls = [(candidate.laplace_mechanism, value, 1.0, 0.5) for value in (np.zeros(8), np.arange(8), 3, 0.5)]
    for call, *arguments in (*calls, (candidate.private_mean, np.array([0.25, 0.75]), 0.0, 1.0, 0.5)):
        seed = int(rng.integers(2**32))
        assert_leaves_no_state(call, *arguments, fresh(rng))
        assert_same_again(lambda: call(*arguments, np.random.default_rng(seed)), seed_candidate)


@pytest.mark.task("generator")
def test_generator_is_advanced(candidate, driver, rng):
    """A generator that is used again gives fresh noise, independent of the noise before.

    再次使用同一个生成器，会得到与先前无关的新噪声。
    """
    generator = inout(fresh(rng))
    pair = [candidate.laplace_mechanism(np.zeros(5_000), 1.0, 1.0, generator) for _ in range(2)]
    assert_independent(*pair)
    assert_distinct(np.abs(pair))  # the same noise in another order is not new
    numbers = noise_around(0.0, driver.noisy_scalars, 0.0, 1.0, 1.0, fresh(rng))(2_000)
    assert_distinct(np.abs(numbers))
    assert_independent_along(numbers)


@pytest.mark.task("arguments")
def test_one_bad_argument(candidate, rng):
    """A sensitivity or epsilon that is zero, negative, NaN or infinite raises ValueError; sound ones do not.

    `sensitivity` 或 `epsilon` 为零、负数、NaN 或无穷大时抛出 `ValueError`，取值正常时不会。
    """
    bad = {"sensitivity": NOT_POSITIVE, "epsilon": NOT_POSITIVE}
    for value, size in ((1.5, 1e-310), (np.ones(3), 1e300), (np.zeros((0, 2)), 7)):
        sound = {"value": value, "sensitivity": size, "epsilon": size, "rng": fresh(rng)}
        noisy = assert_refuses(candidate.laplace_mechanism, sound, bad, pairs=False)
        assert_close(noisy, value, rtol=0, atol=50.0)  # the scale is 1, so noise over 50 has probability exp(-50)
        assert np.all(noisy != value), "sound arguments gave no noise\n参数有效，却没有加上噪声"


@pytest.mark.task("arguments")
def test_two_bad_arguments(candidate, rng):
    """Both at once raise ValueError too, such as two whose quotient is sound.

    两个参数同时无效时也一样，例如二者之商正常的情形。
    """
    sound = {"value": 0.5, "sensitivity": 1.0, "epsilon": HARDLY_ANY_NOISE, "rng": fresh(rng)}
    assert_refuses(candidate.laplace_mechanism, sound, {"sensitivity": NOT_POSITIVE, "epsilon": NOT_POSITIVE})


@pytest.mark.task("private_mean")
def test_noise_of_the_mean(candidate, driver, rng):
    """The noise of a mean is Laplace noise of scale (upper - lower) / (n epsilon), and the result is not clipped.

    均值的噪声是尺度为 `(upper - lower) / (n * epsilon)` 的拉普拉斯噪声，且结果不再裁剪。
    """
    lower, width, epsilon = rng.uniform(-40.0, -20.0), rng.uniform(50.0, 60.0), rng.uniform(0.15, 0.35)
    # One record lies above the bounds, one occurs twice, none is in the lower half: n is neither the number of records
    # within bounds nor that of different ones, and no range of records, clipped or not, is near the width.
    values = lower + width * np.append(rng.uniform(0.5, 0.9, int(rng.integers(3, 6))), 3.0)
    values = np.append(values, values[0])
    center = np.clip(values, lower, lower + width).mean()
    draw = noise_around(center, driver.noisy_means, values, lower, lower + width, epsilon, inout(fresh(rng)))
    begun = draw(TIMES)
    assert_scale_sequentially(draw, width / (values.size * epsilon), "laplace", begun=begun)
    check_shape(begun, beyond=4.2)
    assert_distinct(np.abs(begun))
    assert_independent_along(begun)
    # Bounds on one side of 0, and a single record: who gets the width or n wrong is off by a third at least.
    lower = rng.uniform(20.0, 40.0)
    draw = noise_around(lower + 1.0, driver.noisy_means, np.array([lower + 1.0]), lower, lower + 10.0, 0.2, fresh(rng))
    assert_scale(draw(500), 10.0 / 0.2, "laplace")


@pytest.mark.task("private_mean")
def test_each_record_is_clipped(candidate, rng):
    """Every record is clipped to the bounds before the mean, the result is a float, and the records are not changed.

    先把每条记录裁剪到上下界之内再求均值，结果是浮点数，传入的记录保持不变。
    """
    lower = rng.uniform(-1e4, 5e3)
    upper = lower + rng.uniform(2e3, 8e3)
    mixed = np.concatenate([rng.uniform(lower, upper, 5), [1e12, upper + 1e3, lower - 2.0]])
    wide = rng.normal(lower, 3e3, 500)
    for values in (mixed, -mixed, np.array([lower - 1.0]), np.array([upper + 1.0]), wide, np.append(mixed, mixed)):
        noisy = candidate.private_mean(values, lower, upper, HARDLY_ANY_NOISE, fresh(rng))
        assert_close(noisy, float(np.clip(values, lower, upper).mean()), rtol=0, atol=1e-6)
        assert isinstance(noisy, float), "the mean is no float\n均值不是浮点数"
        assert_unchanged(values)


MEAN = {"values": np.array([0.25, 0.5, 0.75]), "lower": 0.0, "upper": 1.0, "epsilon": HARDLY_ANY_NOISE}
BAD_RECORDS = [np.array(held) for held in ([], [NAN, 0.5, 0.25], [0.5, NAN, 0.25], [0.5, 0.25, NAN], [NAN])]
OUT_OF_ORDER = [(1.0, 0.0), (1.0, 1.0), (INF, -INF), (NAN, 1.0), (0.0, NAN)]
NOT_BOUNDED = [(0.0, INF), (-INF, 1.0), (-INF, INF), (INF, INF)]


@pytest.mark.task("private_mean")
def test_bad_records(candidate, rng):
    """No records, or a NaN among them, raise ValueError.

    没有记录或含有 NaN 时抛出 `ValueError`。
    """
    assert_refuses(candidate.private_mean, {**MEAN, "rng": fresh(rng)}, {"values": BAD_RECORDS})


@pytest.mark.task("private_mean")
def test_bad_bounds_and_epsilon(candidate, rng):
    """Bounds out of order or not finite, and a bad epsilon, raise ValueError, whatever else is bad.

    上下界次序不对或不是有限值、`epsilon` 无效时抛出 `ValueError`，不论其他参数是否有效。
    """
    bad = {"epsilon": NOT_POSITIVE, ("lower", "upper"): [*OUT_OF_ORDER, *NOT_BOUNDED], "values": BAD_RECORDS}
    mean = assert_refuses(candidate.private_mean, {**MEAN, "rng": fresh(rng)}, bad)
    assert_close(mean, 0.5, rtol=0, atol=1e-6)
