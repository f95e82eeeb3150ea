"""HTML -> PDF through a Chromium that is on the machine, without a network."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
MAC = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
TIMEOUT_S = 120


class PdfError(Exception):
    """Why there is no PDF."""


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
        raise PdfError("no Chromium or Chrome was found (install `chromium`, or name one in VIVA_CHROMIUM)")
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
            raise PdfError(f"{Path(browser).name} did not print ({type(error).__name__})") from error
    if done.returncode != 0 or not target.is_file():
        last = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:] or ["no message"]
        raise PdfError(f"{Path(browser).name} did not print ({last[0][:200]})")
