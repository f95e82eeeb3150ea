"""Public cases of affine_quantization: small ones, worked out by hand."""

import pytest
import torch

from grader.judge import assert_close, assert_each_raises


@pytest.mark.task("parameters")
def test_range_of_a_tensor(candidate):
    """From -12.75 to 38.25 there are 255 steps of 0.2, and 64 of them lie below zero: round(-63.75) is -64.

    从 -12.75 到 38.25 共 255 步，每步 0.2，其中 64 步在零以下：round(-63.75) 是 -64。
    """
    x = torch.tensor([[38.25, 3.0], [-12.75, 0.5]])
    for dtype, zero_point in ((torch.uint8, 64), (torch.int8, -64)):
        expected = (torch.tensor(0.2), torch.tensor(zero_point))
        assert_close(candidate.choose_qparams(x, dtype), expected)


@pytest.mark.task("parameters")
def test_range_of_each_channel(candidate):
    """Three channels along the last axis: one above zero, one below, one all zero.

    沿最后一维有三个通道：一个全大于零，一个全小于零，一个全是零。
    """
    x = torch.tensor([[510.0, -51.0, 0.0], [255.0, -25.5, 0.0]])
    expected = (torch.tensor([2.0, 0.2, 1.0]), torch.tensor([-128, 127, -128]))
    assert_close(candidate.choose_qparams(x, torch.int8, axis=-1), expected)


@pytest.mark.task("quantize")
def test_ties_and_ends(candidate):
    """With scale 0.5 and zero point 3, the quotients 0.5, 1.5, -2.5 round to 0, 2, -2; 400 and -400 saturate.

    scale 为 0.5、零点为 3 时，商 0.5、1.5、-2.5 舍入到 0、2、-2；400 和 -400 饱和。
    """
    x = torch.tensor([0.25, 0.75, -1.25, 200.0, -200.0])
    codes = candidate.quantize(x, torch.tensor(0.5), torch.tensor(3), torch.uint8)
    assert_close(codes, torch.tensor([3, 5, 1, 255, 0], dtype=torch.uint8))


@pytest.mark.task("dequantize")
def test_back_by_hand(candidate):
    """The codes 0, 100 and 255 with zero point 100 are -100, 0 and 155 steps of 0.5.

    零点为 100 时，整数 0、100、255 分别是 -100、0、155 步，每步 0.5。
    """
    q = torch.tensor([0, 100, 255], dtype=torch.uint8)
    result = candidate.dequantize(q, torch.tensor(0.5), torch.tensor(100))
    assert_close(result, torch.tensor([-50.0, 0.0, 77.5]))


@pytest.mark.task("contract")
def test_wrong_axis(candidate):
    """A matrix has no axis 2.

    矩阵没有第 2 维。
    """
    x = torch.tensor([[0.0, 255.0]])
    assert_close(candidate.choose_qparams(x, torch.uint8, 0), (torch.ones(1), torch.zeros(1, dtype=torch.int64)))
    assert_each_raises(ValueError, candidate.choose_qparams, [(x, torch.uint8, 2)])
