"""Hidden cases of grpo_loss: rollouts on a grid, where no ratio is near a bound of the clip."""

import numpy as np
import pytest
import torch

from grader.judge import (
    assert_close,
    assert_leaves_no_state,
    assert_refuses,
    assert_same_gradients,
    assert_unchanged,
    distinct_sizes,
)

pytestmark = pytest.mark.on_device  # on a GPU, results stay there
NAN, INF = float("nan"), float("inf")
NAMES = ("logps", "old_logps", "ref_logps", "advantages")
DTYPES = (torch.float32, torch.float64)
# Log-ratios in sixteenths, exact in float32: of any 10 of these, some lie beyond either bound and some between.
SIXTEENTHS = (-10, -9, -8, -7, -6, -2, -1, 0, 1, 6, 7, 8, 10)
CLIPS = ((0.2, 0.2), (0.1, 0.3), (0.3, 0.1), (0.2, 0.28))  # exp(k / 16) comes no nearer to a bound than 1e-2


def draw_rollout(rng, device, dtype=torch.float64):
    """logps, old_logps, ref_logps (B, L), advantages (B,), mask (B, L); answers of different lengths and signs."""
    batch, length = int(rng.integers(4, 7)), len(SIXTEENTHS)
    old = -torch.from_numpy(rng.integers(8, 80, (batch, length))) / 16
    logps = old + torch.from_numpy(rng.permuted([SIXTEENTHS] * batch, axis=1)) / 16
    ref = logps + torch.from_numpy(rng.integers(-24, 25, (batch, length))) / 16
    hidden = rng.permutation(6)[:batch] % 4  # 0 to 3 tokens, not all answers alike
    places = rng.permuted([range(length)] * batch, axis=1)
    mask = torch.from_numpy(places >= hidden[:, None])
    signs = rng.permutation([1, -1] * 3)[:batch]  # both occur
    advantages = torch.from_numpy(signs * rng.uniform(0.3, 2.0, batch))
    return [*(x.to(dtype).to(device) for x in (logps, old, ref, advantages)), mask.to(device)]


def draw_settings(rng):
    """clip_low, clip_high and beta."""
    return (*CLIPS[int(rng.integers(len(CLIPS)))], float(rng.uniform(0.1, 0.9)))


@pytest.mark.task("advantages")
def test_advantages(candidate, reference, rng, device):
    """Rewards are standardized within their group, with divisor G, in float32 and float64.

    奖励在组内标准化，除数为 G，`float32` 和 `float64` 都是如此。
    """
    for dtype, shape in zip((*DTYPES, *DTYPES), (distinct_sizes(rng, 2, 2, 7), (3, 5), (1, 4), (4, 2)), strict=True):
        rewards = torch.from_numpy(rng.uniform(-10, 10, shape)).to(dtype).to(device)
        rewards[0] = torch.arange(shape[1], device=device) == 0  # right or wrong
        expected = reference.group_advantages(rewards)
        assert_close(candidate.group_advantages(rewards), expected)


@pytest.mark.task("advantages")
def test_equal_rewards(candidate, reference, rng, device):
    """Groups of equal rewards, or of one answer, get exactly 0; others of the batch are as usual.

    奖励全相等的组，或只有一条回答的组，优势恰为 0；批次中的其他组照常。
    """
    levels = torch.tensor([-0.7, 0.1, 1 / 3, 0.0, -10.0, *rng.uniform(-10, 10, 12)], dtype=torch.float64)
    # Many groups and single ones: a sum is rounded in another order there, and some formulas are exact by luck.
    for i, (size, groups) in enumerate(((1, 17), (6, 17), (11, 17), (7, 1), (12, 1), (3, 1), (7, 2))):
        rewards = levels[:groups].to(DTYPES[i % 2]).to(device)[:, None].repeat(1, size)
        assert_close(candidate.group_advantages(rewards), torch.zeros_like(rewards), rtol=0, atol=0)
    mixed = torch.full((3, 6), 0.1, dtype=torch.float64, device=device)
    mixed[1, 2] = -1.0
    expected = reference.group_advantages(mixed)
    assert_close(candidate.group_advantages(mixed), expected)


@pytest.mark.task("advantages")
def test_tiny_spread(candidate, reference, rng, device):
    """However close the rewards of a group are, their advantages have standard deviation 1.

    一组奖励再接近，优势的标准差也是 1。
    """
    around_zero = rng.uniform(-1, 1, (4, 8)) * [[1e-3], [1e-9], [1e-30], [1e-100]]
    around_one = 1 + rng.permutation([-8, -5, -1, 0, 3, 6, 7, 8]) / 2**30  # their mean is exact
    rewards = torch.from_numpy(np.concatenate([around_zero, around_one[None]])).to(device)
    expected = reference.group_advantages(rewards)
    assert_close(candidate.group_advantages(rewards), expected)


@pytest.mark.task("loss")
def test_loss(candidate, reference, rng, device):
    """Loss, KL and clip fraction are those of the definition, for several clips, in float32 and float64.

    不同裁剪范围下，损失、KL 和裁剪比例都符合定义，`float32` 和 `float64` 都是如此。
    """
    for dtype, (clip_low, clip_high) in zip(DTYPES, rng.permutation(CLIPS[1:3]).tolist(), strict=True):
        rollout, beta = draw_rollout(rng, device, dtype), float(rng.uniform(0.1, 0.9))
        expected = reference.grpo_loss(*rollout, clip_low, clip_high, beta)
        result = candidate.grpo_loss(*rollout, clip_low, clip_high, beta)
        assert_close(result, expected)
        assert isinstance(result, tuple), "the result must be a tuple\n结果必须是元组"


@pytest.mark.task("loss")
def test_columns_of_one_table(candidate, reference, rng, device):
    """Tensors that are views are right: log-probabilities that are the columns of one table, tokens first.

    张量是视图时结果也正确：三组对数概率是同一张表的各列，第一维是 token。
    """
    *numbers, advantages, mask = draw_rollout(rng, device)
    table = torch.stack([part.T for part in numbers], dim=-1)
    views = [table[..., i].T for i in range(3)]
    assert_close(candidate.grpo_loss(*views, advantages, mask), reference.grpo_loss(*numbers, advantages, mask))


@pytest.mark.task("loss")
def test_ends_of_the_settings(candidate, reference, rng, device):
    """Both clips are 0.2 and beta is 0.04 unless given; the ends of their ranges are valid, as ints too.

    不传参时两个裁剪值为 0.2、`beta` 为 0.04；取值范围的两端有效，整数也可以。
    """
    rollout = draw_rollout(rng, device)
    assert_close(candidate.grpo_loss(*rollout), reference.grpo_loss(*rollout, 0.2, 0.2, 0.04))
    expected = reference.grpo_loss(*rollout, 0.1, 0.3, 0.5)
    assert_close(candidate.grpo_loss(*rollout, beta=0.5, clip_high=0.3, clip_low=0.1), expected)
    logps, old = rollout[:2]
    rollout[1] = torch.where(logps == old, logps - 0.25, old)  # no ratio is 1, the bound where a clip is 0
    for settings in ((1, 30.0, 0), (1.0, 0.28, 2), (0, 5, 0.0), (0.0, 0, 1)):
        expected = reference.grpo_loss(*rollout, *settings)
        assert_close(candidate.grpo_loss(*rollout, *settings), expected)


@pytest.mark.task("loss")
def test_answers_weigh_alike(candidate, reference, rng, torch_rng, device):
    """An answer of one token weighs as much as a long one; answers without tokens, or advantage, count among the B.

    只有一个 token 的回答与长回答权重相同；没有 token 或优势为 0 的回答也算在 B 条之内。
    """
    *numbers, mask = draw_rollout(rng, device)
    mask[0] = torch.arange(mask.shape[1], device=device) == int(rng.integers(mask.shape[1]))
    mask[1] = False
    numbers[3][2] = 0.0
    both = candidate.grpo_loss, reference.grpo_loss
    assert_same_gradients(*both, *numbers, mask, generator=torch_rng, names=NAMES, alone=False)
    single = [part[:1, :1] for part in (*numbers[:3], torch.ones_like(mask))]
    expected = reference.grpo_loss(*single[:3], numbers[3][:1], single[3])
    assert_close(candidate.grpo_loss(*single[:3], numbers[3][:1], single[3]), expected)


@pytest.mark.task("loss")
def test_no_tokens_at_all(candidate, reference, rng, device):
    """Where no token of the batch is kept, loss, KL and clip fraction are 0, with a reference or without if beta is 0.

    整个批次一个 token 都不保留时，损失、KL 和裁剪比例都为 0；`beta` 为 0 时没有参考模型也一样。
    """
    *numbers, mask = draw_rollout(rng, device)
    assert_close(candidate.grpo_loss(*numbers, mask), reference.grpo_loss(*numbers, mask))
    zeros = [torch.zeros((), dtype=torch.float64, device=device)] * 3
    nothing = torch.zeros_like(mask)
    assert_close(candidate.grpo_loss(*numbers, nothing), zeros)
    assert_close(candidate.grpo_loss(numbers[0], None, None, numbers[3], nothing, beta=0.0), zeros)
    with pytest.raises(ValueError):
        candidate.grpo_loss(numbers[0], None, None, numbers[3], nothing)


@pytest.mark.task("loss")
def test_nothing_changed_since_sampling(candidate, reference, rng, torch_rng, device):
    """Without old_logps the ratio is 1, and its gradient is that of the policy gradient.

    不给 `old_logps` 时比值为 1，其梯度就是策略梯度。
    """
    logps, _, ref, advantages, mask = draw_rollout(rng, device)
    both = candidate.grpo_loss, reference.grpo_loss
    settings = dict(zip(("clip_low", "clip_high", "beta"), draw_settings(rng), strict=True))
    assert_same_gradients(*both, logps, None, ref, advantages, mask, generator=torch_rng, alone=False, **settings)
    assert_same_gradients(*both, logps, None, None, advantages, mask, generator=torch_rng, alone=False, beta=0)


@pytest.mark.task("kl")
def test_kl(candidate, reference, rng, device):
    """KL is the mean over all kept tokens, also where beta is 0, and 0 without a reference.

    KL 是所有保留的 token 上的平均，`beta` 为 0 时也一样；没有参考模型时为 0。
    """
    logps, old, ref, advantages, mask = draw_rollout(rng, device)
    mask[0, 1:] = False
    for beta in (0.0, 0.7, 0):
        expected = reference.grpo_loss(logps, old, ref, advantages, mask, beta=beta)
        assert_close(candidate.grpo_loss(logps, old, ref, advantages, mask, beta=beta), expected)
    expected = reference.grpo_loss(logps, old, None, advantages, mask, beta=0)
    assert_close(candidate.grpo_loss(logps, old, None, advantages, mask, beta=0), expected)


@pytest.mark.task("kl")
def test_policies_far_apart(candidate, reference, rng, torch_rng, device):
    """Log-probabilities that differ by 20, either way, give right values and gradients.

    对数概率相差达 20 时，无论哪个方向，数值和梯度都正确。
    """
    both = candidate.grpo_loss, reference.grpo_loss
    for dtype, gap in zip(DTYPES, rng.permutation([20.0, -20.0]), strict=True):
        logps, _, _, advantages, mask = draw_rollout(rng, device, dtype)
        far = [logps, logps - gap, logps + gap, advantages, mask]
        assert_same_gradients(*both, *far, generator=torch_rng, names=NAMES, alone=False)


@pytest.mark.task("gradients")
def test_gradients(candidate, reference, rng, torch_rng, device):
    """The gradient of logps is right; old and reference log-probabilities and advantages get none.

    `logps` 的梯度正确；采样策略与参考模型的对数概率以及优势不得到梯度。
    """
    both = candidate.grpo_loss, reference.grpo_loss
    settings = {"clip_high": 0.28, "beta": float(rng.uniform(0.2, 0.9))}
    assert_same_gradients(*both, *draw_rollout(rng, device), generator=torch_rng, names=NAMES, **settings)


@pytest.mark.task("gradients")
def test_figures_carry_no_gradient(candidate, reference, rng, device):
    """The loss requires grad, KL and clip fraction do not.

    损失需要梯度，KL 和裁剪比例不需要。
    """
    rollout = draw_rollout(rng, device)
    expected = reference.grpo_loss(*rollout)
    for first in (rollout[:1], rollout[:4]):
        for leaf in first:
            leaf.requires_grad_()
        result = candidate.grpo_loss(*rollout)
        assert_close([part.detach() for part in result], expected)
        assert_close([part.requires_grad for part in result], [True, False, False])


@pytest.mark.task("gradients")
def test_what_the_mask_hides(candidate, reference, rng, device):
    """Whatever stands where the mask is False, values stay the same, and the gradient there is 0.

    掩码为 False 处无论是什么，数值都不变，且该处梯度为 0。
    """
    *numbers, mask = draw_rollout(rng, device)
    mask[1, :8] = False
    known = numbers[0].clone().requires_grad_()
    expected = reference.grpo_loss(known, *numbers[1:], mask)
    expected[0].backward()
    # what the three hold at the hidden places, in turn
    specials = [(NAN, NAN, NAN), (INF, -INF, 0.0), (-INF, -INF, -INF), (1e30, -1e30, NAN), (-1.0, -1.0, INF)]
    turns = torch.arange(int((~mask).sum()), device=device) % len(specials)
    for part, values in zip(numbers[:3], torch.tensor(specials, dtype=torch.float64, device=device).T, strict=True):
        part[~mask] = values[turns]
    leaf = numbers[0].requires_grad_()
    result = candidate.grpo_loss(*numbers, mask)
    assert_close([part.detach() for part in result], [part.detach() for part in expected])
    result[0].backward()
    assert_close(leaf.grad, known.grad)


@pytest.mark.task("contract")
def test_bad_shapes(candidate, reference, rng, device):
    """Shapes that do not fit raise ValueError, each in turn.

    形状不相符时抛出 `ValueError`，逐个参数尝试。
    """
    rollout = draw_rollout(rng, device)
    sound = {**dict(zip((*NAMES, "mask"), rollout, strict=True)), "beta": 0}  # shapes count there too
    bad = {name: [sound[name][:1], sound[name][:, :1]] for name in ("old_logps", "ref_logps", "mask")}
    bad["advantages"] = [sound["advantages"][:1], sound["advantages"][:, None], sound["advantages"][0], sound["logps"]]
    bad["logps"] = [sound["logps"].T]
    expected = reference.grpo_loss(*rollout, beta=0)
    assert_close(assert_refuses(candidate.grpo_loss, sound, bad, by_name=("beta",), pairs=False), expected)
    *numbers, mask = rollout
    places, per_answer = [*numbers[:3], mask], numbers[3]
    shapes = [
        [*(part[:0] for part in places), per_answer[:0]],  # no answers
        [*(part[:, :0] for part in places), per_answer],  # no tokens
        [*(part[:, 0] for part in places), per_answer],  # one axis
        [*(part[..., None] for part in places), per_answer],  # three
    ]
    names = (*NAMES[:3], "mask", "advantages")
    assert_refuses(candidate.grpo_loss, sound, {names: shapes}, by_name=("beta",), pairs=False)
    rewards = torch.from_numpy(rng.uniform(-1, 1, (2, 3))).to(device)
    bad_rewards = [rewards[0], rewards[0, 0], rewards[:0], rewards[:, :0], rewards[None]]
    expected = reference.group_advantages(rewards)
    assert_close(assert_refuses(candidate.group_advantages, {"rewards": rewards}, {"rewards": bad_rewards}), expected)


@pytest.mark.task("contract")
def test_bad_settings(candidate, reference, rng, device):
    """clip_low, clip_high and beta out of range, and a reference that is missing, raise ValueError.

    `clip_low`、`clip_high`、`beta` 超出范围，或缺少参考模型时，抛出 `ValueError`。
    """
    rollout = draw_rollout(rng, device)
    settings = {"clip_low": 0.2, "clip_high": 0.3, "beta": 0.5}
    sound = {**dict(zip((*NAMES, "mask"), rollout, strict=True)), **settings}
    bad = {
        "clip_low": [-1e-9, NAN, 1.1],
        "clip_high": [-1e-9, NAN, INF],
        "beta": [-1e-9, NAN, INF],
        "ref_logps": [None],
    }
    expected = reference.grpo_loss(*rollout, *settings.values())
    assert_close(assert_refuses(candidate.grpo_loss, sound, bad), expected)
    missing = {**sound, "ref_logps": None, "beta": 0}
    assert_refuses(candidate.grpo_loss, missing, {"beta": [1e-9, 1, NAN]})


@pytest.mark.task("contract")
def test_nothing_left_behind(candidate, reference, rng, device):
    """Arguments and global state are as they were, after results that are right.

    在结果正确的前提下，参数和全局状态保持原样。
    """
    rollout, rewards = draw_rollout(rng, device), torch.from_numpy(rng.uniform(-1, 1, (3, 4))).to(device)
    losses, advantages = reference.grpo_loss(*rollout), reference.group_advantages(rewards)
    for enabled in (True, False):  # a mode that a call sets shows only where it was another
        with torch.set_grad_enabled(enabled):
            assert_close(assert_leaves_no_state(candidate.grpo_loss, *rollout), losses)
            assert_close(assert_leaves_no_state(candidate.group_advantages, rewards), advantages)
    assert_unchanged(*rollout, rewards)
