"""Public cases of rms_norm: small ones, worked out by hand."""

import pytest
import torch

from grader.judge import assert_close, assert_each_raises, assert_leaves_no_state


@pytest.mark.task("values")
def test_two_vectors_by_hand(candidate):
    """The mean squares of (1, 7) and (0.3, 0.1) are 25 and 0.05; each vector is divided by its own root. No state is left behind.

    (1, 7) 和 (0.3, 0.1) 的均方值分别是 25 和 0.05；每个向量除以自己的均方根。不改动全局状态。
    """
    norm = assert_leaves_no_state(candidate.RMSNorm, 2)
    output = assert_leaves_no_state(norm, torch.tensor([[1.0, 7.0], [0.3, 0.1]]))
    assert_close(output.detach(), torch.tensor([[0.2, 1.4], [1.341627, 0.447209]]))


@pytest.mark.task("values")
def test_weight_and_eps_by_hand(candidate):
    """With eps 0.75 and a mean square of 0.25 the divisor is 1; each element is then multiplied by its weight.

    `eps` 为 0.75、均方值为 0.25 时，分母是 1；随后每个元素乘以各自的权重。
    """
    norm = candidate.RMSNorm(3, eps=0.75)
    norm.load_state_dict({"weight": torch.tensor([2.0, -1.0, 10.0])})
    assert_close(norm(torch.tensor([0.5, 0.5, -0.5])).detach(), torch.tensor([1.0, -0.5, -5.0]))


@pytest.mark.task("precision")
def test_large_float16(candidate):
    """A vector of 300s in `float16`, whose squares `float16` cannot hold, becomes a vector of ones.

    元素全是 300 的 `float16` 向量，其平方超出 `float16` 的范围，结果仍是全 1。
    """
    output = candidate.RMSNorm(4)(torch.full((4,), 300.0, dtype=torch.float16))
    assert_close(output.detach(), torch.ones(4, dtype=torch.float16))


@pytest.mark.task("contract")
def test_wrong_length(candidate):
    """Vectors of length 3 are refused by a layer for length 2.

    长度为 2 的层拒绝长度为 3 的向量。
    """
    norm = candidate.RMSNorm(2)
    assert_close(norm(torch.tensor([2.0, 2.0])).detach(), torch.ones(2))
    assert_each_raises(ValueError, norm, [(torch.ones(4, 3),)])
