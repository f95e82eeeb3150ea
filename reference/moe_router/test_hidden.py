"""Hidden cases of moe_router: logits, sizes, choices and capacities are drawn anew for every verdict."""

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
DTYPES = (torch.float32, torch.float64)
HALVES = (torch.bfloat16, torch.float16)
PARTS = {"experts": 0, "weights": 1, "slots": 2, "balance_loss": 3, "z_loss": 4}


class Routers:
    """Both sides, and logits in which some experts are wanted more than others."""

    def __init__(self, candidate, reference, torch_rng, device):
        self.route, self._known, self._rng, self._device = candidate.moe_router, reference.moe_router, torch_rng, device

    def logits(self, tokens, experts, dtype=torch.float64, scale=1.0, wanted=1.0):
        """Normal numbers of that scale, and for each expert one more that all tokens share."""
        drawn = torch.randn(tokens, experts, generator=self._rng, dtype=torch.float64)
        shared = torch.randn(experts, generator=self._rng, dtype=torch.float64) * wanted
        return ((drawn + shared) * scale).to(dtype).to(self._device)

    def tied(self, tokens, experts, dtype=torch.float64):
        """Logits of three values only, so that each row has ties among what is chosen."""
        return torch.randint(3, (tokens, experts), generator=self._rng).to(dtype).to(self._device)

    def check(self, names, *arguments, rtol=None, leaves_no_state=False, **settings):
        """These parts of what the candidate gives are the reference's."""
        expected = self._known(*arguments, **settings)
        if leaves_no_state:
            actual = assert_leaves_no_state(self.route, *arguments, **settings)
        else:
            actual = self.route(*arguments, **settings)
        assert isinstance(actual, tuple), "the result must be a tuple\n结果必须是元组"
        for name in names.split():
            assert_close(actual[PARTS[name]], expected[PARTS[name]], rtol=rtol)

    def check_gradients(self, names, logits, *arguments):
        """So are the values of these parts, and their gradients."""

        def of(route):
            return lambda given: [route(given, *arguments)[PARTS[name]] for name in names.split()]

        assert_same_gradients(of(self.route), of(self._known), logits, generator=self._rng, names=("logits",))


@pytest.fixture
def routers(candidate, reference, torch_rng, device):
    """The candidate's and the reference's router."""
    return Routers(candidate, reference, torch_rng, device)


def draw_sizes(rng):
    """More tokens than experts, and fewer choices than both, but more than one."""
    return int(rng.integers(14, 22)), int(rng.integers(5, 8)), int(rng.integers(2, 4))


@pytest.mark.task("choice")
def test_choices(routers, rng):
    """The largest logits are chosen, by however little, and their probabilities are renormalized, for `k` from 1 to E.

    选出最大的 logit，哪怕只大一点点，概率重新归一化；`k` 从 1 到 E。
    """
    tokens, experts, k = draw_sizes(rng)
    for dtype, choices in zip((*DTYPES, *DTYPES), (1, k, k, experts), strict=True):
        routers.check("experts weights", routers.logits(tokens, experts, dtype), choices)
    near = routers.tied(9, experts) + routers.logits(9, experts, scale=1e-9, wanted=0.0)  # apart in float64 only
    routers.check("experts", near, k)
    routers.check("experts weights", routers.logits(3, 1), 1)
    routers.check("experts weights", routers.logits(5, 64, torch.float32), 8)


@pytest.mark.task("choice")
def test_ties(routers, rng):
    """Among equal logits the lower index comes first, in every dtype and at every choice.

    logit 相等时编号小的在前，各种 dtype、每一个选择都是如此。
    """
    experts = int(rng.integers(20, 40))
    for dtype, k in zip((*DTYPES, *HALVES, torch.float64), (3, experts, 3, experts, 3), strict=True):
        routers.check("experts", routers.tied(6, experts, dtype), k)
    routers.check("experts", torch.zeros(3, 5), 4)


@pytest.mark.task("choice")
def test_not_renormalized(routers, rng):
    """Without `renormalize` the weights are the probabilities among all experts, for one choice and for more.

    不设 `renormalize` 时，权重就是在全部专家中的概率，选一个或多个都一样。
    """
    tokens, experts, k = draw_sizes(rng)
    for choices in (1, k):
        routers.check("weights", routers.logits(tokens, experts), choices, None, False)
        routers.check("weights", routers.logits(tokens, experts), choices, 2, renormalize=False)


@pytest.mark.task("choice")
def test_weight_gradients(routers, rng):
    """The gradient through the weights is right, renormalized or not, with and without a capacity.

    经过权重的梯度正确，无论是否重新归一化，也无论有没有容量限制。
    """
    tokens, experts, k = draw_sizes(rng)
    for dtype, settings in zip((*DTYPES, *DTYPES), ((None, True), (None, False), (3, False), (3, True)), strict=True):
        routers.check_gradients("weights", routers.logits(tokens, experts, dtype), k, *settings)


@pytest.mark.task("capacity")
def test_slots(routers, rng):
    """Without a limit each assignment has its place: choice 0 of all tokens first, each in the order of the tokens.

    没有上限时，每个分配各有其位置：先是所有 token 的第 0 个选择，每一轮都按 token 的顺序。
    """
    tokens, experts, k = draw_sizes(rng)
    for choices in (1, k, experts):
        routers.check("experts slots", routers.logits(tokens, experts), choices)


@pytest.mark.task("capacity")
def test_dropped(routers, rng):
    """What finds no room has slot -1 and weight 0; the token's other weights are not rescaled.

    放不下的分配 slot 为 -1、权重为 0；该 token 的其他权重不重新缩放。
    """
    tokens, experts, k = draw_sizes(rng)
    for capacity in (1, tokens * k // experts, tokens - 1, tokens, 10**6):
        routers.check("slots weights", routers.logits(tokens, experts), k, capacity)
    routers.check("slots weights", routers.logits(tokens, experts, torch.float32), k, tokens // 3)


@pytest.mark.task("capacity")
def test_one_crowded_expert(routers, rng):
    """When all tokens want the same experts, the first ones get them, up to exactly the capacity.

    所有 token 都想要相同的专家时，靠前的得到，直到容量用完为止。
    """
    tokens, experts, k = draw_sizes(rng)
    logits = routers.logits(1, experts) + routers.logits(tokens, experts, scale=1e-9, wanted=0.0)
    for capacity in (1, 5, tokens - 1, tokens):
        routers.check("slots weights", logits, k, capacity=capacity)
    for capacity in (2, tokens - 1):
        routers.check("slots weights", torch.zeros_like(logits), k, capacity, False)


@pytest.mark.task("losses")
def test_balance_loss(routers, rng):
    """The balance loss counts all choices, dropped ones too, and divides by their number; to 9 digits in `float64`.

    均衡损失计入所有选择，包括被丢弃的，并除以其总数；`float64` 下精确到 9 位。
    """
    tokens, experts, k = draw_sizes(rng)
    f32, f64 = DTYPES
    for dtype, *settings in (
        (f64, 1, None, True),
        (f32, 1, 1, False),
        (f64, k, 1, False),
        (f32, k, None, True),
        (f64, experts, None, False),
        (f64, experts, 1, True),
    ):
        routers.check("balance_loss", routers.logits(tokens, experts, dtype, wanted=2.0), *settings)


@pytest.mark.task("losses")
def test_z_loss(routers, rng):
    """The z-loss is the mean of the squared log-sum-exp, also of large logits.

    z-loss 是 log-sum-exp 平方的均值，logits 很大时也一样。
    """
    tokens, experts, k = draw_sizes(rng)
    for dtype, scale in zip((*DTYPES, *DTYPES), (0.1, 3.0, 500.0, 500.0), strict=True):
        routers.check("z_loss", routers.logits(tokens, experts, dtype, scale), k, 2)
    routers.check("z_loss", routers.logits(4, 1) - 3, 1)


@pytest.mark.task("losses")
def test_loss_gradients(routers, rng):
    """The gradients of both losses are right; the balance loss sends its own through the probabilities alone.

    两个损失的梯度都正确；均衡损失的梯度只经过概率。
    """
    tokens, experts, k = draw_sizes(rng)
    both = "balance_loss z_loss"  # each with an upstream gradient of its own
    routers.check_gradients(both, routers.logits(tokens, experts, torch.float32), k, 3)
    for renormalize, capacity in ((True, None), (False, 3)):
        routers.check_gradients(both, routers.logits(tokens, experts), k, capacity, renormalize)


@pytest.mark.task("precision")
def test_half_precision(routers, rng):
    """Half-precision logits give weights and losses in `float32`, right to `float32`.

    半精度的 logits 得到 `float32` 的权重与损失，且达到 `float32` 的精度。
    """
    for dtype in HALVES:
        tokens, experts, k = draw_sizes(rng)
        logits = routers.logits(tokens, experts, dtype, 3.0)
        routers.check("experts weights slots balance_loss z_loss", logits, k, 4)
        routers.check("weights", logits, k, None, False)


@pytest.mark.task("precision")
def test_many_tokens(routers, rng):
    """Of thousands of tokens, places and shares are counted exactly, in half precision too.

    有数千个 token 时，位置和比例也数得准确，半精度下同样如此。
    """
    for dtype, tokens in ((torch.bfloat16, int(rng.integers(600, 900))), (torch.float16, 4096)):
        logits = routers.logits(tokens, 3, dtype, wanted=0.0)
        logits[:, 1] += 4.0  # which almost every token chooses
        routers.check("slots balance_loss", logits, 2, tokens - int(rng.integers(20, 90)))


@pytest.mark.task("precision")
def test_far_logits(routers, rng):
    """Logits from -10^4 to 10^4 are ranked as logits, where probabilities are 0 and tie; weights and losses stay finite.

    从 -10^4 到 10^4 的 logits 按 logit 排序，即便概率都为 0 而相等；权重和损失保持有限。
    """
    for dtype in (*DTYPES, *HALVES):
        tokens, experts, k = draw_sizes(rng)
        logits = routers.logits(tokens, experts, torch.float64, 4_000.0).clamp(-10_000, 10_000).to(dtype)
        logits[0], logits[1] = -10_000.0, 10_000.0
        rtol = 1e-9 if dtype == torch.float64 else 3e-3  # in float32 the log-sum-exp of 10^4 is rounded to 1e-3
        for settings in ((k, 4), (experts, None, False))[: 1 if dtype in HALVES else 2]:
            routers.check("experts weights slots balance_loss z_loss", logits, *settings, rtol=rtol)


@pytest.mark.task("contract")
def test_bad_arguments(routers, rng):
    """Logits of other shapes, a `k` outside 1 to E and a `capacity` below 1 are refused, alone and together.

    形状不符的 logits、不在 1 到 E 之间的 `k`、小于 1 的 `capacity` 都被拒绝，单独或同时出现都一样。
    """
    tokens, experts = distinct_sizes(rng, 2, 3, 7)
    logits = routers.logits(tokens, experts)
    shapes = [logits[0].clone(), logits[None], logits[..., None], logits[:, :0].clone(), logits[0, 0].clone()]
    bad = {"logits": shapes, "k": [0, -1, experts + 1, 100], "capacity": [0, -1, -7]}
    assert_refuses(routers.route, {"logits": logits, "k": 1, "capacity": 1, "renormalize": True}, bad)
    assert_refuses(routers.route, {"logits": logits[:0].clone(), "k": experts}, {"k": [0, experts + 1]})
    routers.check("experts weights slots", logits, experts, 1)


@pytest.mark.task("contract")
def test_no_tokens(routers, rng):
    """No tokens give empty choices and losses of 0, in each dtype; one token gives its own.

    没有 token 时，选择为空，损失为 0，各种 dtype 都是如此；只有一个 token 时则是它自己的结果。
    """
    experts, k = 7, int(rng.integers(1, 5))
    for dtype, tokens, capacity in zip(
        (*DTYPES, *HALVES, *DTYPES), (0, 0, 0, 0, 1, 0), (None, 3, 3, None, 3, None), strict=True
    ):
        logits = routers.logits(tokens, experts, dtype)
        routers.check("experts weights slots balance_loss z_loss", logits, k, capacity)


@pytest.mark.task("contract")
def test_nothing_left_behind(routers, rng):
    """After right results logits and global state are as they were.

    在结果正确的前提下，logits 与全局状态保持原样。
    """
    for dtype in (*DTYPES, torch.bfloat16):
        tokens, experts, k = draw_sizes(rng)
        logits = routers.logits(tokens, experts, dtype)
        routers.check("experts weights slots balance_loss z_loss", logits, k, 3, leaves_no_state=True)
        assert_unchanged(logits)
