"""Hidden cases of causal_lm_loss: logits and labels are drawn anew for every verdict."""

import pytest
import torch

from grader.judge import (
    assert_close,
    assert_leaves_no_state,
    assert_refuses,
    assert_same_gradients,
    assert_unchanged,
    distinct_sizes,
    draw_mask,
)

pytestmark = pytest.mark.on_device  # on a GPU, results stay there
DTYPES = (torch.float32, torch.float64)


def draw_batch(rng, torch_rng, device, dtype=torch.float64, *, scale=2.0, ignored=None, low=3):
    """Logits (B, L, V) and labels (B, L), no two sizes equal; with `ignored`, labels of each row are replaced by it."""
    batch, length, vocabulary = distinct_sizes(rng, 3, low, low + 4)
    logits = torch.randn(batch, length, vocabulary, generator=torch_rng, dtype=torch.float64) * scale
    labels = torch.from_numpy(rng.integers(vocabulary, size=(batch, length)))
    if ignored is not None:
        kept = torch.from_numpy(draw_mask(rng, (batch, length - 1)))  # so each row counts some label, and not all
        labels[:, 1:][~kept] = ignored
        labels[0, 1:] = torch.cat([torch.full((length - 2,), ignored), labels[0, :1]])  # rows differ in how many count
    return logits.to(dtype).to(device), labels.to(device)


def check(candidate, reference, *arguments, **settings):
    """The candidate's loss is the reference's."""
    expected = reference.causal_lm_loss(*arguments, **settings)
    assert_close(candidate.causal_lm_loss(*arguments, **settings), expected)


@pytest.mark.task("values")
def test_every_label_counts(candidate, reference, rng, torch_rng, device):
    """Each label but the first of a row is predicted by the logits before it; the loss is their mean, in their dtype.

    除每行第一个标签外，每个标签都由前一个位置的 logits 预测；损失是它们的均值，dtype 与 logits 相同。
    """
    for dtype in DTYPES:
        logits, labels = draw_batch(rng, torch_rng, device, dtype)
        check(candidate, reference, logits, labels)
        check(candidate, reference, logits[:1], labels[:1])  # one row
        check(candidate, reference, logits[:, :2], labels[:, :2])  # one prediction in each row
        check(candidate, reference, logits[..., :1], torch.zeros_like(labels))  # a vocabulary of one


@pytest.mark.task("values")
def test_gradients(candidate, reference, rng, torch_rng, device):
    """The gradient of the logits is right, with and without ignored labels, in float32 and float64.

    无论有没有被忽略的标签，logits 的梯度在 `float32` 和 `float64` 下都正确。
    """
    both = candidate.causal_lm_loss, reference.causal_lm_loss
    for dtype in DTYPES:
        for ignored in (None, -100):
            batch = draw_batch(rng, torch_rng, device, dtype, ignored=ignored)
            assert_same_gradients(*both, *batch, generator=torch_rng, names=("logits",))


@pytest.mark.task("counting")
def test_ignored_labels(candidate, reference, rng, torch_rng, device):
    """Ignored labels count neither in the sum nor in the number; rows that count more labels weigh more.

    被忽略的标签既不计入求和，也不计入个数；计入标签更多的行权重更大。
    """
    for dtype in DTYPES:
        logits, labels = draw_batch(rng, torch_rng, device, dtype, ignored=-100)
        check(candidate, reference, logits, labels)
        check(candidate, reference, logits[..., :1], labels.clamp(max=0))  # a vocabulary of one
        labels[:, 0] = -100  # a prompt, or padding on the left
        labels[-1] = -100  # a row that counts nothing
        check(candidate, reference, logits, labels)


@pytest.mark.task("counting")
def test_any_ignore_index(candidate, reference, rng, torch_rng, device):
    """`ignore_index` may be any integer: another negative one, one beyond the vocabulary, or the id of a token.

    `ignore_index` 可以是任意整数：别的负数、超出词表的数，或某个 token 的 id。
    """
    for ignored in (-1, 0, 1, 2**40, int(rng.integers(-90, -2))):
        logits, labels = draw_batch(rng, torch_rng, device, ignored=ignored)
        check(candidate, reference, logits, labels, ignored)
        check(candidate, reference, logits, labels, ignore_index=ignored, num_items=7)


@pytest.mark.task("counting")
def test_no_label_counts(candidate, reference, rng, torch_rng, device):
    """When no label counts, the loss is 0 and the gradient zeros, of empty batches too; with one, both are right.

    没有任何标签计入时（包括空批次），损失为 0、梯度为零；有一个标签计入时，两者都正确。
    """
    both = candidate.causal_lm_loss, reference.causal_lm_loss
    for dtype in DTYPES:
        logits, labels = draw_batch(rng, torch_rng, device, dtype)
        none = torch.full_like(labels, -100)
        none[:, 0] = labels[:, 0]  # which nothing predicts
        one = none.clone()
        one[-1, -1] = labels[-1, -1]
        batches = [(logits, one), (logits, none), (logits[:0], labels[:0])]
        batches += [(logits[:, :length].clone(), labels[:, :length].clone()) for length in (1, 0)]
        for batch in batches:
            settings = {} if dtype == torch.float64 else {"num_items": 4}
            assert_same_gradients(*both, *batch, generator=torch_rng, names=("logits",), alone=False, **settings)


@pytest.mark.task("accumulation")
def test_num_items(candidate, reference, rng, torch_rng, device):
    """The sum is divided by `num_items`, be it 1, less or more than the number of labels that count.

    求和之后除以 `num_items`，无论它是 1，还是小于或大于计入的标签数。
    """
    both = candidate.causal_lm_loss, reference.causal_lm_loss
    logits, labels = draw_batch(rng, torch_rng, device, ignored=-100)
    check(candidate, reference, logits, labels, -100, 3)
    settings = {"generator": torch_rng, "names": ("logits",), "alone": False}
    for items in (1, 2, labels.numel() + int(rng.integers(1, 9)), 10**9):
        assert_same_gradients(*both, logits, labels, num_items=items, **settings)


@pytest.mark.task("accumulation")
def test_micro_batches(candidate, reference, rng, torch_rng, device):
    """Losses and gradients of micro-batches, one of which counts nothing, add up to those of the whole batch.

    各个小批次的损失与梯度相加，等于整个批次的结果；其中一个小批次没有计入任何标签。
    """
    logits, labels = draw_batch(rng, torch_rng, device, ignored=-100)
    labels[1] = -100
    whole = logits.clone().requires_grad_()
    expected = reference.causal_lm_loss(whole, labels)
    expected.backward()
    items = int((labels[:, 1:] != -100).sum())
    leaf, losses = logits.clone().requires_grad_(), []
    for rows in (slice(0, 1), slice(1, 2), slice(2, None)):
        losses.append(candidate.causal_lm_loss(leaf[rows], labels[rows], num_items=items))
        losses[-1].backward()
    assert_close([loss.detach() for loss in losses][1], torch.zeros_like(expected))
    assert_close(sum(loss.detach() for loss in losses), expected.detach())
    assert_close(leaf.grad, whole.grad)


@pytest.mark.task("precision")
def test_half_precision(candidate, reference, rng, torch_rng, device):
    """bfloat16 and float16 logits give a float32 loss that is right to float32.

    `bfloat16` 和 `float16` 的 logits 得到 `float32` 的损失，且达到 `float32` 的精度。
    """
    for half in (torch.bfloat16, torch.float16):
        logits, labels = draw_batch(rng, torch_rng, device, half, scale=6.0, ignored=-100, low=20)
        for settings in ({}, {"num_items": 3}):
            expected = reference.causal_lm_loss(logits.float(), labels, **settings)
            assert_close(candidate.causal_lm_loss(logits, labels, **settings), expected)


@pytest.mark.task("precision")
def test_large_logits(candidate, reference, rng, torch_rng, device):
    """Logits from -10^4 to 10^4 give finite losses that are right.

    logits 从 -10^4 到 10^4 时，损失是有限值，且数值正确。
    """
    for dtype in DTYPES:
        logits, labels = draw_batch(rng, torch_rng, device, dtype, scale=4_000.0)
        check(candidate, reference, logits.clamp(-10_000, 10_000), labels)
        for end in (-10_000.0, 10_000.0):
            near = torch.full_like(logits, end)
            expected = reference.causal_lm_loss(near, labels)
            assert_close(candidate.causal_lm_loss(near, labels), expected, rtol=2e-3)  # 10^4 is rounded to 1e-3
    for half in (torch.float16, torch.bfloat16):
        logits, labels = draw_batch(rng, torch_rng, device, half, scale=4_000.0)
        check(candidate, reference, logits.clamp(-10_000, 10_000), labels)


@pytest.mark.task("contract")
def test_bad_arguments(candidate, reference, rng, torch_rng, device):
    """Logits without three axes, labels of another shape and a num_items below 1 raise ValueError; sound ones do not.

    logits 不是三维、标签形状不符、`num_items` 小于 1 时抛出 `ValueError`；参数有效时不会。
    """
    logits, labels = draw_batch(rng, torch_rng, device)
    shapes = [labels[:, 1:], labels[:1], labels[:, :1], labels[0], labels[..., None], labels.T, labels.flatten()]
    flat = [logits[0], logits[None], logits[..., 0], logits.flatten(0, 1), logits.transpose(0, 1)]
    together = [(logits[0], labels[0]), (logits[None], labels[None]), (logits.flatten(0, 1), labels.flatten())]
    bad = {"labels": shapes, "logits": flat, ("logits", "labels"): together, "num_items": [0, -1, -7]}
    sound = {"logits": logits, "labels": labels, "ignore_index": -100, "num_items": 5}
    bad = {names: [_whole(value) for value in values] for names, values in bad.items()}
    result = assert_refuses(candidate.causal_lm_loss, sound, bad)
    assert_close(result, reference.causal_lm_loss(*sound.values()))


def _whole(value):
    """A tensor of its own instead of a view; others as they are."""
    parts = [part.clone() if isinstance(part, torch.Tensor) else part for part in _tuple(value)]
    return tuple(parts) if isinstance(value, tuple) else parts[0]


def _tuple(value):
    return value if isinstance(value, tuple) else (value,)


@pytest.mark.task("contract")
def test_nothing_left_behind(candidate, reference, rng, torch_rng, device):
    """Arguments and global state are as they were, after results that are right.

    在结果正确的前提下，参数和全局状态保持原样。
    """
    for dtype in (torch.float32, torch.bfloat16):
        logits, labels = draw_batch(rng, torch_rng, device, dtype, ignored=-100)
        for settings in ({}, {"num_items": 6}):
            expected = reference.causal_lm_loss(logits, labels, **settings)
            assert_close(assert_leaves_no_state(candidate.causal_lm_loss, logits, labels, **settings), expected)
        assert_unchanged(logits, labels)
