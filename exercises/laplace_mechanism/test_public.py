"""Public cases of laplace_mechanism."""

import numpy as np
import pytest

from grader.judge import assert_binomial, assert_close, assert_refuses, assert_scale, fresh, inout

HARDLY_ANY_NOISE = 1e9  # with this epsilon and a sensitivity of about 1, noise over 1e-6 has probability exp(-1000)


@pytest.mark.task("scale")
def test_mean_size_of_noise(candidate, rng):
    """With sensitivity 2 and epsilon 0.5 the mean size of the noise is 4.

    敏感度为 2、`epsilon` 为 0.5 时，噪声的平均大小为 4。
    """
    noise = candidate.laplace_mechanism(np.zeros(100_000), 2.0, 0.5, fresh(rng))
    assert_scale(noise, 4.0, "laplace")


@pytest.mark.task("distribution")
def test_half_of_the_noise_is_negative(candidate, rng):
    """Noise is above and below the value equally often.

    加噪后的值高于原值与低于原值同样常见。
    """
    noise = candidate.laplace_mechanism(np.zeros(100_000), 1.0, 1.0, fresh(rng))
    assert_binomial(int((noise < 0).sum()), 100_000, 0.5)


@pytest.mark.task("arrays")
def test_scalar_and_array(candidate, rng):
    """A number gives a float, an array of integers a float64 array of its shape, each with its own noise.

    传入数字时得到浮点数，传入整数数组时得到形状相同的 `float64` 数组，且每个元素各自加噪。
    """
    assert_close(candidate.laplace_mechanism(42, 1.0, HARDLY_ANY_NOISE, fresh(rng)), 42.0, rtol=0, atol=1e-6)
    counts = np.array([[3, 1, 4], [1, 5, 9]])
    assert_close(
        candidate.laplace_mechanism(counts, 1.0, HARDLY_ANY_NOISE, fresh(rng)), counts.astype(float), rtol=0, atol=1e-6
    )
    noise = candidate.laplace_mechanism(np.zeros(3), 1.0, 1.0, fresh(rng))
    assert len(set(noise.tolist())) == 3, "elements share their noise\n多个元素共用了同一份噪声"


@pytest.mark.task("generator")
def test_same_state_same_noise(candidate):
    """Two generators in the same state give the same result, and then go on to fresh noise.

    状态相同的两个生成器给出相同的结果，之后再调用则得到新的噪声。
    """
    first, second = inout(np.random.default_rng(7)), inout(np.random.default_rng(7))
    once = candidate.laplace_mechanism(0.0, 1.0, 1.0, first)
    assert_close(candidate.laplace_mechanism(0.0, 1.0, 1.0, second), float(once), rtol=0, atol=0)
    assert candidate.laplace_mechanism(0.0, 1.0, 1.0, first) != once, (
        "the second call repeated the first one's noise\n第二次调用重复了第一次的噪声"
    )


@pytest.mark.task("arguments")
def test_epsilon_must_be_positive(candidate, rng):
    """An epsilon of 0 or below is refused, a positive one is not.

    `epsilon` 小于或等于 0 时会被拒绝，大于 0 时不会。
    """
    sound = {"value": 1.5, "sensitivity": 1.0, "epsilon": HARDLY_ANY_NOISE, "rng": fresh(rng)}
    noisy = assert_refuses(candidate.laplace_mechanism, sound, {"epsilon": [0.0, -1.0]})
    assert_close(noisy, 1.5, rtol=0, atol=1e-6)


@pytest.mark.task("private_mean")
def test_records_are_clipped(candidate, rng):
    """The mean is that of the clipped records: 0, 40, 60 and 100 here.

    均值取自裁剪后的记录：这里是 0、40、60 和 100。
    """
    ages = np.array([-20.0, 40.0, 60.0, 400.0])
    assert_close(candidate.private_mean(ages, 0.0, 100.0, HARDLY_ANY_NOISE, fresh(rng)), 50.0, rtol=0, atol=1e-5)
