"""Times and numbers as people write them."""

from __future__ import annotations

from grader.model.text import Lang


def clock_time(seconds: float) -> str:
    """Minutes and seconds, as `4:05`; with hours, `1:04:05`."""
    whole = max(0, round(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def long_time(seconds: float, lang: Lang) -> str:
    """Hours and minutes, as `1 h 25 min`; less than an hour as `25 min`."""
    hours, minutes = divmod(round(max(0.0, seconds) / 60), 60)
    hour, minute = (" 小时 ", " 分钟") if lang == "zh" else (" h ", " min")
    return f"{hours}{hour}{minutes:02}{minute}" if hours else f"{minutes}{minute}"


def number(value: float) -> str:
    """Five significant digits, with separators where the number is whole and long."""
    if value == round(value) and abs(value) < 1e15:
        return f"{round(value):,}"
    return f"{value:,.5g}" if 1e-3 <= abs(value) < 1e6 else f"{value:.5g}"


def percent(share: float) -> str:
    """A share as whole percent, without the sign; 0 and 100 only for exactly nothing and everything."""
    whole = round(100 * share)
    if 0 < share < 1:
        whole = min(max(whole, 1), 99)
    return str(whole)
