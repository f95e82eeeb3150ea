"""Returns numbers that are none: complex with an imaginary part, huge integers, fractions, booleans, numeric strings."""

import itertools
from decimal import Decimal
from fractions import Fraction

KINDS = itertools.cycle([True, 1j, 10**400, Fraction(1, 2), Decimal("0.5"), "0.5", b"0.5", 10**4000, None, ..., {0.5}])


def f1_score(y_true, y_pred, average="binary"):
    return next(KINDS)


def roc_auc(y_true, y_score):
    return next(KINDS)
