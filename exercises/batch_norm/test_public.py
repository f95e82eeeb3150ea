"""Public cases of batch_norm: small ones, worked out by hand."""

import pytest
import torch

from grader.judge import assert_close, assert_each_raises


@pytest.mark.task("training")
def test_two_channels_by_hand(candidate):
    """Channels with means 2 and 0 and variances 1 and 16 become -1 and 1, scaled and shifted by weight and bias.

    均值为 2 和 0、方差为 1 和 16 的两个通道变成 -1 和 1，再按 weight 和 bias 缩放、平移。
    """
    layer = candidate.BatchNorm(2, eps=1e-6)
    state = dict(layer.state_dict())
    layer.load_state_dict({**state, "weight": torch.tensor([1.0, 2.0]), "bias": torch.tensor([0.0, 5.0])})
    output = layer(torch.tensor([[1.0, -4.0], [3.0, 4.0]])).detach()
    assert_close(output, torch.tensor([[-1.0, 3.0], [1.0, 7.0]]))


@pytest.mark.task("running")
def test_running_by_hand(candidate):
    """A tenth of mean 2 and of the unbiased variance 2 enters the buffers.

    均值 2 和无偏方差 2 各有十分之一进入 buffer。
    """
    layer = candidate.BatchNorm(1)
    layer(torch.tensor([[[1.0, 3.0]]]))
    state = dict(layer.state_dict())
    assert_close(state["running_mean"], torch.tensor([0.2]))
    assert_close(state["running_var"], torch.tensor([1.1]))
    assert_close(state["num_batches_tracked"], torch.tensor(1))


@pytest.mark.task("running")
def test_evaluation_by_hand(candidate):
    """In evaluation mode a mean of 4 and a variance of 9 that were loaded are used.

    评估模式下使用加载进来的均值 4 和方差 9。
    """
    layer = candidate.BatchNorm(1, 1e-6, affine=False)
    loaded = {"running_mean": torch.tensor([4.0]), "running_var": torch.tensor([9.0])}
    layer.load_state_dict({**dict(layer.state_dict()), **loaded})
    assert_close(layer.eval()(torch.tensor([[10.0]])), torch.tensor([[2.0]]))


@pytest.mark.task("gradients")
def test_no_gradient_by_hand(candidate):
    """Two values of a channel are always -1 and 1, so the batch's gradient is zero where eps is small.

    一个通道的两个值总是 -1 和 1，因此 `eps` 很小时，输入的梯度为零。
    """
    x = torch.tensor([[1.0], [9.0]], dtype=torch.float64, requires_grad=True)
    layer = candidate.BatchNorm(1, eps=1e-6).double()
    (layer(x) * torch.tensor([[1.0], [3.0]])).sum().backward()
    assert_close(x.grad, torch.zeros(2, 1, dtype=torch.float64), atol=1e-6)


@pytest.mark.task("contract")
def test_one_value(candidate):
    """A single value per channel is refused in training, and not in evaluation.

    每个通道只有一个值时，训练模式下拒绝，评估模式下不拒绝。
    """
    layer = candidate.BatchNorm(2)
    assert_each_raises(ValueError, layer, [(torch.ones(1, 2),)])
    assert_close(layer.eval()(torch.zeros(1, 2)).detach(), torch.zeros(1, 2))
