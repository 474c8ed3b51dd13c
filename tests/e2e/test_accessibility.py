"""Every page: nothing that axe finds, no error in the console, no sideways scrolling on a phone."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.e2e.conftest import SignIn

pytestmark = pytest.mark.browser
PAGES = (
    *("", "label/", "review/", "items/", "quality/", "models/", "rollout/", "monitor/"),
    *("settings/", "guideline/", "items/import/", "items/deleted/"),
    *("quality/agreement/", "quality/confusion/", "quality/worst/"),
    *("runs/", "runs/new/", "snapshots/"),
    *("models/gate/", "models/next/", "rollout/batches/new/", "rollout/promise/"),
    *("predictions/", "monitor/online/", "monitor/drift/", "monitor/triggers/"),
    *("monitor/routing/", "monitor/links/", "settings/webhooks/", "rollout/batches/file/"),
)
ADDRESSES = (*(f"/p/ml-content/{page}" for page in PAGES), "/projects/", "/account/", "/keys/")
PHONE = {"width": 390, "height": 844}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}


@pytest.fixture
def console(sign_in: SignIn) -> tuple[Page, list[str]]:
    """A manager's page, and what its console complains about."""
    page, complaints = sign_in("maya"), list[str]()
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    return page, complaints


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(console: tuple[Page, list[str]], scheme: str) -> None:
    page, complaints = console
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    for path in ADDRESSES:
        page.goto(path)
        found = Axe().run(page, options=RULES)
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"
    assert complaints == []


def test_nothing_overflows_on_a_phone(console: tuple[Page, list[str]]) -> None:
    page, _ = console
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    for path in ADDRESSES:
        page.goto(path)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{path} is {wide} px too wide"
