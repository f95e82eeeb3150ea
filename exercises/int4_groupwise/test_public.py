"""Public cases of int4_groupwise: small ones, worked out by hand."""

import pytest
import torch

from grader.judge import assert_close, assert_each_raises

PACKED = torch.tensor([[0x21, 0x43, 0xF5]], dtype=torch.uint8)  # codes 1, 2, 3, 4, 5 and bits that nobody reads
SCALES, MINS = torch.tensor([[1.0, 0.5]]), torch.tensor([[0.0, -10.0]])


@pytest.mark.task("groups")
def test_three_groups_by_hand(candidate):
    """Groups 10, 25 and 20, 20 and 20: the first has steps of 1, the others have no width at all.

    三组为 10、25，20、20 和 20：第一组每步为 1，后两组宽度为零。
    """
    weight = torch.tensor([[10.0, 25.0, 20.0, 20.0, 20.0]])
    packed, scales, mins = candidate.quantize_int4(weight, 2)
    assert_close(scales, torch.tensor([[1.0, 0.0, 0.0]]))
    assert_close(mins, torch.tensor([[10.0, 20.0, 20.0]]))
    assert_close(packed, torch.tensor([[0xF0, 0, 0]], dtype=torch.uint8))


@pytest.mark.task("packing")
def test_bytes_by_hand(candidate):
    """Codes 15, 0, 1 and 0, 15 in groups of 3: the second byte holds one code of each group.

    编码 15、0、1 与 0、15，每组 3 列：第二个字节里两组各有一个编码。
    """
    weight = torch.tensor([[15.0, 0.0, 1.0, 2.0, 32.0]])
    packed, _, _ = candidate.quantize_int4(weight, 3)
    assert_close(packed, torch.tensor([[0x0F, 0x01, 0x0F]], dtype=torch.uint8))


@pytest.mark.task("packing")
def test_codes_by_hand(candidate):
    """Five columns in groups of 3: codes 1, 2, 3 count 1 each from 0, codes 4, 5 count 0.5 each from -10.

    五列，每组 3 列：编码 1、2、3 从 0 起每步为 1，编码 4、5 从 -10 起每步为 0.5。
    """
    weight = candidate.dequantize_int4(PACKED, SCALES, MINS, 3, 5)
    assert_close(weight, torch.tensor([[1.0, 2.0, 3.0, -8.0, -7.5]]))


@pytest.mark.task("product")
def test_product_by_hand(candidate):
    """1 + 20 + 300 and 0.5 of -7.5.

    1 + 20 + 300，再加 -7.5 的一半。
    """
    y = candidate.int4_linear(torch.tensor([1.0, 10.0, 100.0, 0.0, 0.5]), PACKED, SCALES, MINS, 3)
    assert_close(y, torch.tensor([317.25]))


@pytest.mark.task("contract")
def test_no_group(candidate):
    """A group size of 0 is refused.

    组大小为 0 会被拒绝。
    """
    weight = torch.ones(1, 2)
    assert_close(candidate.quantize_int4(weight, 1)[2], torch.ones(1, 2))
    assert_each_raises(ValueError, candidate.quantize_int4, [(weight, 0)])
