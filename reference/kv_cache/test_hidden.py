"""Hidden suite of kv_cache: sizes, weights, tokens and cuts are drawn anew for every verdict.

Tokens are handed over when their time has come: what is expected of them is the pass without a cache, in the judge.
"""

import pytest
import torch

from grader.judge import (
    assert_close,
    assert_each_raises,
    assert_leaves_no_state,
    assert_refuses,
    distinct_sizes,
    pair_of_modules,
)

pytestmark = pytest.mark.on_device  # on a GPU, results stay there


class Drawn:
    """The layers of both sides with the same weights, on the device and in `dtype`, and tokens for them."""

    def __init__(self, candidate, reference, rng, torch_rng, device, heads=None, dtype=torch.float32):
        self.rng, self.torch_rng, self._device, self.dtype = rng, torch_rng, device, dtype
        self.batch, self.length, drawn, pairs = distinct_sizes(rng, 4, 2, 6)
        heads = heads or drawn
        self.sizes = 2 * pairs * heads, heads
        both = candidate.CachedAttention, reference.CachedAttention
        pair = pair_of_modules(*both, *self.sizes, generator=torch_rng, draw=self._draw)
        self.layer, self.known = (side.to(device=device, dtype=dtype) for side in pair)

    def _draw(self, name, old):
        """Twice the usual queries and keys, so that attention is far from uniform."""
        if name[:2] in ("q_", "k_"):
            return 2 * torch.randn(old.shape, generator=self.torch_rng) / self.sizes[0] ** 0.5
        return None

    def tokens(self, length=None, batch=None):
        """Normal numbers (B, L, d_model)."""
        shape = batch or self.batch, self.length if length is None else length, self.sizes[0]
        return torch.randn(shape, generator=self.torch_rng).to(device=self._device, dtype=self.dtype)

    def cut(self, length):
        """Lengths from 1 to 3 that sum up to `length`, one of them greater than 1."""
        parts = [2]
        while sum(parts) < length:
            parts.append(min(int(self.rng.integers(1, 4)), length - sum(parts)))
        return [int(part) for part in self.rng.permutation(parts)]

    def decode(self, x, cache, parts, start=0, expected=None):
        """Pieces of x from `start` on, one call each; the results and the length of the cache are right."""
        expected = self.known(x) if expected is None else expected
        for part in parts:
            end = start + part
            assert_close(self.layer(x[:, start:end], cache), expected[:, start:end])
            assert_close(cache.length, end)
            start = end


@pytest.fixture
def draw(candidate, reference, rng, torch_rng, device):
    """Makes a `Drawn`, with a number of heads and a dtype where they matter; no case takes gradients."""
    with torch.no_grad():
        yield lambda *args, **given: Drawn(candidate, reference, rng, torch_rng, device, *args, **given)


@pytest.mark.task("whole")
def test_whole_sequences(draw):
    """Without a cache the layer is causal attention with rotary positions, in one head or several.

    不带缓存时，该层就是带旋转位置编码的因果注意力，一个头或多个头都正确。
    """
    drawn = draw()
    for x in (drawn.tokens(), drawn.tokens(1)):
        assert_close(drawn.layer(x), drawn.known(x))
    drawn = draw(1, dtype=torch.float64)
    x = drawn.tokens(40, batch=1)
    assert_close(drawn.layer(x), drawn.known(x))


@pytest.mark.task("steps")
def test_token_by_token(draw):
    """One token per call gives what the whole sequence gives at its place, for each sequence of the batch.

    每次调用传入一个 token，得到的就是整个序列在该位置的结果，批次中每个序列都如此。
    """
    drawn = draw()
    drawn.decode(drawn.tokens(6), drawn.layer.new_cache(drawn.batch, 6), [1] * 6)
    drawn.decode(drawn.tokens(3, batch=1), drawn.layer.new_cache(1, 20), [1] * 3)


@pytest.mark.task("steps")
def test_long_sequences(draw):
    """Among hundreds of tokens each is right, in `float64` to 8 digits.

    几百个 token，每个都正确；`float64` 下精确到 8 位。
    """
    drawn = draw(1, dtype=torch.float64)
    drawn.decode(drawn.tokens(511, batch=1), drawn.layer.new_cache(1, 512), [300, 1, 209, 1])


@pytest.mark.task("pieces")
def test_pieces(draw):
    """Several tokens per call see all earlier ones and each other's past, however the sequence is cut.

    一次调用传入的多个 token，能看到之前的全部 token 以及彼此中更早的；序列怎样切分都一样。
    """
    drawn = draw()
    x = drawn.tokens(11)
    for parts in (drawn.cut(11), [1, 10], [7, 4]):
        drawn.decode(x, drawn.layer.new_cache(drawn.batch, 12), parts)


@pytest.mark.task("pieces")
def test_no_tokens(draw):
    """A call without tokens gives an empty result and leaves the cache as it is, at the start, later and when full.

    没有 token 的调用返回空结果，缓存保持原样；在开头、中间和缓存已满时都是如此。
    """
    drawn = draw()
    drawn.decode(drawn.tokens(5), drawn.layer.new_cache(drawn.batch, 5), [0, 2, 0, 3, 0])
    assert_close(drawn.layer(drawn.tokens(0)), drawn.tokens(0))


@pytest.mark.task("steps")
def test_dtypes(draw):
    """A layer moved to `bfloat16` or `float64` decodes in that dtype.

    转为 `bfloat16` 或 `float64` 的层，就以该 dtype 解码。
    """
    for dtype in (torch.bfloat16, torch.float64):
        drawn = draw(dtype=dtype)
        x = drawn.tokens(6)
        expected = drawn.known.double()(x.double()).to(dtype)
        drawn.decode(x, drawn.layer.new_cache(drawn.batch, 7), [3, 1, 2], expected=expected)


@pytest.mark.task("capacity")
def test_capacity(draw):
    """A cache takes as many tokens as its capacity says, and no more, be they one, some, or all at once.

    缓存最多容纳其容量那么多 token，再多就拒绝，无论一次来一个、几个还是全部。
    """
    drawn = draw()
    capacity = drawn.length
    x = drawn.tokens(capacity + 2)
    for parts in ([capacity], [1] * capacity, [capacity - 1, 1]):
        cache = drawn.layer.new_cache(batch_size=drawn.batch, capacity=capacity)
        drawn.decode(x, cache, parts)
        assert_each_raises(ValueError, drawn.layer, [(x[:, :1], cache), (x[:, :2], cache), (x, cache)])
    assert_each_raises(ValueError, drawn.layer, [(x[:, : capacity + 1], drawn.layer.new_cache(drawn.batch, capacity))])
    cache = drawn.layer.new_cache(drawn.batch, 1)  # the smallest
    drawn.decode(x, cache, [1])
    assert_each_raises(ValueError, drawn.layer, [(x[:, 1:2], cache)])


@pytest.mark.task("capacity")
def test_refused_calls_change_nothing(draw):
    """After a call that was refused, the cache holds what it held, and decoding goes on.

    调用被拒绝之后，缓存里的内容不变，可以继续解码。
    """
    drawn = draw()
    x = drawn.tokens(7)
    cache = drawn.layer.new_cache(drawn.batch, 7)
    drawn.decode(x, cache, [3])
    other = drawn.tokens(7) * 9
    bad = [(other[:, :5], cache), (other[:-1, :1], cache), (other[:1, :2], cache), (other[..., 1:], cache)]
    assert_each_raises(ValueError, drawn.layer, bad)
    assert_close(cache.length, 3)
    drawn.decode(x, cache, [1, 2, 1], start=3)


@pytest.mark.task("independence")
def test_caches_side_by_side(draw):
    """Caches of one layer and of another are written in turn, with passes without a cache in between.

    同一层和另一层的缓存交替写入，中间穿插不带缓存的调用，互不影响。
    """
    one, other = draw(), draw()
    runs = []
    for drawn, batch in ((one, one.batch), (one, one.batch), (other, other.batch), (one, 1)):
        x = drawn.tokens(6, batch=batch)
        runs.append((drawn, x, drawn.layer.new_cache(batch, 6), drawn.known(x)))
    for start, end in ((0, 1), (1, 3), (3, 4), (4, 6)):
        for drawn, x, cache, expected in runs:
            assert_close(drawn.layer(x[:, start:end], cache), expected[:, start:end])
        if end in (3, 4):
            whole = one.tokens()
            assert_close(one.layer(whole), one.known(whole))
    assert_close([cache.length for _, _, cache, _ in runs], [6, 6, 6, 6])


@pytest.mark.task("independence")
def test_computed_once(draw):
    """Keys and values that are held stay as they are when other weights are loaded.

    加载别的权重之后，已存的键和值保持不变。
    """
    drawn = draw()
    x = drawn.tokens(8)
    caches = [side.new_cache(drawn.batch, 8) for side in (drawn.layer, drawn.known)]
    for start, end in ((0, 3), (3, 4), (4, 8)):
        expected = drawn.known(x[:, start:end], caches[1])
        assert_close(drawn.layer(x[:, start:end], caches[0]), expected)
        state = {name: drawn.tokens(drawn.sizes[0], 1)[0] / 2 for name in drawn.known.state_dict()}
        drawn.known.load_state_dict(state)
        drawn.layer.load_state_dict(state)


@pytest.mark.task("contract")
def test_state(draw, candidate):
    """The state dict holds the four weights and nothing else, with caches in use too; calls leave it as it is.

    state dict 里只有四个权重，使用缓存时也一样；调用不改动它。
    """
    drawn = draw()
    x, cache = drawn.tokens(4), drawn.layer.new_cache(drawn.batch, 4)
    expected = drawn.known(x)
    for t in range(2):
        part = slice(2 * t, 2 * t + 2)
        assert_close(assert_leaves_no_state(drawn.layer, x[:, part], cache), expected[:, part])
    assert_close(dict(drawn.layer.state_dict()), dict(drawn.known.state_dict()), rtol=0, atol=0)
    both = candidate.CachedAttention(*drawn.sizes).state_dict(), drawn.known.state_dict()
    assert_close(*({name: tuple(value.shape) for name, value in dict(state).items()} for state in both))


@pytest.mark.task("contract")
def test_bad_sizes(draw, candidate):
    """Sizes below 1, widths that the heads do not divide, and heads of odd width are refused, of caches too.

    大小小于 1、宽度不能被头数整除、头的宽度为奇数时会被拒绝；缓存的大小也一样。
    """
    drawn = draw()
    d_model, heads = drawn.sizes
    widths = [0, -2 * heads, d_model + heads, d_model + 2, 2]
    sound = {"d_model": d_model, "num_heads": heads}
    assert_refuses(candidate.CachedAttention, sound, {"d_model": [w for w in widths if w < 1 or w % (2 * heads)]})
    assert_refuses(candidate.CachedAttention, sound, {"num_heads": [0, -1, -heads]})
    assert_each_raises(ValueError, candidate.CachedAttention, [(1, 1), (2, 2), (0, 0), (-4, -2)])
    bad = {"batch_size": [0, -1], "capacity": [0, -3]}
    cache = assert_refuses(drawn.layer.new_cache, {"batch_size": drawn.batch, "capacity": 3}, bad)
    drawn.decode(drawn.tokens(3), cache, [1, 2])


@pytest.mark.task("contract")
def test_bad_inputs(draw):
    """An `x` that is not (B, T, d_model), or with another B than the cache, is refused, with a cache and without.

    `x` 的形状不是 (B, T, d_model)，或 B 与缓存不同时，会被拒绝；有没有缓存都一样。
    """
    drawn = draw()
    x = drawn.tokens()
    assert_close(drawn.layer(x), drawn.known(x))
    wrong = [x[0], x[0, 0], x[None], x[..., :1], x[..., 1:], torch.cat([x, x], dim=-1), x.mT]
    assert_each_raises(ValueError, drawn.layer, [(one,) for one in wrong])
    cache = drawn.layer.new_cache(drawn.batch, 9)
    wrong += [x[:1], x[1:], torch.cat([x, x]), x[:1, :1], x[:1, :0], x[:, :0, 1:]]  # also without tokens
    assert_each_raises(ValueError, drawn.layer, [(one, cache) for one in wrong])
    lone = drawn.layer.new_cache(1, 9)
    assert_each_raises(ValueError, drawn.layer, [(x, lone), (x[:2, :1], lone)])
    drawn.decode(x, cache, [drawn.length])
