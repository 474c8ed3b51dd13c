"""A running demo and a browser."""

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from labeling.demo.people import PASSWORD
from tests.loop.stack import Stack

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SignIn = Callable[..., Page]

# Playwright's synchronous API runs inside an event loop, which Django takes for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
# All processes and the browser may share two busy cores: patience costs only a test that fails.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """All processes with the demo project, on SQLite and the embedded broker.

    Nobody is given an own earlier item again, which would happen by chance. Webhooks may call
    this machine.
    """
    with Stack.start("sqlite") as running:
        code = "from labeling.models import Project; Project.objects.update(repeat_rate=0.0)"
        running.manage("shell", "-v0", "-c", code)
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium as the system has it."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("there is no Chromium on this computer")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield running
        running.close()


@pytest.fixture
def sign_in(stack: Stack, browser: Browser) -> Iterator[SignIn]:
    """Sign a demo person in by the form, in a context of that person's own."""
    contexts = []

    def do(username: str, **options: object) -> Page:
        context = browser.new_context(base_url=stack.web, **options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.goto("/")
        page.get_by_label("Username").fill(username)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page).not_to_have_url(f"{stack.web}/sign-in/")
        return page

    yield do
    for context in contexts:
        context.close()
