"""Public cases of chunked_cross_entropy: small ones, worked out by hand."""

import math

import pytest
import torch

from grader.judge import assert_close, assert_each_raises, assert_leaves_no_state

LOG3 = math.log(3.0)


def three_rows():
    """Hidden states (3, 1), weight (2, 1) and labels: token 1 has 3/4, 9/10 and nearly all; the last is ignored."""
    return torch.tensor([[1.0], [2.0], [5.0]]), torch.tensor([[0.0], [LOG3]]), torch.tensor([1, 0, -100])


@pytest.mark.task("contract")
def test_first_call(candidate):
    """The first call, whose loss is right, leaves random generators, modes and defaults as they were.

    第一次调用的损失正确，且随机数生成器、各种模式与默认值都保持原样。
    """
    loss = assert_leaves_no_state(candidate.chunked_cross_entropy, *three_rows())
    assert_close(loss, torch.tensor(1.2951335))


@pytest.mark.task("values")
def test_chunks_of_one_and_two(candidate):
    """Chunks that count 1 and 1, or 2 and no rows, give the mean of both rows: (-log(3/4) - log(1/10)) / 2.

    无论各块计入 1 行和 1 行，还是 2 行和 0 行，结果都是两行的均值：(-log(3/4) - log(1/10)) / 2。
    """
    for chunk_size in (1, 2):
        assert_close(candidate.chunked_cross_entropy(*three_rows(), chunk_size), torch.tensor(1.2951335))


@pytest.mark.task("gradients")
def test_gradients_by_hand(candidate):
    """The gradient of a logit is the probability less 1 at the label, over the number of rows that count.

    logit 的梯度是概率，在标签处再减 1，然后除以计入的行数。
    """
    hidden, weight, labels = three_rows()
    hidden.requires_grad_()
    weight.requires_grad_()
    candidate.chunked_cross_entropy(hidden, weight, labels, 2).backward()
    assert_close(hidden.grad, torch.tensor([[-LOG3 / 8], [0.45 * LOG3], [0.0]]))
    assert_close(weight.grad, torch.tensor([[-0.775], [0.775]]))  # (1/4 - 2 * 9/10) / 2, and the opposite


@pytest.mark.task("memory")
def test_many_rows(driver):
    """For 60 rows in chunks of 2, all logits 0, the loss is log 1000, and no more than half of all logits exist at once.

    60 行分成每块 2 行、logits 全为 0 时，损失为 log 1000，同时存在的张量不超过全部 logits 的一半。
    """
    hidden, weight = torch.zeros(60, 1, dtype=torch.float64), torch.ones(1_000, 1, dtype=torch.float64)
    loss, of_hidden, of_weight, most = driver.loss_and_gradients(hidden, weight, torch.arange(60), 2)
    assert_close(loss, torch.tensor(math.log(1_000.0), dtype=torch.float64))
    assert_close(of_hidden, torch.zeros_like(hidden))
    assert_close(of_weight, torch.zeros_like(weight))
    half = 60 * 1_000 * 8 // 2
    assert most <= half, f"{most} bytes at once, {half} are allowed\n同时占用 {most} 字节，至多允许 {half}"


@pytest.mark.task("contract")
def test_no_chunk(candidate):
    """A `chunk_size` of 0 and labels of another length are refused, sound arguments are not.

    为 0 的 `chunk_size` 和长度不符的标签会被拒绝，有效的参数不会。
    """
    hidden, weight, labels = three_rows()
    assert_close(candidate.chunked_cross_entropy(hidden, weight, labels, 1), torch.tensor(1.2951335))
    bad = [(hidden, weight, labels, 0), (hidden, weight, labels[1:])]
    assert_each_raises(ValueError, candidate.chunked_cross_entropy, bad)
