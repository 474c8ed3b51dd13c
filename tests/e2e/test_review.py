"""Two annotators disagree, a reviewer decides, all by keyboard; the Quality page shows it."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.conftest import SignIn
from tests.e2e.test_accessibility import PHONE, RULES
from tests.loop.stack import Stack, await_value

pytestmark = pytest.mark.browser
SLUG = "disputes"
PROJECT = f"/p/{SLUG}"
TITLES = ["Serving a vision model", "Serving a vision model on a phone", "A talk about talks"]
PRESS_AS_SOON_AS_ANOTHER_SHOWS = """(key) => {
  const shown = document.getElementById("case-title");
  new MutationObserver((_, observer) => {
    if (document.getElementById("case-title") === shown) return;
    observer.disconnect();
    document.documentElement.dataset.pressed = key;
    const press = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
    document.body.dispatchEvent(press);
  }).observe(document.getElementById("main"), { childList: true, subtree: true });
}"""


@pytest.fixture(scope="module", autouse=True)
def _project(stack: Stack) -> None:
    """A project of three items, with two annotators, a reviewer and a manager."""
    stack.manage(
        *("shell", "-v0", "-c"),
        "from accounts.models import User; from labeling.intake import add_items; "
        "from labeling.models import *; from labeling.projects import *; "
        "from labeling.readers import Row; who = User.objects.get; "
        f"p = create_project(user=who(username='maya'), name='Disputes', slug='{SLUG}', "
        "labels=[NewLabel('vision'), NewLabel('operations'), NewLabel('neither')], "
        "guideline='Look at the work, not at the subject.'); "
        "Project.objects.filter(pk=p.pk).update(gold_first=0, gold_rate=0, repeat_rate=0, "
        "max_looks=2); "
        "[Membership.objects.create(project=p, user=who(username=n), role=r) for n, r in "
        "(('ana', 'annotator'), ('ben', 'annotator'), ('ravi', 'reviewer'))]; "
        "add_items(project=p, user=who(username='maya'), source='x', rows=[Row(number=n, "
        "external_id=str(n), title=t, body='Text', label='', split='pool') "
        f"for n, t in enumerate({TITLES!r})])",
    )


def label(page: Page, keys: dict[str, str]) -> None:
    """Answer each item by the key that stands for its title."""
    page.goto(f"{PROJECT}/label/")
    title = page.locator("#look .item-title")
    for _ in keys:
        shown = title.inner_text()
        page.keyboard.press(keys[shown])
        expect(page.locator("#look").get_by_text(shown, exact=True)).to_have_count(0)
    kept = "Object.keys(localStorage).some((name) => name.startsWith('tagloop:act:'))"
    await_value(lambda: not page.evaluate(kept), "the answers to be sent", patience=20)


def figures(page: Page) -> dict[str, str]:
    """Return the figures of the Quality page by their names."""
    page.goto(f"{PROJECT}/quality/")
    names = page.locator(".figures dt").all_inner_texts()
    values = page.locator(".figures .figure-value").all_inner_texts()
    return {name.strip(): value.strip() for name, value in zip(names, values, strict=True)}


def agreement_of(page: Page, person: str) -> str:
    """Return how often a person agrees with the items' labels, as the Quality page says."""
    page.goto(f"{PROJECT}/quality/")
    row = page.locator("#annotators tr").filter(has_text=person)
    return row.first.locator("td").nth(3).locator("a").inner_text().strip()


def test_from_the_dispute_to_the_quality_page(sign_in: SignIn) -> None:
    first, second, third = TITLES
    ana, ben, ravi, maya = (sign_in(name) for name in ("ana", "ben", "ravi", "maya"))
    # Never the same key twice in a row: that would be taken for a double press.
    label(ana, {first: "1", second: "2", third: "3"})
    label(ben, {first: "2", second: "1", third: "3"})
    before = figures(maya)
    assert (before["Wait for a reviewer"], before["Labeled"]) == ("2", "1")
    assert agreement_of(maya, "ben") == "1.00"

    ravi.goto(f"{PROJECT}/")
    ravi.keyboard.press("g")
    ravi.keyboard.press("r")
    case = ravi.locator("#case-title")
    expect(case).to_have_text(first)
    assert not re.search("ana|ben", ravi.locator("#review").inner_text(), re.IGNORECASE)
    ravi.keyboard.press("c")
    ravi.keyboard.type("The camera is what it is about, 2 or not")
    ravi.keyboard.press("Escape")
    ravi.keyboard.press("1")
    expect(case).to_have_text(second)
    said = ravi.locator(".outcome")
    expect(said).to_contain_text("Resolved as vision")
    expect(said).to_contain_text(re.compile(r"Ana said the same\s*Ben said operations"))
    expect(ravi.locator("#rail-review-count")).to_have_text(re.compile("^1"))
    expect(ravi.locator(".near a")).to_have_text(first)

    after = figures(maya)
    assert (after["Wait for a reviewer"], after["Labeled"]) == ("1", "2")
    assert (agreement_of(maya, "ana"), agreement_of(maya, "ben")) == ("1.00", "0.50")

    take_back_and_put_out_of_scope(ravi, first, second)
    maya.goto(f"{PROJECT}/items/?status=out_of_scope")
    expect(maya.locator("[data-open]")).to_have_text(first)
    reopen(maya, "It is about cameras after all")
    ravi.goto(f"{PROJECT}/review/")
    expect(ravi.locator("#case")).to_contain_text("It is about cameras after all")
    assert figures(maya)["Wait for a reviewer"] == "2"


def take_back_and_put_out_of_scope(page: Page, first: str, second: str) -> None:
    """Undo by `z`, then decide the same case by `o`."""
    case = page.locator("#case-title")
    page.keyboard.press("z")
    expect(case).to_have_text(first)
    expect(page.locator("textarea[name=comment]")).to_have_value(re.compile("The camera"))
    page.keyboard.press("o")
    expect(case).to_have_text(second)
    expect(page.locator(".outcome")).to_contain_text("Put out of scope")


def reopen(page: Page, reason: str) -> None:
    """Reopen the decision on the first item of a list, with a reason."""
    page.locator("[data-open]").first.click()
    page.get_by_text("Reopen the decision").click()
    page.get_by_label("Why it should not stand").fill(reason)
    page.get_by_role("button", name="Reopen").click()
    expect(page.get_by_text("Reopened: the item waits for a reviewer again.")).to_be_visible()
    expect(page.locator("#history")).to_contain_text(reason)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_before_and_after_a_decision(sign_in: SignIn, scheme: str) -> None:
    page = sign_in("ravi")
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto("/p/ml-content/review/")
    case = page.locator("#case-title")
    title = case.inner_text()
    page.keyboard.press("1")
    expect(case).not_to_have_text(title)
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()
    page.keyboard.press("z")
    expect(case).to_have_text(title)
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()


def test_on_a_phone_it_is_decided_and_taken_back(sign_in: SignIn) -> None:
    page = sign_in("ravi", viewport=PHONE, has_touch=True, is_mobile=True)
    page.goto("/p/ml-content/review/")
    case = page.locator("#case-title")
    title = case.inner_text()
    page.locator("#case .label-button").first.tap()
    expect(case).not_to_have_text(title)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.get_by_role("button", name="Undo").tap()
    expect(case).to_have_text(title)


def test_the_keys_of_the_page_are_listed(sign_in: SignIn) -> None:
    page = sign_in("ravi")
    page.goto("/p/ml-content/review/")
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    for words in ("Back for another look", "Out of scope", "Ask a model", "Write a comment"):
        expect(keys).to_contain_text(words)


def test_a_key_opens_the_proposal_and_writes_in_it(sign_in: SignIn) -> None:
    page = sign_in("ravi")
    page.goto("/p/ml-content/review/")
    page.keyboard.press("p")
    page.keyboard.type("Say what a phone is")
    expect(page.locator(".propose textarea")).to_have_value("Say what a phone is")


def test_a_key_in_the_moment_a_case_shows_decides_it_without_a_new_page(sign_in: SignIn) -> None:
    page = sign_in("ravi")
    page.goto("/p/ml-content/review/")
    title = page.locator("#case-title").inner_text()
    page.evaluate(PRESS_AS_SOON_AS_ANOTHER_SHOWS, "o")
    page.keyboard.press("1")
    expect(page.locator(".outcome")).to_contain_text("Put out of scope")
    assert page.evaluate("document.documentElement.dataset.pressed") == "o"
    for _ in range(2):
        page.keyboard.press("z")
        expect(page.locator(".outcome")).to_contain_text("Taken back")
        page.goto("/p/ml-content/review/")
    expect(page.locator("#case-title")).to_have_text(title)
