"""Public cases of kv_cache: small ones, worked out by hand."""

import pytest
import torch

from grader.judge import assert_close, assert_each_raises


def layer_of(candidate, **given):
    """A layer of width 2 with one head, whose matrices are identities but for those given."""
    layer = candidate.CachedAttention(2, 1)
    names = ("q_proj", "k_proj", "v_proj", "out_proj")
    layer.load_state_dict({f"{name}.weight": given.get(name, torch.eye(2)) for name in names})
    return layer


@pytest.mark.task("whole")
def test_two_tokens_by_hand(candidate):
    """The second token, turned by 1, scores √2 with itself and 2 sin(1) / √2 with the first.

    第二个 token 旋转 1 弧度，与自己的分数是 √2，与第一个的分数是 2 sin(1) / √2。
    """
    with torch.no_grad():
        output = layer_of(candidate)(torch.tensor([[[1.0, 1.0], [1.0, -1.0]]]))
    assert_close(output, torch.tensor([[[1.0, 1.0], [1.0, -0.111637]]]))


@pytest.mark.task("steps")
def test_token_by_token_by_hand(candidate):
    """The same two tokens one after the other give the same, and the cache says how many it holds.

    同样的两个 token 逐个传入，结果相同；缓存给出已存的 token 数。
    """
    layer, x = layer_of(candidate), torch.tensor([[[1.0, 1.0], [1.0, -1.0]]])
    cache = layer.new_cache(1, 5)
    for t, expected in enumerate(([1.0, 1.0], [1.0, -0.111637])):
        assert_close(cache.length, t)
        with torch.no_grad():
            assert_close(layer(x[:, t : t + 1], cache), torch.tensor([[expected]]))
    assert_close(cache.length, 2)


@pytest.mark.task("pieces")
def test_two_after_one_by_hand(candidate):
    """Without queries a token reads the mean of all up to itself, also when two come after one.

    查询为零时，token 读到直到自己为止的平均；先来一个、再来两个时也一样。
    """
    layer = layer_of(candidate, q_proj=torch.zeros(2, 2))
    cache = layer.new_cache(batch_size=1, capacity=3)
    with torch.no_grad():
        assert_close(layer(torch.tensor([[[3.0, 6.0]]]), cache), torch.tensor([[[3.0, 6.0]]]))
        later = layer(torch.tensor([[[5.0, 0.0], [1.0, 9.0]]]), cache)
    assert_close(later, torch.tensor([[[4.0, 3.0], [3.0, 5.0]]]))


@pytest.mark.task("capacity")
def test_full_cache(candidate):
    """A cache for two tokens refuses a third, and two at once when it holds one.

    容量为两个 token 的缓存拒绝第三个；已有一个时，也拒绝一次来两个。
    """
    layer, x = layer_of(candidate, q_proj=torch.zeros(2, 2)), torch.tensor([[[2.0, 4.0], [0.0, 8.0]]])
    cache = layer.new_cache(1, 2)
    with torch.no_grad():
        assert_close(layer(x[:, :1], cache), x[:, :1])
        assert_each_raises(ValueError, layer, [(x, cache)])
        assert_close(layer(x[:, 1:], cache), torch.tensor([[[1.0, 6.0]]]))
        assert_each_raises(ValueError, layer, [(x[:, :1], cache)])


@pytest.mark.task("independence")
def test_two_caches_by_hand(candidate):
    """Two caches of one layer are written in turn, and each knows its own tokens only.

    同一层的两个缓存交替写入，各自只知道自己的 token。
    """
    layer = layer_of(candidate, q_proj=torch.zeros(2, 2))
    one, other = layer.new_cache(1, 4), layer.new_cache(1, 4)
    with torch.no_grad():
        for cache, token, expected in ((one, 2.0, 2.0), (other, 8.0, 8.0), (one, 4.0, 3.0), (other, 0.0, 4.0)):
            assert_close(layer(torch.full((1, 1, 2), token), cache), torch.full((1, 1, 2), expected))


@pytest.mark.task("contract")
def test_other_batch(candidate):
    """A cache for two sequences refuses a single one.

    容纳两个序列的缓存拒绝只有一个序列的输入。
    """
    layer, x = layer_of(candidate), torch.tensor([[[1.0, 2.0]], [[3.0, 4.0]]])
    cache = layer.new_cache(2, 4)
    with torch.no_grad():
        assert_each_raises(ValueError, layer, [(x[:1], cache)])
        assert_close(layer(x, cache), x)
