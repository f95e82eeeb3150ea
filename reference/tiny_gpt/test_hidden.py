"""Hidden suite of tiny_gpt: sizes, weights and tokens are drawn anew; a sequence is handed over piece by piece."""

import pytest
import torch

from grader.judge import (
    assert_close,
    assert_each_raises,
    assert_leaves_no_state,
    assert_refuses,
    assert_same_again,
    assert_same_gradients,
    assert_unchanged,
    distinct_sizes,
    pair_of_modules,
)

pytestmark = pytest.mark.on_device  # on a GPU, results stay there


class Drawn:
    """The models of both sides with the same weights, and tokens for them."""

    def __init__(self, candidate, reference, rng, torch_rng, device, dtype, layers=None):
        self.batch, self.length, pairs = distinct_sizes(rng, 3, 3, 6)
        heads, self.layers = int(rng.integers(2, 4)), layers or int(rng.integers(2, 4))
        self.vocab, self.width = int(rng.integers(40, 60)), 2 * pairs * heads
        self.sizes = (self.vocab, self.width, heads, self.width + int(rng.integers(3, 9)), self.layers)
        self.rng, self.device, self.torch_rng = rng, device, torch_rng
        both = candidate.TinyGPT, reference.TinyGPT
        pair = pair_of_modules(*both, *self.sizes, generator=torch_rng, draw=self.weight)
        self.model, self.known = (one.to(device=device, dtype=dtype) for one in pair)

    def weight(self, name, old):
        """Small embeddings, so that layers matter and eps is seen; norms around 1; others of one over their width."""
        drawn = torch.randn(old.shape, generator=self.torch_rng)
        if name == "embed.weight":
            return drawn * 0.01
        return 1 + drawn / 4 if old.ndim == 1 else drawn / old.shape[1] ** 0.5

    def tokens(self, length=None, batch=None):
        """All different in a row as far as possible, (B, L)."""
        shape = batch or self.batch, length or self.length
        return torch.from_numpy(self.rng.integers(self.vocab, size=shape)).to(self.device)

    def check(self, tokens, *caches):
        """Both give the same logits, each with its own cache if there is one."""
        with torch.no_grad():
            expected = self.known(tokens, *caches[1:])
            assert_close(self.model(tokens, *caches[:1]), expected)

    def caches(self):
        """A new one on each side."""
        return self.model.new_cache(), self.known.new_cache()


@pytest.fixture
def draw(candidate, reference, rng, torch_rng, device):
    """Makes a `Drawn` of a dtype, with a number of layers where it matters."""
    return lambda dtype=torch.float64, **given: Drawn(candidate, reference, rng, torch_rng, device, dtype, **given)


@pytest.mark.task("logits")
def test_logits(draw):
    """The logits are those of the definition, in both dtypes, also of one token and of a long sequence.

    两种 dtype 下，logits 都符合定义；只有一个 token 或序列很长时也一样。
    """
    drawn = draw()
    for tokens in (drawn.tokens(), drawn.tokens(1), drawn.tokens(40, 1)):
        drawn.check(tokens)
    drawn = draw(torch.float32)
    drawn.check(drawn.tokens())


@pytest.mark.task("logits")
def test_causal(draw):
    """What stands later changes no logits before it.

    后面的 token 不影响前面的 logits。
    """
    drawn = draw()
    tokens = drawn.tokens(9)
    other = tokens.clone()
    other[:, 5:] = (other[:, 5:] + 1) % drawn.vocab
    with torch.no_grad():
        known = drawn.known(tokens)
        assert_close(drawn.model(tokens)[:, :5], known[:, :5])
        assert_close(drawn.model(other)[:, :5], known[:, :5])


@pytest.mark.task("cache")
def test_pieces(draw):
    """However sequences are cut, the logits are those of the whole sequences, and the cache counts the tokens.

    无论怎样切分，logits 都与完整序列的相同，缓存也正确计数。
    """
    for dtype, pieces in ((torch.float64, (5, 1, 1, 3)), (torch.float32, (1, 4, 2))):
        drawn = draw(dtype, layers=3)  # the first, the last and one between
        tokens, cache, start = drawn.tokens(sum(pieces)), drawn.model.new_cache(), 0
        with torch.no_grad():
            whole = drawn.known(tokens)
            for piece in pieces:
                assert_close(cache.length, start)
                assert_close(drawn.model(tokens[:, start : start + piece], cache), whole[:, start : start + piece])
                start += piece
            assert_close(cache.length, start)


@pytest.mark.task("cache")
def test_several_caches(draw):
    """Caches of other sequences and passes without one, in between, change nothing.

    其间穿插其他序列的缓存和不带缓存的前向，都没有影响。
    """
    drawn = draw()
    first, second = drawn.caches(), drawn.caches()
    for _ in range(2):
        drawn.check(drawn.tokens(2), *first)
        drawn.check(drawn.tokens())
        drawn.check(drawn.tokens(3, drawn.batch + 1), *second)
    with torch.no_grad():
        drawn.model.generate(drawn.tokens(), 2)
    drawn.check(drawn.tokens(1), *first)
    assert_close(first[0].length, 5)


@pytest.mark.task("cache")
def test_computed_once(draw):
    """Keys and values stay what they were when other weights are loaded.

    加载别的权重之后，已存的键和值保持原样。
    """
    drawn = draw()
    caches = drawn.caches()
    drawn.check(drawn.tokens(), *caches)
    state = {name: weight * 0.7 + 0.01 for name, weight in drawn.known.state_dict().items()}
    for model in (drawn.known, drawn.model):
        model.load_state_dict(state)
    for length in (1, 3):
        drawn.check(drawn.tokens(length), *caches)


@pytest.mark.task("generation")
def test_greedy(draw):
    """Each new token is the one with the largest logit after all before it.

    每个新 token 都是在前面全部内容之后 logit 最大的那个。
    """
    for length, new in ((1, 5), (None, 4)):
        while True:
            drawn = draw()
            tokens = drawn.tokens(length)
            expected = drawn.known.generate(tokens, new)
            with torch.no_grad():
                best = drawn.known(expected).topk(2, dim=-1).values
            if (best[..., 0] - best[..., 1]).min() > 1e-6:
                break
        assert_close(drawn.model.generate(tokens, new), expected)
        assert_unchanged(tokens)


@pytest.mark.task("generation")
def test_greedy_by_little(draw):
    """A logit of 100 is found although another is less by 0.0000025 only.

    即使另一个 logit 只小 0.0000025，也能找出 100 这个最大的。
    """
    drawn = draw()
    tokens = drawn.tokens(4, 1) % (drawn.vocab - 2)
    state = {name: weight.clone() for name, weight in drawn.known.state_dict().items()}
    rows = state["embed.weight"]
    with torch.no_grad():
        last = torch.linalg.lstsq(rows, drawn.known(tokens)[0, -1, :, None]).solution[:, 0]
    rows[-1] = 100 * last / last.square().sum()  # neither row is in the text, so its logits are all that they change
    rows[-2] = rows[-1] * (1 - 2.5e-8)
    for model in (drawn.known, drawn.model):
        model.load_state_dict(state)
    with torch.no_grad():
        best = drawn.known(tokens)[0, -1].topk(2).values
    assert 1e-6 < best[0] - best[1] < 4e-6, "the suite drew logits that are no near tie\n用例没有抽到接近的 logit"
    assert_close(drawn.model.generate(tokens, 1), drawn.known.generate(tokens, 1))


@pytest.mark.task("generation")
def test_nothing_new(draw):
    """With no new tokens the result is what was given.

    不生成新 token 时，返回传入的内容。
    """
    drawn = draw()
    tokens = drawn.tokens()
    assert_close(drawn.model.generate(tokens, 0), tokens)
    assert_close(drawn.model.generate(tokens, 2)[:, : tokens.shape[1]], tokens)
    assert_close(drawn.model.generate(tokens, 1), drawn.known.generate(tokens, 1))


@pytest.mark.task("gradients")
def test_gradients(draw):
    """The gradients of all weights are right; that of the embedding has both of its uses.

    所有权重的梯度都正确；嵌入的梯度包括它的两处使用。
    """
    drawn = draw()
    tokens = drawn.tokens(4, 2)
    tokens[int(drawn.rng.integers(2)), int(drawn.rng.integers(4))] = 0  # a token like any other, not padding
    assert_same_gradients(drawn.model, drawn.known, tokens, generator=drawn.torch_rng, names=("tokens",))


@pytest.mark.task("contract")
def test_state_and_sizes(candidate, draw):
    """The state dict holds the weights of the table, and sizes that do not fit are refused.

    state dict 恰好包含表中的权重；不合适的尺寸会被拒绝。
    """
    drawn = draw(torch.float32)
    shapes = [
        {name: tuple(weight.shape) for name, weight in dict(one.state_dict()).items()}
        for one in (drawn.model, drawn.known)
    ]
    assert_close(shapes[0], shapes[1])
    vocab, width, heads, hidden, layers = drawn.sizes
    names = ("vocab_size", "d_model", "num_heads", "d_ff", "num_layers")
    low = [0, -1]
    bad = {
        "vocab_size": low,
        "d_model": [0, width + 1, -width, width + heads],
        "num_heads": [0, -heads, width, width + 1],
    }
    assert_refuses(
        candidate.TinyGPT, dict(zip(names, drawn.sizes, strict=True)), bad | {"d_ff": low, "num_layers": low}
    )
    assert_each_raises(ValueError, candidate.TinyGPT, [(5, 3, 1, 4, 1), (5, 1, 1, 4, 1), (5, -4, -2, 4, 1)])


@pytest.mark.task("contract")
def test_bad_tokens(draw):
    """Tokens of another shape, none at all, and numbers outside of the vocabulary are refused by both methods.

    形状不对、没有元素，或有不在词表内的数，两个方法都会拒绝。
    """
    drawn = draw()
    tokens = drawn.tokens()
    bad = [tokens[0], tokens[None], tokens[:, :0], tokens[:0]]
    for value in (-1, drawn.vocab, -drawn.vocab):
        bad.append(tokens.clone())
        bad[-1][-1, int(drawn.rng.integers(drawn.length))] = value
    drawn.check(tokens)
    assert_each_raises(ValueError, drawn.model, [(one,) for one in bad])
    sound = {"tokens": tokens, "max_new_tokens": 1}
    assert_refuses(drawn.model.generate, sound, {"tokens": bad, "max_new_tokens": [-1, -2]})
    assert_each_raises(ValueError, drawn.model.generate, [(one, 0) for one in bad])


@pytest.mark.task("contract")
def test_cache_after_errors(draw):
    """Another batch size is refused by a cache that holds tokens, and after an error the cache is as before.

    已存有 token 的缓存拒绝不同的批大小；出错之后缓存与之前一样。
    """
    drawn = draw()
    caches = drawn.caches()
    for _ in range(2):
        drawn.check(drawn.tokens(2), *caches)
        wrong = drawn.tokens(2)
        wrong[-1, -1] = drawn.vocab
        bad = [drawn.tokens(2, drawn.batch + 1), drawn.tokens(2, 1), wrong, drawn.tokens()[:, :0]]
        assert_each_raises(ValueError, drawn.model, [(one, caches[0]) for one in bad])
    drawn.check(drawn.tokens(3), *caches)
    assert_close(caches[0].length, 7)


@pytest.mark.task("contract")
def test_no_side_effects(draw):
    """Tokens, weights and modes are as they were, and the same call gives the same again.

    `tokens`、权重和各种模式保持原样；同样的调用再做一次，结果相同。
    """
    drawn = draw()
    tokens = drawn.tokens()
    known = drawn.known(tokens).detach()
    assert_close(assert_leaves_no_state(drawn.model, tokens).detach(), known)
    assert_leaves_no_state(drawn.model.generate, tokens, 2)
    assert_unchanged(tokens)
    assert_close(dict(drawn.model.state_dict()), dict(drawn.known.state_dict()), rtol=0, atol=0)
    assert_same_again(lambda: drawn.model(tokens).detach())
