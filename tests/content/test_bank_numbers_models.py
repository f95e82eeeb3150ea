"""Numbers of entries on training, architectures, compression and language models, found a second way."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from fractions import Fraction

import pytest
from scipy.integrate import quad
from scipy.optimize import minimize_scalar
from scipy.special import softmax

from tests.content.second_route import MOST_DRAWS, Routes, root

torch = pytest.importorskip("torch")
nn = torch.nn
F = torch.nn.functional
ROUTES = Routes()
SLOW = {"rate-at-a-given-step": 2, "probability-after-one-boosted-tree": 20}  # draws that are tried


@pytest.mark.parametrize("entry_id", ROUTES)
def test_a_second_route_gives_the_key_for_what_may_be_drawn(entry_id: str) -> None:
    """The formula of the entry and another way to the number agree well within what is accepted."""
    ROUTES.assert_agrees(entry_id, most=SLOW.get(entry_id, MOST_DRAWS))


def held(*shape: int, dtype: torch.dtype = torch.bfloat16) -> int:
    """The bytes of a tensor, which need not exist."""
    return int(torch.empty(shape, dtype=dtype, device="meta").nbytes)


def parameters_of(*modules: nn.Module) -> int:
    """All parameters of modules."""
    return sum(p.numel() for module in modules for p in module.parameters())


def linear(into: int, out: int) -> nn.Module:
    """A matrix that need not exist."""
    return nn.Linear(into, out, bias=False, device="meta")


@ROUTES.to("epochs-of-a-halving")
def epochs_of_every_rung(eta: int, rungs: int, start: int) -> float:
    trained = [0] * eta**rungs
    total, goal = 0, start
    while True:
        total += sum(goal - done for done in trained)
        if len(trained) == 1:
            return total
        trained = [goal] * (len(trained) // eta)
        goal *= eta


def rounded_to_bf16(number: float) -> float:
    """The nearest number of 8 significant bits, ties to even; exact, as `round` is for floats."""
    mantissa, exponent = math.frexp(number)
    return math.ldexp(round(mantissa * 2**8), exponent - 8)


@ROUTES.to("where-the-weight-stops")
def weight_after_many_steps(update: float) -> float:
    weight, moved = 0.0, True
    while moved:
        after = rounded_to_bf16(weight + update)
        moved, weight = after != weight, after
    return weight


def test_rounding_to_bf16_is_that_of_pytorch() -> None:
    """The rounding that `where-the-weight-stops` is simulated with."""
    numbers = torch.linspace(0.001, 4, 5001)
    rounded = numbers.to(torch.bfloat16).double().tolist()
    assert [rounded_to_bf16(number) for number in numbers.double().tolist()] == rounded


@ROUTES.to("rate-at-a-given-step")
def rate_of_the_scheduler(peak: float, warm: int, total: int, step: int, least: float) -> float:
    """Step PyTorch's scheduler from the end of the warm-up on."""
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(()))], lr=peak)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=total - warm, eta_min=least * peak)
    optimizer.step()
    for _ in range(step - warm):
        scheduler.step()
    return float(scheduler.get_last_lr()[0])


@ROUTES.to("smoothed-loss-at-best")
def loss_where_its_gradient_is_zero(classes: int, eps: float) -> float:
    """The loss is convex in the logits, so where its gradient is zero it is smallest."""
    target = torch.full((1, classes), eps / classes, dtype=torch.float64)
    target[0, 0] += 1 - eps
    logits = target.log().requires_grad_()
    loss = F.cross_entropy(logits, torch.tensor([0]), label_smoothing=eps)
    loss.backward()
    assert logits.grad.abs().max() < 1e-12
    return float(loss.detach())


@ROUTES.to("learned-weights-at-rest")
def both_scales_at_their_optimum(first: float, second: float) -> float:
    def least(loss: float) -> float:
        found = minimize_scalar(lambda s: loss / 2 * math.exp(-2 * s) + s, bounds=(-10, 10), method="bounded")
        return float(found.fun)

    return least(first) + least(second)


@ROUTES.to("peak-with-segments")
def peak_of_a_replayed_step(blocks: int, group: int, edge: int, inner: int) -> float:
    """Keep the inputs of segments; go back through them, and recompute what each would have saved."""
    segments = [range(start, start + group) for start in range(0, blocks, group)]
    kept = {segment[0]: edge for segment in segments}
    peak = sum(kept.values())
    for segment in reversed(segments):
        recomputed = sum(inner + (edge if block not in kept else 0) for block in segment)
        peak = max(peak, sum(kept.values()) + recomputed)
    return peak / 1024


@ROUTES.to("trainable-share-of-an-adapter")
def parameters_of_all_factors(layers: int, width: int, kv_width: int, rank: int) -> float:
    maps = [(width, width), (width, kv_width), (width, kv_width), (width, width)]
    factors = [linear(*shape) for m, n in maps for shape in ((m, rank), (rank, n))]
    return layers * parameters_of(*factors) / 1e6


@ROUTES.to("grouped-four-bit-weights")
def bytes_of_all_groups(total: float, kept: float, group: int, zero_bits: int) -> float:
    groups = (Fraction(str(total)) - Fraction(str(kept))) * 10**9 / group
    size = groups * (Fraction(group, 2) + 2 + Fraction(zero_bits, 8)) + Fraction(str(kept)) * 10**9 * 2
    return float(size) / 1e9


def convolution(c_in: int, c_out: int, kernel: int, **options: int) -> nn.Module:
    """A convolution that need not exist."""
    return nn.Conv2d(c_in, c_out, kernel, bias=False, device="meta", **options)


@ROUTES.to("separable-convolution-saving")
def weights_that_each_pixel_meets(kernel: int, c_in: int, c_out: int) -> float:
    plain = convolution(c_in, c_out, kernel)
    separable = convolution(c_in, c_in, kernel, groups=c_in), convolution(c_in, c_out, 1)
    return parameters_of(plain) / parameters_of(*separable)


@ROUTES.to("convolution-multiply-accumulates")
def output_values_times_weights_of_a_filter(height: int, c_in: int, c_out: int, kernel: int, stride: int) -> float:
    layer = convolution(c_in, c_out, kernel, stride=stride, padding=kernel // 2 - 1)
    output = layer(torch.empty(1, c_in, height, height, device="meta"))
    return output.numel() * layer.weight[0].numel() / 1e6


@ROUTES.to("cached-keys-and-values")
def bytes_of_one_big_cache(layers: int, q_heads: int, requests: int, tokens: int) -> float:
    assert q_heads > 8  # and plays no part
    return held(2, layers, requests, 8, tokens, 128) / 2**30


@ROUTES.to("saved-attention-weights")
def bytes_of_all_softmax_outputs(layers: int, heads: int, batch: int, length: int) -> float:
    return sum(held(batch, heads, length, length) for _ in range(layers)) / 2**30


@ROUTES.to("forget-bias-horizon")
def steps_until_so_little_is_left(bias: float, percent: float) -> float:
    gate = float(torch.sigmoid(torch.tensor(bias, dtype=torch.float64)))
    return root(lambda steps: percent / 100 - gate**steps, 0, 1e4)


@ROUTES.to("contrastive-loss-at-the-start")
def mean_of_both_directions(gpus: int, pairs: int) -> float:
    """One row for each direction is enough, as all are alike."""
    similar = torch.full((1, gpus * pairs), 0.3 / 0.07, dtype=torch.float64)
    loss = F.cross_entropy(similar, torch.tensor([1]))
    return float(loss + loss) / 2


@ROUTES.to("speculative-speed-up")
def tokens_of_every_end_of_a_round(gamma: int, alpha: float, cost: float) -> float:
    ends = [alpha**n * (1 - alpha) for n in range(gamma)] + [alpha**gamma]
    assert sum(ends) == pytest.approx(1)
    tokens = sum((n + 1) * probability for n, probability in enumerate(ends))
    return tokens / (sum(cost for _ in range(gamma)) + 1)


@ROUTES.to("acceptance-from-two-distributions")
def one_minus_the_total_variation(pa: float, pb: float, qa: float, qb: float) -> float:
    p, q = (pa, pb, 1 - pa - pb), (qa, qb, 1 - qa - qb)
    return 1 - sum(abs(a - b) for a, b in zip(p, q, strict=True)) / 2


@ROUTES.to("agent-steps-with-checked-retry")
def every_course_of_a_step(steps: int, p: float, d: float) -> float:
    step = 0.0
    for first, noticed, second in itertools.product((True, False), repeat=3):
        chance = (p if first else 1 - p) * (d if noticed else 1 - d) * (p if second else 1 - p)
        step += chance * (first or (noticed and second))
    return math.prod([step] * steps)


@ROUTES.to("batch-at-the-ridge")
def batch_of_equal_times(bits: int, peak: float, bw: float) -> float:
    weights = 4096 * 4096
    reading = weights * bits / 8 / (bw * 1e12)
    return root(lambda batch: 2 * weights * batch / (peak * 1e12) - reading, 0, 1e6)


@ROUTES.to("best-of-n-kl-and-win-rate")
def divergence_by_integration(n: int, kl: float) -> float:
    """The best of n has the density n u^(n-1) over the ranks u."""

    def integrand(u: float) -> float:
        density = n * u ** (n - 1)
        return density * math.log(density) if density > 0 else 0.0

    divergence, _ = quad(integrand, 0, 1, limit=200)
    return kl / divergence


@ROUTES.to("bits-per-byte-of-chinese-text")
def perplexity_over_the_bytes_of_a_token(loss: float, characters: float) -> float:
    return math.log2(math.exp(loss)) / (characters * len("字".encode()))


@ROUTES.to("bpe-training-first-merge")
def tokens_after_training_one_merge(a: int, b: int, c: int, d: int) -> float:
    counts = {"low": a, "lower": b, "newest": c, "widest": d}
    pairs: Counter[str] = Counter()
    for word, count in counts.items():
        for left, right in itertools.pairwise(word):
            pairs[left + right] += count
    merged = pairs.most_common(1)[0][0]
    return sum(count * len(word.replace(merged, "*")) for word, count in counts.items())


@ROUTES.to("capacity-factor-dropped-share")
def tokens_over_capacity(a: int, b: int, c: int, cf: float) -> float:
    tokens = 4000
    room = int(cf * tokens / 4)
    asked = [tokens * share // 100 for share in (a, b, c, 100 - a - b - c)]
    return 100 * (tokens - sum(min(room, wanted) for wanted in asked)) / tokens


@ROUTES.to("context-at-which-a-state-is-smaller")
def tokens_whose_cache_is_as_large(kv_heads: int, heads: int, key_width: int, value_width: int) -> float:
    return held(heads, key_width, value_width, dtype=torch.float32) / held(2, kv_heads, 128)


@ROUTES.to("decode-rate-from-bandwidth")
def tokens_of_a_thousand_steps(size: float, bw: float, kv: int, batch: int, ctx: int) -> float:
    per_step = size * 1e9 * torch.bfloat16.itemsize + sum(ctx * kv * 1024 for _ in range(batch))
    seconds = 1000 * per_step / (bw * 1e12)
    return 1000 * batch / seconds


@ROUTES.to("decode-speed-with-a-smaller-cache-type")
def time_of_a_step_before_and_after(
    weights: float, requests: int, tokens: float, kilobytes: float, bits: float
) -> float:
    numbers = requests * tokens * 1000 * kilobytes * 1000 / torch.bfloat16.itemsize

    def seconds(bits_each: float) -> float:
        return (weights * 1e9 + numbers * bits_each / 8) / 3.35e12

    return seconds(16) / seconds(bits)


@ROUTES.to("exact-match-of-a-long-answer")
def token_by_token(length: int, low: float, high: float) -> float:
    return math.prod([high] * length) / math.prod([low] * length)


@ROUTES.to("exact-scan-before-a-vector-database")
def time_to_read_every_vector(count: int, width: int, bw: float) -> float:
    return held(count, width, dtype=torch.float32) / (bw * 1e9) * 1e3


@ROUTES.to("experts-read-in-a-decode-step")
def experts_that_nobody_picks(experts: int, k: int, batch: int) -> float:
    idle = Fraction(math.comb(experts - 1, k), math.comb(experts, k)) ** batch
    return float(100 * (1 - idle))


@ROUTES.to("four-bit-cache-requests-that-fit")
def requests_until_the_memory_is_full(free: int, numbers: int, group: int, window: int, tokens: int) -> float:
    groups = numbers * (tokens - window) // group
    one = groups * (group // 2 + 2 + 2) + held(window, numbers)
    left, requests = free * 2**30, 0
    while left >= one:
        left, requests = left - one, requests + 1
    return requests


@ROUTES.to("four-elementwise-kernels-fused")
def reads_and_writes_of_both(tokens: int, width: int, bw: float) -> float:
    apart = [("x", "a"), ("a", "b"), ("b", "residual", "y")]
    fused = [("x", "residual", "y")]
    saved = sum(map(len, apart)) - sum(map(len, fused))
    return saved * held(tokens, width) / (bw * 1e12) * 1e6


@ROUTES.to("kl-from-four-sampled-tokens")
def mean_of_four(a: float, b: float, c: float, g: float) -> float:
    d = torch.tensor([a, b, c, g], dtype=torch.float64)
    return float((torch.expm1(d) - d).mean())


@ROUTES.to("larger-vocabulary-break-even")
def fall_of_equal_cost(body: float, width: int, vocab: int) -> float:
    before, after = (2 * (body * 1e9 + parameters_of(linear(width, rows))) for rows in (32_000, vocab))
    return root(lambda fall: before - (1 - fall / 100) * after, 0, 100)


@ROUTES.to("latent-cache-against-grouped-heads")
def bytes_of_both_caches(kv_heads: int, q_heads: int, latent: int, rope: int) -> float:
    assert q_heads > kv_heads  # and plays no part
    return held(2, kv_heads, 128) / (held(latent) + held(rope))


@ROUTES.to("logits-memory-in-chunks")
def bytes_of_three_tensors(batch: int, length: int, vocabulary: int, chunk: int) -> float:
    def three(tokens: int) -> int:
        return sum(held(tokens, vocabulary, dtype=t) for t in (torch.bfloat16, torch.float32, torch.float32))

    return (three(batch * length) - three(chunk)) / 2**30


@ROUTES.to("moe-weights-in-memory")
def bytes_of_every_expert(layers: int, experts: int, ff: int, rest: float) -> float:
    expert = [linear(4096, ff), linear(4096, ff), linear(ff, 4096)]
    return (rest * 1e9 + layers * experts * parameters_of(*expert)) * torch.bfloat16.itemsize / 1e9


@ROUTES.to("noise-error-seen-in-the-clean-image")
def difference_of_two_reconstructions(alpha: float, error: float) -> float:
    x0, noise = 0.7, -1.1
    noised = math.sqrt(alpha) * x0 + math.sqrt(1 - alpha) * noise
    return abs((noised - math.sqrt(1 - alpha) * (noise + error)) / math.sqrt(alpha) - x0)


@ROUTES.to("nucleus-size-under-temperature")
def tokens_until_the_sum_is_reached(ratio: float, temp: float, top_p: float) -> float:
    """Softmax over logits of a vocabulary whose end is beyond what a float can tell from zero."""
    probabilities = softmax([rank * math.log(ratio) / temp for rank in range(2000)])
    sums = itertools.accumulate(probabilities)
    return next(kept for kept, total in enumerate(sums, start=1) if total >= top_p)


@ROUTES.to("paged-cache-requests-that-fit")
def requests_admitted_one_by_one(total: int, longest: int, len: int) -> float:  # noqa: A002 - the entry's name for it
    def admitted(tokens: int) -> int:
        return sum(1 for _ in range(tokens, total + 1, tokens))

    blocks = sum(1 for _ in range(0, len, 16))
    return admitted(blocks * 16) / admitted(longest)


@ROUTES.to("parameters-that-a-gpu-budget-buys")
def parameters_that_use_the_budget(gpus: int, days: int, rate: float, ratio: float) -> float:
    budget = gpus * days * 24 * 3600 * rate * 1e12
    return root(lambda billions: 6 * billions * 1e9 * (ratio * billions * 1e9) - budget, 0, 1e5)


@ROUTES.to("probability-after-one-boosted-tree")
def newton_step_by_autograd(pos: int, neg: int, strength: float, rate: float) -> float:
    labels = torch.tensor([1.0] * pos + [0.0] * neg, dtype=torch.float64)

    def loss(raw: torch.Tensor) -> torch.Tensor:
        return F.binary_cross_entropy_with_logits(raw.expand_as(labels), labels, reduction="sum")

    start = torch.zeros(1, dtype=torch.float64)
    gradient = torch.autograd.functional.jacobian(loss, start)
    curvature = torch.autograd.functional.hessian(loss, start)
    leaf = -gradient.squeeze() / (curvature.squeeze() + strength)
    return float(torch.sigmoid(rate * leaf))


@ROUTES.to("prompt-length-at-which-scores-cost-half")
def prompt_of_equal_parts(billions: float, layers: int, width: int) -> float:
    """Token i sees i tokens, itself included."""

    def scores_over_matrices(thousands: float) -> float:
        length = thousands * 1000
        seen = length * (length + 1) / 2
        return 4 * width * layers * seen - 2 * billions * 1e9 * length

    return root(scores_over_matrices, 1, 1e4)


@ROUTES.to("served-tokens-until-the-small-model-pays")
def served_tokens_of_equal_total(large: float, large_tokens: float, small: float, small_tokens: float) -> float:
    def total(size: float, trained: float, served: float) -> float:
        return 6 * size * trained + 2 * size * served

    return root(lambda served: total(large, large_tokens, served) - total(small, small_tokens, served), 0, 1e6)


@ROUTES.to("tile-size-and-matmul-traffic")
def traffic_of_every_tile(size: int, tile: int, bw: float) -> float:
    tiles = len(range(0, size, tile)) ** 2
    one = held(tile, size) + held(size, tile) + held(tile, tile)
    return tiles * one / (bw * 1e12) * 1e3
