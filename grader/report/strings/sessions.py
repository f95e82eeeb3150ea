"""What interview sessions, guides and their reports say."""

from __future__ import annotations

from collections.abc import Mapping

from grader.model.text import Text

STRINGS: Mapping[str, Text] = {}
