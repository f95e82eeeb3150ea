"""The path "a GPT from nothing": the references of its exercises, put together, are a model that learns and speaks."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from grader.judge import assert_frequencies

torch = pytest.importorskip("torch")
ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "examples" / "gpt_from_nothing" / "gpt.py"
LOSS = 2.7  # nats per token after 300 steps; 2.4 were measured, and 5.8 is that of a model that knows nothing
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def gpt() -> ModuleType:
    """The program."""
    spec = importlib.util.spec_from_file_location("gpt_from_nothing", PROGRAM)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def trained(gpt: ModuleType) -> tuple:
    """Parts, merges, token IDs of the text, a model that was trained on them, and its last loss."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    parts, text = gpt.Parts(), gpt.read_text()
    merges = parts.bpe_tokenizer.train_bpe(text[:5000], gpt.VOCABULARY)
    ids = torch.tensor(parts.bpe_tokenizer.encode(text, merges))
    model = gpt.GPT(parts)
    return parts, merges, ids, model, gpt.train(parts, model, ids, 300)


def test_the_tokenizer_gives_the_text_back(gpt: ModuleType, trained: tuple) -> None:
    """Every byte of it, and with fewer tokens than bytes."""
    parts, merges, ids, _, _ = trained
    assert parts.bpe_tokenizer.decode(ids.tolist(), merges) == gpt.read_text()
    assert len(ids) < 0.8 * gpt.TEXT_BYTES


def test_the_model_learns(trained: tuple) -> None:
    """Below the stated loss."""
    assert trained[-1] < LOSS


def test_it_writes_the_same_with_a_cache_as_without(gpt: ModuleType, trained: tuple) -> None:
    """Token by token, with one stream of random numbers."""
    parts, merges, _, model, _ = trained
    prompt = torch.tensor([parts.bpe_tokenizer.encode(b"A verdict ", merges)])
    cached = gpt.generate(parts, model, prompt, 40, torch.Generator().manual_seed(3))
    ids, generator = prompt, torch.Generator().manual_seed(3)
    with torch.no_grad():
        for _ in range(40):
            logits = model(ids)[:, -1]
            new = parts.sampling_decoder.sample_tokens(logits, generator, temperature=0.8, top_k=40)
            ids = torch.cat([ids, new[:, None]], dim=1)
    assert cached.tolist() == ids.tolist()


def test_it_survives_lora(gpt: ModuleType, trained: tuple) -> None:
    """It starts as it was, learns another text without touching its weights, and merges without changing a logit."""
    parts, merges, ids, model, _ = trained
    other = torch.tensor(parts.bpe_tokenizer.encode((ROOT / "README.zh.md").read_bytes()[:20_000], merges))
    adapted, batch = gpt.with_lora(parts, model), ids[None, :64]
    torch.testing.assert_close(adapted(batch), model(batch))
    held_out = gpt.windows(other, torch.Generator().manual_seed(9))
    loss = parts.causal_lm_loss.causal_lm_loss
    before = float(loss(adapted(held_out).detach(), held_out))
    gpt.train(parts, adapted, other, 100)
    after = adapted(held_out).detach()
    assert float(loss(after, held_out)) < before - 0.25
    torch.testing.assert_close(adapted.embedding.weight, model.embedding.weight)
    adapted.head.merge()
    torch.testing.assert_close(adapted(held_out), after, rtol=1e-4, atol=1e-4)


def test_it_survives_four_bits(gpt: ModuleType, trained: tuple) -> None:
    """Rounding costs something, and little."""
    parts, _, ids, model, _ = trained
    batch = gpt.windows(ids, torch.Generator().manual_seed(5))
    loss = parts.causal_lm_loss.causal_lm_loss
    with torch.no_grad():
        whole, rounded = (float(loss(one(batch), batch)) for one in (model, gpt.in_four_bits(parts, model)))
    assert rounded != whole
    assert abs(rounded - whole) < 0.2


def test_a_smaller_model_may_guess_without_changing_the_distribution(gpt: ModuleType, trained: tuple) -> None:
    """The first token of a round is as frequent as under the large model alone."""
    parts, _, ids, model, _ = trained
    torch.manual_seed(1)
    draft = gpt.GPT(parts, layers=1)
    gpt.train(parts, draft, ids, 100, seed=1)
    prompt = ids[None, 200:230]
    tokens, stayed = gpt.speculate(parts, draft, model, prompt.expand(3000, -1), 2, torch.Generator().manual_seed(7))
    with torch.no_grad():
        expected = model(prompt)[0, -1].double().softmax(dim=-1)
    counts = torch.bincount(tokens[:, 0], minlength=gpt.VOCABULARY)
    assert_frequencies(counts.numpy(), expected.numpy() / expected.numpy().sum())
    assert 0 < float(stayed.float().mean()) < 2


def test_a_persons_own_files_come_first(gpt: ModuleType, tmp_path: Path) -> None:
    """Where there is none, the reference steps in."""
    (tmp_path / "rope").mkdir()
    (tmp_path / "rope" / "solution.py").write_text("MINE = True\n", encoding="utf-8")
    parts = gpt.Parts(tmp_path)
    assert parts.rope.MINE
    assert hasattr(parts.rms_norm, "RMSNorm")
