"""A real browser for tests: the machine's own Chromium, or Debian's package, and no other.

Nothing that Chromium does of its own accord may leave the machine: what is not on it does not resolve.
"""

import contextlib
import shutil
from collections.abc import Iterator

from playwright.sync_api import Browser, sync_playwright

from tests.servers.debian import without

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox",  # root has none, and only our own pages are opened
    "--disable-dev-shm-usage",  # containers often have little shared memory
    "--disable-component-update",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


def missing() -> str:
    """Why there is no Chromium to be had, "" where there is."""
    return "" if _found() else without(NAMES[0], "chromium")


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """A running browser without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_found(), args=[*ARGUMENTS])
        try:
            yield browser
        finally:
            browser.close()


def _found() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)
