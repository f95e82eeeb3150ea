"""A GPT from nothing: the exercises of the path `a-gpt-from-nothing`, put together into one program.

    python examples/gpt_from_nothing/gpt.py            with the references
    python examples/gpt_from_nothing/gpt.py mine       with mine/<slug>/solution.py wherever there is one

It trains a tokenizer and a small model on the documents of this repository, generates from it with a cache, adapts it
with LoRA, rounds it to 4 bits, and lets a smaller model guess for it. Every class and function comes from an exercise.

Shapes: B items, L tokens, D wide, V tokens in the vocabulary.
"""

from __future__ import annotations

import copy
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import torch
from torch import Tensor, nn

ROOT = Path(__file__).resolve().parents[2]
WIDTH, HEADS, LAYERS, LENGTH, BATCH = 64, 4, 2, 64, 16
VOCABULARY, TEXT_BYTES, GROUP = 320, 30_000, 32


class Parts:
    """Modules by the slug of their exercise: a person's own where there is one, else the reference."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder

    def __getattr__(self, slug: str) -> ModuleType:
        own = self.folder / slug / "solution.py" if self.folder else None
        file = own if own is not None and own.is_file() else ROOT / "reference" / slug / "solution.py"
        spec = importlib.util.spec_from_file_location(f"part_{slug}", file)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        setattr(self, slug, module)
        return module


class GPT(nn.Module):
    """Embedding, blocks, a norm, and the embedding again as output layer."""

    def __init__(self, parts: Parts, layers: int = LAYERS) -> None:
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, WIDTH)
        nn.init.normal_(self.embedding.weight, std=0.02)
        self.blocks = nn.ModuleList(
            parts.transformer_block.TransformerBlock(WIDTH, HEADS, 2 * WIDTH) for _ in range(layers)
        )
        self.norm = parts.rms_norm.RMSNorm(WIDTH)
        self.head = None  # another output layer, once there is one

    def forward(self, ids: Tensor) -> Tensor:
        """Token IDs (B, L) -> logits (B, L, V)."""
        x = self.embedding(ids)
        for block in self.blocks:
            x = block(x)
        return self.logits(x)

    def logits(self, x: Tensor) -> Tensor:
        """What the last block gave (B, L, D) -> logits (B, L, V)."""
        x = self.norm(x)
        return x @ self.embedding.weight.T if self.head is None else self.head(x)


class CachedBlock(nn.Module):
    """A trained block, whose attention keeps keys and values."""

    def __init__(self, parts: Parts, block: nn.Module) -> None:
        super().__init__()
        self.attn_norm, self.ffn_norm = parts.rms_norm.RMSNorm(WIDTH), parts.rms_norm.RMSNorm(WIDTH)
        self.attention = parts.kv_cache.CachedAttention(WIDTH, HEADS)
        self.ffn = parts.swiglu.SwiGLU(WIDTH, 2 * WIDTH)
        weights = block.state_dict()
        for part, prefix in (
            (self.attn_norm, "attn_norm."),
            (self.ffn_norm, "ffn_norm."),
            (self.attention, ""),
            (self.ffn, ""),
        ):
            part.load_state_dict({name: weights[prefix + name] for name in part.state_dict()})

    def forward(self, x: Tensor, cache: object) -> Tensor:
        """The next tokens (B, T, D) -> (B, T, D)."""
        h = x + self.attention(self.attn_norm(x), cache)
        return h + self.ffn(self.ffn_norm(h))


def read_text() -> bytes:
    """English prose of this repository: its front page and what it tells those who practice and who write exercises."""
    files = [ROOT / "README.md", *(ROOT / "docs" / f"{name}.md" for name in ("authoring", "glossary", "practice"))]
    return b"\n".join(file.read_bytes() for file in files)[:TEXT_BYTES]


def windows(ids: Tensor, generator: torch.Generator) -> Tensor:
    """BATCH pieces of a long text (N,), each LENGTH tokens: (B, L)."""
    starts = torch.randint(len(ids) - LENGTH, (BATCH,), generator=generator)
    return torch.stack([ids[start : start + LENGTH] for start in starts])


def train(parts: Parts, model: nn.Module, ids: Tensor, steps: int, max_lr: float = 3e-3, seed: int = 0) -> float:
    """Train what requires gradients; the mean loss of the last ten steps, in nats per token."""
    generator = torch.Generator().manual_seed(seed)
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer, losses = parts.adamw.AdamW(trained, lr=max_lr), []
    for step in range(steps):
        optimizer.lr = parts.cosine_warmup.cosine_warmup(step, max_lr, steps // 10, steps, max_lr / 10)
        batch = windows(ids, generator)
        loss = parts.causal_lm_loss.causal_lm_loss(model(batch), batch)
        for p in trained:
            p.grad = None
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return sum(losses[-10:]) / len(losses[-10:])


@torch.no_grad()
def generate(parts: Parts, model: GPT, prompt: Tensor, tokens: int, generator: torch.Generator) -> Tensor:
    """Continue a prompt (1, L) by sampling, each token computed once: (1, L + tokens)."""
    blocks = [CachedBlock(parts, block) for block in model.blocks]
    caches = [block.attention.new_cache(1, prompt.shape[1] + tokens) for block in blocks]
    ids, new = prompt, prompt
    for _ in range(tokens):
        x = model.embedding(new)
        for block, cache in zip(blocks, caches, strict=True):
            x = block(x, cache)
        new = parts.sampling_decoder.sample_tokens(model.logits(x)[:, -1], generator, temperature=0.8, top_k=40)[
            :, None
        ]
        ids = torch.cat([ids, new], dim=1)
    return ids


def with_lora(parts: Parts, model: GPT, rank: int = 8) -> GPT:
    """The same model, frozen but for a low-rank change of its output layer."""
    adapted = copy.deepcopy(model).requires_grad_(False)
    adapted.head = parts.lora_linear.LoRALinear(WIDTH, VOCABULARY, rank, alpha=2 * rank, bias=False)
    adapted.head.load_state_dict({"weight": model.embedding.weight}, strict=False)
    return adapted


def in_four_bits(parts: Parts, model: GPT) -> GPT:
    """The same model with every matrix of its blocks rounded to 4 bits in groups of 32."""
    rounded, int4 = copy.deepcopy(model), parts.int4_groupwise
    for p in rounded.blocks.parameters():
        if p.ndim == 2:
            packed, scales, mins = int4.quantize_int4(p.detach(), GROUP)
            p.data = int4.dequantize_int4(packed, scales, mins, GROUP, p.shape[1])
    return rounded


@torch.no_grad()
def speculate(
    parts: Parts, draft: GPT, target: GPT, ids: Tensor, guesses: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """One round for prompts (B, L): the draft guesses, the target checks; tokens (B, guesses + 1) and how many stayed."""
    tables, sampling = [], parts.sampling_decoder
    guessed = ids
    for _ in range(guesses):
        logits = draft(guessed)[:, -1]
        tables.append(sampling.next_token_probs(logits))
        guessed = torch.cat([guessed, sampling.sample_tokens(logits, generator)[:, None]], dim=1)
    checked = target(guessed)[:, ids.shape[1] - 1 :].softmax(dim=-1)
    return parts.speculative_decoding.speculative_step(
        guessed[:, ids.shape[1] :], torch.stack(tables, dim=1), checked, generator
    )


def main(folder: Path | None = None, steps: int = 300) -> None:
    """The whole story, printed."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    parts, generator = Parts(folder), torch.Generator().manual_seed(0)
    text, bpe = read_text(), parts.bpe_tokenizer
    merges = bpe.train_bpe(text[:5000], VOCABULARY)
    ids = torch.tensor(bpe.encode(text, merges))
    print(f"{len(text)} bytes are {len(ids)} tokens of {256 + len(merges)}")

    model = GPT(parts)
    print(f"loss after {steps} steps: {train(parts, model, ids, steps):.2f} nats per token")
    prompt = torch.tensor([bpe.encode(b"A verdict ", merges)])
    story = generate(parts, model, prompt, 80, generator)
    print(bpe.decode(story[0].tolist(), merges).decode("utf-8", "replace"))

    chinese = (ROOT / "README.zh.md").read_bytes()[:TEXT_BYTES]
    other = torch.tensor(bpe.encode(chinese, merges))
    adapted = with_lora(parts, model)
    print(f"loss on Chinese with LoRA on the output layer: {train(parts, adapted, other, steps // 3):.2f}")
    adapted.head.merge()

    held_out = windows(ids, generator)
    loss = parts.causal_lm_loss.causal_lm_loss
    with torch.no_grad():
        whole, rounded = loss(model(held_out), held_out), loss(in_four_bits(parts, model)(held_out), held_out)
    print(f"loss in float32 {whole:.3f}, in 4 bits {rounded:.3f}")

    draft = GPT(parts, layers=1)
    train(parts, draft, ids, steps // 2, seed=1)
    tokens, stayed = speculate(parts, draft, model, story[:, :40].repeat(64, 1), 4, generator)
    print(f"of 4 guesses {stayed.float().mean():.1f} stay; the first round gives {tokens[0].tolist()}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
