"""The reference of bpe_tokenizer against Hugging Face's tokenizers, which break ties by IDs as the statement does.

A byte is handed to the library as the character of that number (Latin-1), so that its IDs are the byte values, too.
"""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

ROOT = Path(__file__).resolve().parents[2]
OURS = runpy.run_path(str(ROOT / "reference" / "bpe_tokenizer" / "solution.py"))


def trained(text: bytes, vocab_size: int) -> Any:
    """The library's tokenizer, with all bytes as its alphabet and pieces that begin with a space."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_next")
    characters = [chr(value) for value in range(256)]
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size, min_frequency=2, initial_alphabet=characters, show_progress=False
    )
    tokenizer.train_from_iterator([text.decode("latin-1")], trainer)
    return tokenizer


def draw(rng: np.random.Generator, letters: int, size: int) -> bytes:
    """Bytes of a small alphabet, and spaces."""
    alphabet = [*rng.permutation(256)[:letters], 32]
    return bytes(rng.choice(np.array(alphabet, np.uint8), size))


@pytest.mark.parametrize("letters", [1, 2, 3, 8, 60])
@pytest.mark.parametrize("seed", range(8))
def test_the_library_learns_and_applies_the_same_merges(seed: int, letters: int) -> None:
    """Vocabulary, IDs of the text itself, and IDs of data that was not trained on."""
    rng = np.random.default_rng(seed)
    alphabet = draw(rng, letters, 3000)
    text, vocab_size = alphabet[: int(rng.integers(1, 1500))], int(rng.integers(256, 340))
    library, merges = trained(text, vocab_size), OURS["train_bpe"](text, vocab_size)
    spelled = {OURS["decode"]([i], merges).decode("latin-1"): i for i in range(256 + len(merges))}
    assert library.get_vocab() == spelled
    for data in (text, alphabet[1500:], bytes(range(256))):
        ids = OURS["encode"](data, merges)
        assert library.encode(data.decode("latin-1")).ids == ids
        assert OURS["decode"](ids, merges) == data
