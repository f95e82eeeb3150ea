"""Nested cross-validation; the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""

from typing import Any

import numpy as np


def nested_cv(
    estimator: Any,
    param_grid: dict[str, list[Any]],
    x: np.ndarray,
    y: np.ndarray,
    outer: Any,
    inner: Any,
    scoring: Any,
    groups: np.ndarray | None = None,
) -> tuple[np.ndarray, list[dict[str, Any]]]:
    """Outer scores, float64 (K,), and the parameters that were chosen for each of the K outer pairs."""
    raise NotImplementedError
