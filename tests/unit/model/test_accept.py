"""Where the parts of a pattern are near each other."""

from __future__ import annotations

import pytest

from grader.model.accept import occurs


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("There are n! orders. Each is tried. The cost is exponential.", True),
        ("It shuffles! It also scales. The cost is exponential.", False),
        ("Orders are tried. Really? The cost is exponential.", False),
        ("所有 orders 都要试！然后打分。代价是 exponential。", False),
    ],
)
def test_a_factorial_ends_no_sentence(text: str, near: bool) -> None:
    """Parts may be in one sentence, or in two that follow each other."""
    pattern = "there are & tried" if near else "orders|shuffles & exponential"
    assert occurs(pattern, text) is near
