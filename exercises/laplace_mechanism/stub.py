"""The Laplace mechanism: see the statement for the contract."""


def laplace_mechanism(value, sensitivity, epsilon, rng):
    """`value` plus Laplace noise of scale sensitivity / epsilon, drawn from the numpy Generator `rng`.

    A number gives a float; an array gives a float64 array of its shape with independent noise per element.
    Raises ValueError unless `sensitivity` and `epsilon` are finite and greater than 0.
    """
    raise NotImplementedError


def private_mean(values, lower, upper, epsilon, rng):
    """An epsilon-differentially private mean, as a float, of `values`, (n,), each clipped to [lower, upper].

    Neighbours differ in one record; n is public. Raises ValueError for empty `values` or a NaN among them, for bounds
    that are not finite or not in order, and for an `epsilon` that is 0, negative, infinite or NaN.
    """
    raise NotImplementedError
