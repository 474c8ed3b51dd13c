"""A manager trains with parameters of their own, watches it, and looks at what it learned from."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.conftest import SignIn
from tests.e2e.test_accessibility import RULES

pytestmark = pytest.mark.browser
PATIENCE = 300_000


def test_a_run_is_started_watched_and_read(sign_in: SignIn) -> None:
    page = sign_in("maya")
    page.goto("/p/ml-content/runs/new/")
    page.get_by_label("Linear (TF-IDF)", exact=True).uncheck()
    page.get_by_text("Parameters of Keyword rules").click()
    page.get_by_label("Words per label").fill("60")
    page.get_by_role("button", name="Start the run").click()

    expect(page.get_by_role("heading", name=re.compile(r"Run \d+"))).to_be_visible()
    expect(page.get_by_text("Done", exact=True)).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("region", name="Log")).to_contain_text("keywords: temperature")
    expect(page.get_by_role("link", name="Start one like it")).to_be_visible()
    no_violations(page)

    page.get_by_role("link", name=re.compile(r"^snapshot \d+$")).click()
    expect(page.get_by_role("heading", name=re.compile(r"^Snapshot \d+$"))).to_be_visible()
    no_violations(page)
    with page.expect_download() as started:
        page.get_by_role("link", name="JSON lines").click()
    assert started.value.suggested_filename.endswith(".jsonl")


def no_violations(page: Page) -> None:
    """Fail on anything that axe finds on the page as it stands."""
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()
