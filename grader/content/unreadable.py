"""An answer that says nothing yet: the person is asked once more, and nothing is counted."""

from __future__ import annotations

from grader.model.text import Text


class UnreadableAnswer(Exception):
    """The answer cannot be read; `key` and `fields` name the sentence of the catalogue that says why."""

    def __init__(self, key: str, **fields: str | Text) -> None:
        super().__init__(key)
        self.key = key
        self.fields = fields
