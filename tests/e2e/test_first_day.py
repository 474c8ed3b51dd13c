"""The loop as people walk it: label by keyboard, decide, retrain, approve, tag, label the doubt."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import SignIn

pytestmark = pytest.mark.browser
PROJECT = "/p/ml-content"
POLL, A_WHILE = 500, 90_000


def done_today(page: Page) -> int:
    """Return the count in the head of the label page."""
    return int(page.locator(".look-pace b").first.inner_text())


def open_models(page: Page) -> None:
    """Go to the models page by keyboard."""
    page.goto(f"{PROJECT}/")
    page.keyboard.press("g")
    page.keyboard.press("m")
    expect(page.get_by_role("heading", name="Models", exact=True)).to_be_visible()


def test_first_day(sign_in: SignIn) -> None:
    """From five labels by keyboard to a live model whose doubt comes back."""
    ana = sign_in("ana")
    label_five(ana)
    decide_one(sign_in("ravi"))
    maya = sign_in("maya")
    retrain(maya)
    let_doubts_come_first(maya)
    approve(maya)
    doubt = tag_something_unclear(maya)
    see_it_come_back(ana, doubt)


def label_five(page: Page) -> None:
    """Label by keyboard, take one back, and label it again."""
    page.goto(f"{PROJECT}/label/")
    before = done_today(page)
    for key in "12341":
        title = page.locator(".item-title").inner_text()
        page.keyboard.press(key)
        expect(page.locator(".item-title")).not_to_have_text(title)
    assert done_today(page) == before + 5
    page.keyboard.press("z")
    expect(page.locator(".item-title")).to_have_text(title)
    page.keyboard.press("2")
    expect(page.locator(".item-title")).not_to_have_text(title)
    assert done_today(page) == before + 5


def decide_one(page: Page) -> None:
    """Decide the first disagreement by one key; the next case is there."""
    page.goto(f"{PROJECT}/review/")
    case = page.locator(".item-card .item-title")
    title = case.inner_text()
    page.keyboard.press("1")
    expect(case).not_to_have_text(title)


def retrain(page: Page) -> None:
    """Press Retrain and watch the run to its end."""
    open_models(page)
    page.get_by_role("button", name="Retrain").click()
    expect(page.get_by_role("heading", name=re.compile(r"Run \d+"))).to_be_visible()
    expect(page.locator("#main").get_by_text("succeeded").first).to_be_visible(timeout=A_WHILE)


def let_doubts_come_first(page: Page) -> None:
    """Keep the new champion from filling the queue with what teaches it most."""
    page.goto(f"{PROJECT}/models/next/")
    page.get_by_label("Choose anew whenever another model becomes champion").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Choose anew whenever")).not_to_be_checked()


def approve(page: Page) -> None:
    """Read the evaluation of the linear model, compare it with the other, and approve it."""
    open_models(page)
    row = page.get_by_role("row").filter(has_text="linear").first
    row.get_by_role("link", name=re.compile(r"model \d+")).click()
    expect(page.locator("table").filter(has_text="Macro mean")).to_be_visible()
    page.get_by_role("link", name="Compare", exact=True).click()
    expect(page.get_by_role("heading", name="Where they differ")).to_be_visible()
    expect(page.locator("table").filter(has_text="Macro F1")).to_contain_text("keywords")
    page.go_back()
    page.locator("textarea[name=comment], input[name=comment]").first.fill("The figures hold.")
    page.get_by_role("button", name=re.compile("Approve model")).click()
    expect(page.locator("#main").get_by_text("champion").first).to_be_visible()


def tag_something_unclear(page: Page) -> str:
    """Ask the serving process, by the Try it form, until it has the model; return the text."""
    title = "Notes on a talk that could have been about anything"
    page.goto(f"{PROJECT}/rollout/")
    # So high that no text is clear enough, whatever the model has learned.
    page.get_by_label("Accept from confidence").fill("0.99")
    page.get_by_role("button", name="Set", exact=True).click()
    form = page.locator("form").filter(has=page.get_by_role("button", name="Tag", exact=True))
    form.get_by_label("Title").fill(title)
    result = page.locator("#try-result")
    for _ in range(40):
        with page.expect_response("**/rollout/try/"):
            form.get_by_role("button", name="Tag", exact=True).click()
        page.wait_for_timeout(POLL)
        if "goes to a person" in result.inner_text():
            break
    expect(result.locator(".probabilities li")).to_have_count(4)
    expect(result).to_contain_text("goes to a person")
    return title


def see_it_come_back(page: Page, title: str) -> None:
    """The unsure one stands first on the label page, with its suggestion; Enter takes it."""
    page.goto(f"{PROJECT}/label/")
    page.keyboard.press("1")  # the item that was held already
    for _ in range(30):
        page.reload()
        if page.locator(".item-title").inner_text() == title:
            break
        page.keyboard.press("1")
        page.wait_for_timeout(POLL)
    expect(page.locator(".item-title")).to_have_text(title)
    expect(page.locator(".suggestion")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator(".item-title")).not_to_have_text(title)
