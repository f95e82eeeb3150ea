"""Charts of guides and reports as inline SVG, written by hand: a page stays small, sharp in print and without scripts.

Every text that comes from outside is escaped here. Lengths are in the units of the SVG's own view box.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.model.session import Session
from grader.model.text import Lang
from grader.report.session_page import phrase

if TYPE_CHECKING:
    from markupsafe import Markup

INK, SOFT, LINE, ACCENT, PALE = "#1c2127", "#5d6670", "#d9dde2", "#1f5fa8", "#c9dcf2"
WIDTH = 900
_KIND_COLOURS = {"code": "#1f5fa8", "open": "#3f8f6b", "bug": "#8a5aa8", "debugging": "#2f8f9d"}
_OTHER_COLOUR = "#c08a2e"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One row of a chart: a name, a share from 0 to 1 (None: unknown) and its range."""

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None


def timeline(session: Session, lang: Lang) -> Markup:
    """The interview as one band of coloured blocks, each with its question's number; minutes below."""
    total = max(session.minutes, session.opening + session.planned + session.closing)
    scale = WIDTH / total
    parts, at = [], session.opening
    parts.append(_block(0, session.opening * scale, LINE, ""))
    for question in session.questions:
        colour = _KIND_COLOURS.get(question.shown_kind, _OTHER_COLOUR)
        parts.append(_block(at * scale, question.minutes * scale, colour, str(question.number)))
        at += question.minutes
    parts.append(_block((total - session.closing) * scale, session.closing * scale, LINE, ""))
    step = 5 if total <= 60 else 10 if total <= 150 else 30
    ticks = [
        _text(minute * scale, 56, str(minute), anchor=_anchor(minute, total)) for minute in range(0, total + 1, step)
    ]
    label = phrase("timeline", lang)
    return _svg(62, "".join(parts + ticks), label)


def range_chart(bars: Sequence[Bar], label: str) -> Markup:
    """One line per name: a dot at its share and a bar over its range, on a scale from 0 to 100 %."""
    left, right, height = 210, WIDTH - 60, 24
    width = right - left
    bottom = len(bars) * height + 8
    parts = [_grid(left, width, bottom)]
    for row, bar in enumerate(bars):
        y = row * height + 20
        parts.append(_text(left - 12, y + 4, bar.name, anchor="end", limit=22))
        if bar.low is not None and bar.high is not None:
            begin, length = left + bar.low * width, max((bar.high - bar.low) * width, 1)
            parts.append(f'<rect x="{begin:.1f}" y="{y - 5}" width="{length:.1f}" height="10" rx="5" fill="{PALE}"/>')
        if bar.value is not None:
            x = left + bar.value * width
            parts.append(f'<circle cx="{x:.1f}" cy="{y}" r="5" fill="{ACCENT}"/>')
            parts.append(_text(right + 12, y + 4, f"{100 * bar.value:.0f}%"))
    return _svg(bottom + 26, "".join(parts), label)


def bar_chart(bars: Sequence[Bar], label: str) -> Markup:
    """One horizontal bar per name on a scale from 0 to 100 %; `low` is drawn as a mark, such as everybody's mean."""
    left, right, height = 300, WIDTH - 60, 26
    width = right - left
    parts = []
    for row, bar in enumerate(bars):
        y = row * height + 4
        parts.append(_text(left - 12, y + 14, bar.name, anchor="end", limit=34))
        parts.append(f'<rect x="{left}" y="{y}" width="{width}" height="18" rx="3" fill="#eef0f3"/>')
        if bar.value is not None:
            parts.append(
                f'<rect x="{left}" y="{y}" width="{max(bar.value * width, 1):.1f}" height="18" rx="3" fill="{ACCENT}"/>'
            )
            parts.append(_text(right + 12, y + 14, f"{100 * bar.value:.0f}%"))
        if bar.low is not None:
            x = left + bar.low * width
            parts.append(
                f'<line x1="{x:.1f}" y1="{y - 2}" x2="{x:.1f}" y2="{y + 20}" stroke="{INK}" stroke-width="2"/>'
            )
    return _svg(len(bars) * height + 6, "".join(parts), label)


def heat_map(
    names: Sequence[str], columns: Sequence[str], cells: Sequence[Sequence[float | None]], label: str
) -> Markup:
    """A cell per name and column, the darker the nearer to 1, with its figure; empty where nothing is known."""
    left, top, height = 210, 26, 24
    width = min(90.0, (WIDTH - left) / max(1, len(columns)))
    parts = [_text(left + (n + 0.5) * width, 16, column, anchor="middle", limit=10) for n, column in enumerate(columns)]
    for row, name in enumerate(names):
        y = top + row * height
        parts.append(_text(left - 12, y + 16, name, anchor="end", limit=22))
        drawn = (_cell(left + column * width, y, width, height, value) for column, value in enumerate(cells[row]))
        parts.append(f"<g>{''.join(drawn)}</g>")
    return _svg(top + len(names) * height + 4, "".join(parts), label)


def histogram(values: Sequence[float], label: str) -> Markup:
    """How many of the shares fall into each tenth from 0 to 100 %."""
    counts = [0] * 10
    for value in values:
        counts[min(9, int(value * 10 + 1e-9))] += 1
    most = max([*counts, 1])
    width, parts = WIDTH / 10, []
    for tenth, count in enumerate(counts):
        size = 120 * count / most
        x, y = tenth * width, 140 - size
        parts.append(
            f'<rect x="{x + 3:.1f}" y="{y:.1f}" width="{width - 6:.1f}" height="{size:.1f}" rx="3" fill="{ACCENT}"/>'
        )
        if count:
            parts.append(_text(x + width / 2, y - 6, str(count), anchor="middle"))
        parts.append(_text(x + width / 2, 158, f"{10 * tenth}–{10 * tenth + 10}%", anchor="middle", colour=SOFT))
    parts.append(f'<line x1="0" y1="140" x2="{WIDTH}" y2="140" stroke="{LINE}"/>')
    return _svg(168, "".join(parts), label)


def _cell(x: float, y: float, width: float, height: float, value: float | None) -> str:
    box = f'<rect x="{x + 1:.1f}" y="{y + 1}" width="{width - 2:.1f}" height="{height - 2}" rx="3"'
    if value is None:
        return f'{box} fill="#fff" stroke="{LINE}"/>'
    share = min(max(value, 0.0), 1.0)
    red, green, blue = (round(255 + (dark - 255) * (0.08 + 0.92 * share)) for dark in (31, 95, 168))
    figure = _text(x + width / 2, y + 16, f"{100 * value:.0f}", anchor="middle", colour="#fff" if share > 0.5 else INK)
    return f'{box} fill="rgb({red},{green},{blue})"/>{figure}'


def _grid(left: float, width: float, bottom: float) -> str:
    parts = []
    for share in (0, 25, 50, 75, 100):
        x = left + width * share / 100
        parts.append(f'<line x1="{x:.1f}" y1="4" x2="{x:.1f}" y2="{bottom}" stroke="{LINE}"/>')
        parts.append(_text(x, bottom + 16, f"{share}%", anchor="middle", colour=SOFT))
    return "".join(parts)


def _block(x: float, width: float, colour: str, label: str) -> str:
    if width <= 0:
        return ""
    box = f'<rect x="{x + 1:.1f}" y="4" width="{max(width - 2, 1):.1f}" height="34" rx="4" fill="{colour}"/>'
    return box + (_text(x + width / 2, 26, label, anchor="middle", colour="#fff", weight=600) if label else "")


def _anchor(minute: int, total: int) -> str:
    if minute == 0:
        return "start"
    return "end" if minute == total else "middle"


def _text(
    x: float, y: float, text: str, *, anchor: str = "start", colour: str = INK, limit: int = 60, weight: int = 400
) -> str:
    full, shown = text, text if _cells(text) <= limit else _cut(text, limit)
    title = f"<title>{html.escape(full)}</title>" if shown != full else ""
    style = f'font-size="13" text-anchor="{anchor}" fill="{colour}" font-weight="{weight}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{html.escape(shown)}{title}</text>'


def _cells(text: str) -> int:
    from rich.cells import cell_len

    return cell_len(text)


def _cut(text: str, limit: int) -> str:
    while text and _cells(text) > limit - 1:
        text = text[:-1]
    return text + "…"


def _svg(height: float, body: str, label: str) -> Markup:
    from markupsafe import Markup

    head = f'<svg viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-label="{html.escape(label)}">'
    return Markup(f"{head}{body}</svg>")  # noqa: S704 - every text in it was escaped above
