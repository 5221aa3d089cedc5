"""A real server with a sample community, and a real browser in front of it.

Playwright's own loop runs while its browser is open, and no other loop can run in that thread
then. So the browser lives for one module at a time, and what speaks to the server beside the
browser has a thread of its own.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from .place import Place, Visit
from .server import Server, serving

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
STATIC = Path(__file__).parents[2] / "chatserver" / "static" / "index.html"


def _needed(true: object, missing: str) -> None:
    """Skip with a reason; on the build machine nothing is skipped."""
    if true:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(missing)
    pytest.skip(missing)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """One server for all of this process's browser tests; each test makes people of its own."""
    _needed(CHROMIUM, "No Chromium on this machine: install the package `chromium`.")
    _needed(STATIC.is_file(), "The web client is not built: run `make web`.")
    with serving() as found:
        yield found


@pytest.fixture(scope="module")
def browser(server: Server) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def place(server: Server) -> Place:
    """People and rooms for one test."""
    return Place(server)


@pytest.fixture
def visit(server: Server, browser: Browser) -> Iterator[Callable[..., Visit]]:
    """Open the client as somebody. The test fails if a page complained of anything."""
    visits: list[Visit] = []

    def open_visit(token: str | None = None, **options: Any) -> Visit:
        visits.append(Visit(browser, server.url, token, **options))
        return visits[-1]

    yield open_visit
    complaints = [complaint for visit in visits for complaint in visit.complaints]
    for one in visits:
        one.close()
    assert complaints == []
