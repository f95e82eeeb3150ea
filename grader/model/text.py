"""Text in both languages of the product."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Self

Lang = Literal["en", "zh"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One text, in English and in Chinese."""

    en: str
    zh: str

    @classmethod
    def same(cls, text: str) -> Self:
        """What reads alike in both languages, such as the words of an exception."""
        return cls(en=text, zh=text)

    def get(self, lang: Lang) -> str:
        """The text in `lang`."""
        return self.zh if lang == "zh" else self.en

    def filled(self, **fields: object) -> Text:
        """The text with its `{placeholders}` filled; a field that is a Text fills each language with its own."""
        english = {name: field.en if isinstance(field, Text) else field for name, field in fields.items()}
        chinese = {name: field.zh if isinstance(field, Text) else field for name, field in fields.items()}
        return Text(en=self.en.format(**english), zh=self.zh.format(**chinese))


NOTHING = Text(en="", zh="")
