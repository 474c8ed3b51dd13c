"""A change of the guideline reaches those who label, and stands in nobody's way."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import SignIn

pytestmark = pytest.mark.browser


def test_the_change_is_read_beside_the_work_and_put_away_by_a_key(sign_in: SignIn) -> None:
    manager = sign_in("maya")
    manager.goto("/p/ml-content/settings/#guideline")
    text = manager.locator("#guideline textarea[name=text]")
    text.fill(f"{text.input_value()}\nA notebook is no tool.")
    manager.get_by_label("What changed, and why").fill("Notebooks were unclear")
    manager.get_by_role("button", name="Publish as version").click()
    expect(manager.locator("#guideline")).to_contain_text("A notebook is no tool.")

    page = sign_in("ana")
    page.goto("/p/ml-content/label/")
    news = page.locator("#guideline-news")
    expect(news.locator("ins").last).to_have_text("A notebook is no tool.")
    expect(news).to_contain_text("Notebooks were unclear")
    title = page.locator("#look .item-title")
    expect(title).to_be_visible()
    first = title.inner_text()
    page.keyboard.press("1")
    expect(title).not_to_have_text(first)
    expect(news).to_be_visible()
    page.keyboard.press("Shift+G")
    expect(news).to_have_count(0)
    page.keyboard.press("z")
    expect(title).to_have_text(first)
    page.reload()
    expect(title).to_be_visible()
    expect(news).to_have_count(0)
