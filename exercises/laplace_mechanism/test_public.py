"""Public cases of laplace_mechanism."""

import numpy as np
import pytest

from grader.judge import assert_close

HARDLY_ANY_NOISE = 1e9  # with this epsilon and a sensitivity of about 1, noise over 1e-6 has probability exp(-1000)


@pytest.mark.task("scale")
def test_mean_size_of_noise(candidate, rng):
    """With sensitivity 2 and epsilon 0.5 the mean size of the noise is 4."""
    noise = candidate.laplace_mechanism(np.zeros(100_000), 2.0, 0.5, rng)
    # The mean of 100,000 sizes has standard deviation 4 / sqrt(100,000); 5.5 of them: false alarm 4e-8.
    assert_close(float(np.abs(noise).mean()), 4.0, rtol=5.5 / np.sqrt(100_000), atol=0)


@pytest.mark.task("distribution")
def test_half_of_the_noise_is_negative(candidate, rng):
    """Noise is above and below the value equally often."""
    noise = candidate.laplace_mechanism(np.zeros(100_000), 1.0, 1.0, rng)
    share = float((noise < 0).mean())
    assert abs(share - 0.5) < 5.5 * 0.5 / np.sqrt(100_000), f"{share:.3f} of the noise is negative"


@pytest.mark.task("arrays")
def test_scalar_and_array(candidate, rng):
    """A number gives a float, an array of integers a float64 array of its shape, each with its own noise."""
    assert_close(candidate.laplace_mechanism(42, 1.0, HARDLY_ANY_NOISE, rng), 42.0, rtol=0, atol=1e-6)
    counts = np.array([[3, 1, 4], [1, 5, 9]])
    assert_close(
        candidate.laplace_mechanism(counts, 1.0, HARDLY_ANY_NOISE, rng), counts.astype(float), rtol=0, atol=1e-6
    )
    noise = candidate.laplace_mechanism(np.zeros(3), 1.0, 1.0, rng)
    assert len(set(noise.tolist())) == 3, "elements share their noise"


@pytest.mark.task("generator")
def test_same_state_same_noise(candidate):
    """Two generators in the same state give the same result, and then go on to fresh noise."""
    first, second = np.random.default_rng(7), np.random.default_rng(7)
    once = candidate.laplace_mechanism(0.0, 1.0, 1.0, first)
    assert_close(candidate.laplace_mechanism(0.0, 1.0, 1.0, second), float(once), rtol=0, atol=0)
    assert candidate.laplace_mechanism(0.0, 1.0, 1.0, first) != once, "the second call repeated the first one's noise"


@pytest.mark.task("arguments")
def test_epsilon_must_be_positive(candidate, rng):
    """An epsilon of 0 or below is refused, a positive one is not."""
    assert_close(candidate.laplace_mechanism(1.5, 1.0, HARDLY_ANY_NOISE, rng), 1.5, rtol=0, atol=1e-6)
    for epsilon in (0.0, -1.0):
        with pytest.raises(ValueError):
            candidate.laplace_mechanism(1.5, 1.0, epsilon, rng)


@pytest.mark.task("private_mean")
def test_records_are_clipped(candidate, rng):
    """The mean is that of the clipped records: 0, 40, 60 and 100 here."""
    ages = np.array([-20.0, 40.0, 60.0, 400.0])
    assert_close(candidate.private_mean(ages, 0.0, 100.0, HARDLY_ANY_NOISE, rng), 50.0, rtol=0, atol=1e-5)
