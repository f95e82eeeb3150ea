"""HTML -> PDF through a Chromium that is on the machine, without a network."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from grader.model.text import Text

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
MAC = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
TIMEOUT_S = 120


class PdfError(Exception):
    """Why there is no PDF, and what to do."""

    def __init__(self, english: str, chinese: str) -> None:
        super().__init__(english)
        self.reason = Text(en=english, zh=chinese)


def find_browser() -> str | None:
    """The first browser that can print; `VIVA_CHROMIUM` names another one."""
    named = os.environ.get("VIVA_CHROMIUM")
    if named:
        return shutil.which(named)
    return next((found for name in (*PROGRAMS, *MAC) if (found := shutil.which(name))), None)


def print_pdf(page: Path, target: Path) -> None:
    """Print the HTML file `page` to `target`. Raises PdfError."""
    browser = find_browser()
    if browser is None:
        raise _no_browser()
    with tempfile.TemporaryDirectory(prefix="viva-pdf-") as profile:
        command = [browser, "--headless", "--disable-gpu", "--no-pdf-header-footer", "--disable-dev-shm-usage"]
        command += [f"--user-data-dir={profile}", "--no-first-run", "--disable-extensions"]
        command += ["--host-resolver-rules=MAP * ~NOTFOUND"]  # the page needs no network, and gets none
        if hasattr(os, "geteuid") and os.geteuid() == 0:  # Chromium's own sandbox refuses root; the page is ours
            command.append("--no-sandbox")
        command += [f"--print-to-pdf={target.resolve()}", page.resolve().as_uri()]
        try:
            done = subprocess.run(command, capture_output=True, timeout=TIMEOUT_S, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise _did_not_print(browser, type(error).__name__) from error
    if done.returncode != 0 or not target.is_file():
        last = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:] or ["no message"]
        raise _did_not_print(browser, last[0][:200])


def lacks_chinese_font() -> bool:
    """Whether fontconfig knows no font with Chinese; where there is no fontconfig, nobody can tell so."""
    lister = shutil.which("fc-list")
    if lister is None:
        return False
    try:
        done = subprocess.run([lister, ":lang=zh-cn", "family"], capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and not done.stdout.strip()


def _no_browser() -> PdfError:
    named = os.environ.get("VIVA_CHROMIUM")
    if named:
        return PdfError(
            f"VIVA_CHROMIUM names {named}, which is no program", f"VIVA_CHROMIUM 指定的 {named} 不是可执行程序"
        )
    return PdfError(
        "no Chromium or Chrome was found; install one (Debian and Ubuntu: apt install chromium; Fedora: dnf install "
        "chromium; macOS: brew install --cask google-chrome), or name one in VIVA_CHROMIUM",
        "找不到 Chromium 或 Chrome；请安装（Debian、Ubuntu：apt install chromium；Fedora：dnf install chromium；"
        "macOS：brew install --cask google-chrome），或用 VIVA_CHROMIUM 指定",
    )


def _did_not_print(browser: str, why: str) -> PdfError:
    name = Path(browser).name
    return PdfError(f"{name} did not print ({why})", f"{name} 打印失败（{why}）")
