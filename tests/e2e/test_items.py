"""The list of items in a browser: select, delete, and take it back."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.e2e.conftest import SignIn

pytestmark = pytest.mark.browser


def test_delete_and_undo(sign_in: SignIn) -> None:
    page = sign_in("maya")
    page.goto("/p/ml-content/items/")
    title = page.locator("[data-open]").first.inner_text()
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("[data-bulk-count]")).to_have_text("1")
    page.get_by_role("button", name="Delete…").click()
    expect(page.locator("#main")).to_contain_text("1 item.")
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.locator("[data-open]").first).not_to_have_text(title)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("[data-open]").first).to_have_text(title)


def test_assign_and_let_anyone_have_it_again(sign_in: SignIn) -> None:
    page = sign_in("maya")
    for choose in ("Assign to members", "Let anyone have them again"):
        page.goto("/p/ml-content/items/?status=waiting")
        page.keyboard.press("j")
        page.keyboard.press("x")
        page.get_by_role("button", name="Assign…").click()
        expect(page.locator("#main")).to_contain_text("1 item.")
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        if choose == "Assign to members":
            page.get_by_role("checkbox", name="maya").check()
        page.get_by_role("button", name=choose).click()
        page.locator("[data-open]").first.click()
        expect(page.get_by_text("Kept for")).to_have_count(int(choose == "Assign to members"))
