"""Public cases of rope: small ones, worked out by hand."""

import pytest
import torch

from grader.judge import assert_close, assert_each_raises, assert_leaves_no_state


@pytest.mark.task("rotation")
def test_one_pair_by_hand(candidate):
    """With a single pair the angle is the position: (1, 0) turns to (cos p, sin p). The call leaves no state.

    只有一对元素时，角度就是位置：(1, 0) 转到 (cos p, sin p)。调用不改动全局状态。
    """
    x = torch.tensor([1.0, 0.0]).repeat(1, 1, 3, 1)
    expected = torch.tensor([[1.0, 0.0], [0.540302, 0.841471], [-0.416147, 0.909297]])
    assert_close(assert_leaves_no_state(candidate.rope, x, torch.arange(3)), expected[None, None])


@pytest.mark.task("rotation")
def test_both_layouts_by_hand(candidate):
    """At position 2 with base 100 the angles are 2 and 0.2; the layout says which elements are turned together.

    位置 2、`base` 为 100 时，角度是 2 和 0.2；由排布决定哪些元素一起旋转。
    """
    x, positions = torch.tensor([1.0, 2.0, 3.0, 4.0]).reshape(1, 1, 1, 4), torch.tensor([2])
    halves = torch.tensor([-3.144039, 1.165456, -0.339143, 4.317605])
    assert_close(candidate.rope(x, positions, base=100.0).flatten(), halves)
    neighbors = torch.tensor([-2.234742, 0.077004, 2.145522, 4.516274])
    assert_close(candidate.rope(x, positions, base=100.0, interleaved=True).flatten(), neighbors)


@pytest.mark.task("positions")
def test_rows_of_positions_by_hand(candidate):
    """Two items have positions of their own: (1, 0) is turned by 3 in the one, by 1 in the other.

    两个样本各有自己的位置：(1, 0) 在一个样本里旋转 3，在另一个里旋转 1。
    """
    x = torch.tensor([1.0, 0.0]).repeat(2, 1, 1, 1)
    expected = torch.tensor([[-0.989992, 0.141120], [0.540302, 0.841471]])
    assert_close(candidate.rope(x, torch.tensor([[3], [1]])), expected.reshape(2, 1, 1, 2))


@pytest.mark.task("precision")
def test_far_position_by_hand(candidate):
    """At position 131,072 with base 100 the second of two angles is 13,107.2.

    位置为 131072、`base` 为 100 时，两个角度中的第二个是 13107.2。
    """
    x = torch.tensor([0.0, 1.0, 0.0, 0.0]).reshape(1, 1, 1, 4)
    expected = torch.tensor([0.0, 0.889087, 0.0, 0.457738])
    assert_close(candidate.rope(x, torch.tensor([131072]), base=100.0).flatten(), expected)


@pytest.mark.task("contract")
def test_odd_width(candidate):
    """An odd width is refused.

    宽度为奇数时会被拒绝。
    """
    positions = torch.zeros(1, dtype=torch.int64)
    assert_close(candidate.rope(torch.ones(1, 1, 1, 2), positions), torch.ones(1, 1, 1, 2))
    assert_each_raises(ValueError, candidate.rope, [(torch.ones(1, 1, 1, 3), positions)])
