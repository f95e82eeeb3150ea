"""One row after the other, with the Jacobian of every step written out, in double precision."""

import math

import numpy as np


def one_row(x, label, W1, b1, W2, b2):
    a = W1.T.dot(x) + b1
    units = [k for k in range(len(a)) if a[k] > 0]  # those that are on; the others might as well not exist
    z = W2[units].T.dot(a[units]) + b2
    others = np.exp(z - z.max())
    loss = z.max() + math.log(others.sum()) - z[label]
    dz = others / others.sum() - np.eye(len(z))[label]
    da = np.zeros_like(a)
    da[units] = W2[units].dot(dz)
    return loss, W1.dot(da), np.outer(x, da), da, np.outer(np.where(a > 0, a, 0), dz), dz


def softmax_backprop(X, labels, W1, b1, W2, b2, weight_decay=0.0):
    sizes = {}
    for array, names in ((X, "ND"), (labels, "N"), (W1, "DH"), (b1, "H"), (W2, "HC"), (b2, "C")):
        if len(array.shape) != len(names):
            raise ValueError("axes")
        for name, size in zip(names, array.shape, strict=True):
            if sizes.setdefault(name, size) != size:
                raise ValueError(name)
    if sizes["N"] < 1 or any(not 0 <= label < sizes["C"] for label in labels.tolist()):
        raise ValueError("labels")
    if not math.isfinite(weight_decay) or weight_decay < 0:
        raise ValueError("weight_decay")
    wide = [array.astype(np.float64) for array in (W1, b1, W2, b2)]
    rows = [one_row(x, label, *wide) for x, label in zip(X.astype(np.float64), labels.tolist(), strict=True)]
    losses, dX, *parts = zip(*rows, strict=True)
    means = [sum(part) / len(rows) for part in parts]
    loss = sum(losses) / len(rows)
    for place in (0, 2):
        loss += weight_decay * float(np.square(wide[place]).sum()) / 2
        means[place] = means[place] + weight_decay * wide[place]
    names = ("X", "W1", "b1", "W2", "b2")
    gradients = dict(zip(names, [np.stack(dX) / len(rows), *means], strict=True))
    return X.dtype.type(loss), {name: value.astype(X.dtype) for name, value in gradients.items()}
