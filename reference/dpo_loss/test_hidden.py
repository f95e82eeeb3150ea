"""Hidden cases of dpo_loss: answers, masks and log-probabilities are drawn anew for every verdict."""

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
    inout,
)

pytestmark = pytest.mark.on_device  # on a GPU, results stay there
NAN, INF = float("nan"), float("inf")
NAMES = ("policy_chosen", "policy_rejected", "reference_chosen", "reference_rejected")
DTYPES = (torch.float32, torch.float64)


def draw_answers(rng, torch_rng, device, dtype=torch.float32, *, scale=3.0, longest=9):
    """Logits (B, L, V), tokens and mask (B, L); sizes differ, masks have gaps and keep position 0 in some rows only."""
    batch, vocabulary = distinct_sizes(rng, 2, 2, 5)
    length = longest - int(rng.integers(3))
    logits = torch.randn(batch, length, vocabulary, generator=torch_rng, dtype=torch.float64) * scale
    mask = torch.from_numpy(draw_mask(rng, (batch, length)))
    first = int(rng.integers(batch))
    mask[:, 0] = torch.arange(batch) == first
    tokens = torch.from_numpy(rng.integers(vocabulary, size=(batch, length)))
    return logits.to(dtype).to(device), tokens.to(device), mask.to(device)


def as_columns(logits, tokens, mask):
    """The same answers, logits in float64, as views: columns of one table whose first axis is time."""
    table = torch.zeros(*mask.T.shape, logits.shape[-1] + 2, dtype=torch.float64, device=logits.device)
    columns = table[..., :-2], table[..., -2].view(torch.int64), table[..., -1:].view(torch.bool)[..., 0]
    return [view.transpose(0, 1).copy_(part) for view, part in zip(columns, (logits, tokens, mask), strict=True)]


def draw_logps(rng, torch_rng, device, dtype=torch.float64, *, scale=3.0):
    """Four tensors (B,) of log-probabilities, the reference's near the policy's."""
    base = -60 + 20 * torch.randn(4, int(rng.integers(3, 8)), generator=torch_rng, dtype=torch.float64)
    base[2:] = base[:2] + scale * torch.randn(base[:2].shape, generator=torch_rng, dtype=torch.float64)
    return [row.clone() for row in base.to(dtype).to(device)]


def draw_far_apart(rng, device, dtype):
    """Whole log-probabilities up to 10^6 whose margins are huge and of both signs, in random order."""
    size = 1_000_000.0
    rows = torch.tensor(
        [[0, -size, -20_000, 0, -size], [-size, 0, 0, -20_000, 0], [-size, 0, 0, 0, 0], [0, -size, 0, 0, -3_000]],
        dtype=dtype,
    )
    return [row.clone() for row in rows[:, torch.from_numpy(rng.permutation(5))].to(device)]


@pytest.mark.task("logps")
def test_log_probabilities(candidate, reference, rng, torch_rng, device):
    """Log-probabilities are summed over the kept tokens, each predicted one position earlier, whatever the memory layout.

    对保留的 token 求对数概率之和，每个 token 由前一个位置预测，内存布局不限，`float32` 和 `float64` 都是如此。
    """
    single, double = (draw_answers(rng, torch_rng, device, dtype) for dtype in DTYPES)
    for answers in (single, as_columns(*double)):
        expected = reference.sequence_logps(*answers)
        assert_close(candidate.sequence_logps(*answers), expected)


@pytest.mark.task("logps")
def test_tokens_that_do_not_count(candidate, reference, rng, torch_rng, device):
    """Tokens that do not count may have any value, at position 0 too, and stay as they are.

    不计入的 token 可以是任何值，位置 0 也一样，并且保持原样。
    """
    logits, tokens, mask = draw_answers(rng, torch_rng, device)
    expected = reference.sequence_logps(logits, tokens, mask)
    for padding in (-100, -1, logits.shape[-1], 2**40):
        padded = tokens.masked_fill(~mask, padding)
        padded[:, 0] = padding
        assert_close(candidate.sequence_logps(logits, padded, mask), expected)
        assert_unchanged(logits, padded, mask)


@pytest.mark.task("logps")
def test_nothing_to_predict(candidate, reference, rng, torch_rng, device):
    """A single position gives zeros, and so do a row that keeps nothing or position 0 only, and a vocabulary of one.

    只有一个位置时结果为零；一个位置都不保留、或只保留位置 0 的行，以及词表只有一个 token 时，结果也为零。
    """
    logits, tokens, mask = draw_answers(rng, torch_rng, device)
    for dtype in DTYPES:
        single = candidate.sequence_logps(logits[:, :1].to(dtype), tokens[:, :1], torch.ones_like(mask[:, :1]))
        assert_close(single, torch.zeros(len(tokens), dtype=dtype, device=device))
    mask[0], mask[-1] = False, False
    mask[-1, 0] = True
    tokens[0], tokens[-1] = -100, -100
    expected = reference.sequence_logps(logits, tokens, mask)
    assert_close(candidate.sequence_logps(logits, tokens, mask), expected)
    certain = candidate.sequence_logps(logits[..., :1], tokens.masked_fill(mask, 0), mask)  # a vocabulary of one
    assert_close(certain, torch.zeros(len(tokens), device=device))
    one = candidate.sequence_logps(logits[1:2], tokens[1:2], mask[1:2])  # a batch of one
    assert_close(one, expected[1:2])


@pytest.mark.task("precision")
def test_half_precision(candidate, reference, rng, torch_rng, device):
    """bfloat16 and float16 logits give float32 log-probabilities that are right to float32.

    `bfloat16` 和 `float16` 的 logits 得到 `float32` 的对数概率，且达到 `float32` 的精度。
    """
    for half in (torch.bfloat16, torch.float16):
        logits, tokens, mask = draw_answers(rng, torch_rng, device, half, longest=60)
        expected = reference.sequence_logps(logits.float(), tokens, mask)
        assert_close(candidate.sequence_logps(logits, tokens, mask), expected)
        even = torch.zeros_like(logits[..., :2])  # log 2 is rounded the same way at every position
        expected = reference.sequence_logps(even.float(), tokens % 2, mask)
        assert_close(candidate.sequence_logps(even, tokens % 2, mask), expected)


@pytest.mark.task("precision")
def test_large_logits(candidate, reference, rng, torch_rng, device):
    """Logits of up to 10^4, of either sign, give right values and finite gradients.

    logits 的绝对值大到 10^4 时，无论正负，数值都正确，梯度有限且正确。
    """
    for dtype in DTYPES:
        logits, tokens, mask = draw_answers(rng, torch_rng, device, dtype, scale=100.0)
        # No two of a position are nearer than 20: what float32 loses of a log-sum-exp of thousands then shows nowhere.
        apart = 20 * torch.arange(logits.shape[-1], dtype=dtype, device=device)
        logits = (logits * 0.4).round().clamp(-100, 99) * 100 + apart
        both = candidate.sequence_logps, reference.sequence_logps
        assert_same_gradients(*both, logits, tokens, mask, generator=torch_rng, names=("logits",), alone=False)
        for shift in (10_000.0, -10_000.0):
            near = torch.zeros_like(logits) + shift
            expected = reference.sequence_logps(near, tokens, mask)
            assert_close(
                candidate.sequence_logps(near, tokens, mask), expected, rtol=2e-3, atol=0
            )  # log-sum-exp of 10^4 is rounded to 1e-3


@pytest.mark.task("logps")
def test_gradient_of_logits(candidate, reference, rng, torch_rng, device):
    """The gradient with respect to the logits is right, also in rows that keep nothing, alone or all of them.

    对 logits 的梯度正确，一个位置都不保留的行也是如此，不论是其中一行还是所有行。
    """
    logits, tokens, mask = draw_answers(rng, torch_rng, device, torch.float64)
    mask[0] = False
    both = candidate.sequence_logps, reference.sequence_logps
    assert_same_gradients(*both, logits, tokens, mask, generator=torch_rng, names=("logits",))
    for nothing in ((logits, tokens, mask & False), (logits[:, :1], tokens[:, :1], mask[:, :1])):
        assert_same_gradients(*both, *nothing, generator=torch_rng, names=("logits",), alone=False)


@pytest.mark.task("loss")
def test_loss_and_rewards(candidate, reference, rng, torch_rng, device):
    """Loss and rewards are those of the definition, for several beta, in float32 and float64.

    不同的 beta 下，损失和奖励都符合定义，`float32` 和 `float64` 都是如此。
    """
    for dtype in DTYPES:
        for beta in (float(rng.uniform(0.02, 0.08)), float(rng.uniform(0.5, 2.0)), 3, 1e-6):
            four = draw_logps(rng, torch_rng, device, dtype)
            expected = reference.dpo_loss(*four, beta)
            result = candidate.dpo_loss(*four, beta)
            assert_close(result, expected)
            assert isinstance(result, tuple), "the result must be a tuple\n结果必须是元组"


@pytest.mark.task("loss")
def test_defaults(candidate, reference, rng, torch_rng, device):
    """beta is 0.1 and nothing is smoothed unless they are given; both may be given by name; one pair is a batch too.

    不传参时 beta 为 0.1，且不做标签平滑；二者都可按名字传入；只有一对样本也是一个批次。
    """
    four = draw_logps(rng, torch_rng, device)
    assert_close(candidate.dpo_loss(*four), reference.dpo_loss(*four, 0.1, 0.0))
    expected = reference.dpo_loss(*four, 0.7, 0.2)
    assert_close(candidate.dpo_loss(**dict(zip(NAMES, four, strict=True)), label_smoothing=0.2, beta=0.7), expected)
    single = [each[:1].clone() for each in four]
    assert_close(candidate.dpo_loss(*single), reference.dpo_loss(*single))


@pytest.mark.task("loss")
def test_label_smoothing(candidate, reference, rng, torch_rng, device):
    """A share of each pair counts the other way round, up to nearly one half.

    每对样本有一部分按相反的标签计算，比例可以接近二分之一。
    """
    for smoothing in (0, float(rng.uniform(0.05, 0.2)), float(rng.uniform(0.3, 0.45)), 0.499999):
        four = draw_logps(rng, torch_rng, device, scale=8.0)
        expected = reference.dpo_loss(*four, 0.6, smoothing)
        assert_close(candidate.dpo_loss(*four, 0.6, smoothing), expected)


@pytest.mark.task("precision")
def test_huge_margins(candidate, reference, rng, torch_rng, device):
    """Margins of up to millions, of either sign, give right losses and gradients, smoothed or not.

    h 的绝对值大到数百万时，无论正负、是否平滑，损失和梯度都正确。
    """
    both = candidate.dpo_loss, reference.dpo_loss
    for dtype in DTYPES:
        four = draw_far_apart(rng, device, dtype)
        for beta, smoothing in ((0.1, 0.0), (2.0, 0.25)):
            settings = {"beta": beta, "label_smoothing": smoothing}
            assert_same_gradients(*both, *four, generator=torch_rng, names=NAMES, alone=False, **settings)
        for k in range(5):  # each pair alone, so that a small loss is not lost beside huge ones
            pair = [part[k : k + 1].clone() for part in four]
            assert_close(candidate.dpo_loss(*pair), reference.dpo_loss(*pair))


@pytest.mark.task("gradients")
def test_gradients_of_the_loss(candidate, reference, rng, torch_rng, device):
    """The policy's log-probabilities get the right gradients; the reference's get none.

    策略模型的对数概率得到正确的梯度；参考模型的不得到梯度。
    """
    both = candidate.dpo_loss, reference.dpo_loss
    four = draw_logps(rng, torch_rng, device, scale=6.0)
    for settings in ({}, {"beta": 0.4, "label_smoothing": 0.15}):
        assert_same_gradients(*both, *four, generator=torch_rng, names=NAMES, **settings)


@pytest.mark.task("gradients")
def test_rewards_carry_no_gradient(candidate, reference, rng, torch_rng, device):
    """The loss requires grad and the rewards do not, whichever inputs require it.

    无论哪些输入需要梯度，损失需要梯度，奖励不需要。
    """
    four = draw_logps(rng, torch_rng, device)
    expected = reference.dpo_loss(*four)
    for leaves in (four[:2], four[:1], four[1:2], four):
        for leaf in four:
            leaf.requires_grad_(any(leaf is one for one in leaves))
        given = [inout(part) for part in four]
        result = candidate.dpo_loss(*given)
        assert_close([part.detach() for part in result], expected)
        assert [part.value.requires_grad for part in given] == [leaf.requires_grad for leaf in four], (
            "requires_grad of an argument was changed\n有参数的 requires_grad 被改动"
        )
        found = {"loss": result[0].requires_grad, "rewards": result[1].requires_grad or result[2].requires_grad}
        assert_close(found, {"loss": True, "rewards": False})


@pytest.mark.task("contract")
def test_bad_arguments(candidate, reference, rng, torch_rng, device):
    """Shapes that are not one (B,), an empty batch, and beta or label_smoothing out of range raise ValueError.

    形状不是同一个 (B,)、批次为空、`beta` 或 `label_smoothing` 超出范围时，抛出 `ValueError`。
    """
    four = draw_logps(rng, torch_rng, device)
    sound = {**dict(zip(NAMES, four, strict=True)), "beta": 0.3, "label_smoothing": 0.1}
    one, others = four[0][:1], (four[0][0], four[0][:-1], four[0][:0], four[0][None])
    bad = {name: [one, four[0][:, None], other] for name, other in zip(NAMES, others, strict=True)}
    bad["beta"] = [0.0, -0.1, NAN, INF, -INF]
    bad["label_smoothing"] = [-0.1, 0.5, NAN, 1.0, INF, -1e-9]
    expected = reference.dpo_loss(*sound.values())
    alike = {two: [(one, one)] for two in (NAMES[2:], NAMES[1::2], NAMES[1:3])}  # each pair of one shape, not all four
    result = assert_refuses(candidate.dpo_loss, sound, {**{name: bad[name] for name in NAMES}, **alike}, pairs=False)
    assert_close(result, expected)
    together = [tuple(shape for _ in NAMES) for shape in (four[0][0], four[0][:0], four[0][:, None], four[0][None])]
    assert_refuses(candidate.dpo_loss, sound, {NAMES: together, **{k: bad[k] for k in ("beta", "label_smoothing")}})


@pytest.mark.task("contract")
def test_nothing_left_behind(candidate, reference, rng, torch_rng, device):
    """Arguments and global state are as they were, after results that are right.

    在结果正确的前提下，参数和全局状态保持原样。
    """
    answers, four = draw_answers(rng, torch_rng, device), draw_logps(rng, torch_rng, device)
    logps, losses = reference.sequence_logps(*answers), reference.dpo_loss(*four)
    for enabled in (True, False):  # a mode that a call sets shows only where it was another
        with torch.set_grad_enabled(enabled):
            assert_close(assert_leaves_no_state(candidate.sequence_logps, *answers), logps)
            assert_close(assert_leaves_no_state(candidate.dpo_loss, *four), losses)
    assert_unchanged(*answers, *four)
