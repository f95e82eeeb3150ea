"""Printing through a browser that may not be there, or may not print."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from grader.report.session_pdf import PdfError, lacks_chinese_font, print_pdf


def program(folder: Path, name: str, body: str) -> Path:
    """A shell script in place of a browser."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.html"
    path.write_text("<p>x</p>")
    return path


def reason(page: Path) -> PdfError:
    with pytest.raises(PdfError) as caught:
        print_pdf(page, page.with_suffix(".pdf"))
    assert caught.value.reason.zh
    return caught.value


def test_no_browser(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What to install is said for each system, in both languages."""
    monkeypatch.delenv("VIVA_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    found = reason(page).reason
    for text in (found.en, found.zh):
        assert "apt install chromium" in text
        assert "VIVA_CHROMIUM" in text


def test_a_browser_that_was_named_and_is_not_there(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name that was given is told, and no other browser is taken."""
    monkeypatch.setenv("VIVA_CHROMIUM", "no-such-browser")
    assert "no-such-browser" in reason(page).reason.en


def test_a_browser_that_fails(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its last line is the reason; an exit status of 0 without a file is a failure too."""
    monkeypatch.setenv("VIVA_CHROMIUM", str(program(tmp_path, "broken", "echo first >&2; echo no display >&2; exit 3")))
    assert "no display" in reason(page).reason.en
    monkeypatch.setenv("VIVA_CHROMIUM", str(program(tmp_path, "idle", "exit 0")))
    assert "did not print" in reason(page).reason.en


def test_fonts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a fontconfig that knows no Chinese font is a reason to warn."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not lacks_chinese_font()
    program(tmp_path, "fc-list", "exit 0")
    assert lacks_chinese_font()
    program(tmp_path, "fc-list", "echo Noto Sans CJK SC")
    assert not lacks_chinese_font()
