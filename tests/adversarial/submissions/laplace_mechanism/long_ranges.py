"""Returns ranges, a few bytes on the wire, that become gigabytes when somebody makes an array of them."""


def laplace_mechanism(value, sensitivity, epsilon, rng):
    return range(10**8)


def private_mean(values, lower, upper, epsilon, rng):
    return range(10**8)
