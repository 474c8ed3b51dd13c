"""The label page as an annotator uses it: keys, phone, a lost connection, two tabs."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import SignIn
from tests.e2e.test_accessibility import PHONE, RULES
from tests.loop.stack import Stack, await_value

pytestmark = pytest.mark.browser
LABEL = "/p/ml-content/label/"
MANY = 77


@pytest.fixture(autouse=True)
def _nothing_held(stack: Stack) -> None:
    """Give back what the browsers of earlier tests held: they are gone, but their leases run on."""
    ask(
        stack,
        "from labeling.queue import release_look; [release_look(project=a.project, "
        "user=a.annotator, assignment_id=a.pk, token=a.token) for a in "
        "Assignment.objects.filter(state='leased')]",
    )


def open_label(page: Page, url: str = LABEL) -> str:
    """Open the label page and return the title of the item on it."""
    page.goto(url)
    return title(page)


def title(page: Page) -> str:
    """Return the title of the item on screen."""
    return page.locator("#look .item-title").inner_text()


def next_after(page: Page, before: str) -> str:
    """Wait until another item is on screen, and return its title."""
    expect(page.locator("#look .item-title")).not_to_have_text(before)
    return title(page)


def nothing_kept(page: Page) -> None:
    """Wait until the server has answered everything that was sent."""
    kept = "Object.keys(localStorage).some((name) => name.startsWith('tagloop:act:'))"
    await_value(lambda: not page.evaluate(kept), "the answers to be sent", patience=20)


def ask(stack: Stack, code: str) -> str:
    """Return what a line of Python prints inside the project's own shell."""
    return stack.manage("shell", "-v0", "-c", f"from labeling.models import *; {code}")


def answers_to(stack: Stack, item: str) -> str:
    """Return ana's live answers to an item as `label note flagged` lines."""
    return ask(
        stack,
        "[print(a.label, a.note, a.flagged) for a in "
        f"Annotation.objects.current().filter(item__title={item!r}, annotator__username='ana')]",
    )


def test_a_gold_item_is_followed_by_its_label_where_wanted(sign_in: SignIn, stack: Stack) -> None:
    rules = "update(gold_first={}, gold_rate=0.0, gold_show={})"
    ask(stack, f"Project.objects.filter(slug='ml-content').{rules.format(100, True)}")
    page = sign_in("ana")
    first = open_label(page)
    page.keyboard.press("4")
    next_after(page, first)
    told = page.locator("#toasts .toast").first
    expect(told).to_contain_text("this was a gold item, and its label is")
    ask(stack, f"Project.objects.filter(slug='ml-content').{rules.format(0, False)}")


def test_by_keyboard_alone(sign_in: SignIn, stack: Stack) -> None:
    page = sign_in("ana")
    first = open_label(page)
    page.keyboard.press("n")
    page.keyboard.type("not 1 sure")
    page.keyboard.press("Escape")
    page.keyboard.press("f")
    expect(page.locator("[data-flag]")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("2")
    second = next_after(page, first)
    nothing_kept(page)
    assert answers_to(stack, first) == "computer-vision not 1 sure True"
    expect(page.locator("[data-flag]")).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("s")
    expect(page.get_by_role("dialog", name="Skip this item")).to_be_visible()
    page.keyboard.press("1")
    third = next_after(page, second)
    page.keyboard.press("3")
    next_after(page, third)
    nothing_kept(page)
    page.keyboard.press("Shift+Z")
    answers = page.locator(".last-answers li")
    expect(answers).not_to_have_count(0)
    expect(answers.nth(1)).to_contain_text(first)
    answers.nth(1).get_by_role("button", name="Take back").press("Enter")
    expect(page.locator("#look .item-title")).to_have_text(first)
    expect(page.locator("textarea[name=note]")).to_have_value("not 1 sure")
    assert answers_to(stack, first) == ""
    page.keyboard.press("g")
    expect(page.locator("#guideline")).to_be_hidden()
    page.keyboard.press("g")


def test_a_double_press_counts_once(sign_in: SignIn, stack: Stack) -> None:
    page = sign_in("ana")
    first = open_label(page)
    count = "print(Annotation.objects.current().filter(annotator__username='ana').count())"
    before = int(ask(stack, count))
    page.keyboard.press("1")
    page.keyboard.press("1")
    second = next_after(page, first)
    nothing_kept(page)
    assert int(ask(stack, count)) == before + 1
    assert title(page) == second


def test_a_draft_survives_a_reload(sign_in: SignIn) -> None:
    page = sign_in("ana")
    first = open_label(page)
    page.keyboard.press("n")
    page.keyboard.type("half a thought")
    page.keyboard.press("Escape")
    page.keyboard.press("f")
    page.reload()
    expect(page.locator("#look .item-title")).to_have_text(first)
    expect(page.locator("textarea[name=note]")).to_have_value("half a thought")
    expect(page.locator("[data-flag]")).to_have_attribute("aria-pressed", "true")


def test_offline_and_back(sign_in: SignIn, stack: Stack) -> None:
    page = sign_in("ana")
    first = open_label(page)
    page.wait_for_load_state("networkidle")
    page.context.set_offline(True)
    page.keyboard.press("1")
    second = next_after(page, first)
    state = page.locator("[data-state]")
    expect(state).to_have_text("Offline: 1 answer kept here, will be sent.")
    page.keyboard.press("2")
    expect(page.locator(".look-waiting")).to_contain_text("Your answers are kept here")
    expect(state).to_have_text("Offline: 2 answers kept here, will be sent.")
    page.context.set_offline(False)
    expect(state).to_have_text("Sent.", timeout=20_000)
    assert answers_to(stack, first).startswith("natural-language-processing")
    assert answers_to(stack, second).startswith("computer-vision")
    next_after(page, second)


def test_answers_given_offline_are_sent_after_a_reload(sign_in: SignIn, stack: Stack) -> None:
    page = sign_in("ana")
    first = open_label(page)
    page.wait_for_load_state("networkidle")
    page.context.set_offline(True)
    page.keyboard.press("4")
    next_after(page, first)
    expect(page.locator("[data-state]")).to_contain_text("1 answer kept here")
    page.goto("about:blank")
    page.context.set_offline(False)
    open_label(page)
    nothing_kept(page)
    assert answers_to(stack, first).startswith("other")


def test_a_signed_out_annotator_loses_nothing(sign_in: SignIn, stack: Stack) -> None:
    page = sign_in("ana")
    first = open_label(page)
    page.wait_for_load_state("networkidle")
    cookies = page.context.cookies()
    page.context.clear_cookies(name="sessionid")
    page.keyboard.press("1")
    expect(page.locator("[data-state]")).to_contain_text("You are signed out")
    page.context.add_cookies(cookies)  # type: ignore[arg-type]
    page.evaluate("dispatchEvent(new Event('focus'))")
    nothing_kept(page)
    assert answers_to(stack, first).startswith("natural-language-processing")


def test_two_tabs_hold_different_items(sign_in: SignIn, stack: Stack) -> None:
    page = sign_in("ben")
    other = page.context.new_page()
    first, second = open_label(page), open_label(other)
    assert first != second
    for tab, shown in ((page, first), (other, second)):
        tab.keyboard.press("1")
        next_after(tab, shown)
        nothing_kept(tab)
    twice = (
        "from django.db.models import Count; print(Annotation.objects.live()"
        ".values('item', 'annotator').annotate(n=Count('pk')).filter(n__gt=1).count())"
    )
    assert ask(stack, twice) == "0"
    assert _tab(page) != _tab(other)


def test_a_duplicated_tab_gets_a_name_of_its_own(sign_in: SignIn) -> None:
    page = sign_in("ben")
    open_label(page)
    with page.context.expect_page() as opened:
        page.evaluate(f"window.open('{LABEL}')")
    copy = opened.value
    expect(copy.locator("#look .item-title")).to_be_visible()
    assert _tab(page) != _tab(copy)
    assert title(page) != title(copy)


def test_a_new_tab_takes_over_what_a_closed_one_held(sign_in: SignIn) -> None:
    page = sign_in("chidi")
    held = open_label(page)
    context: BrowserContext = page.context
    page.close()
    assert open_label(context.new_page()) == held


def test_on_a_phone(sign_in: SignIn) -> None:
    page = sign_in("ana", viewport=PHONE, has_touch=True, is_mobile=True)
    first = open_label(page)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    bar = page.locator(".rail").bounding_box()
    for button in page.locator("#look .label-button").all():
        box = button.bounding_box()
        assert box is not None
        assert bar is not None
        assert box["height"] >= 44
        assert box["y"] + box["height"] <= bar["y"]
        assert box["y"] >= PHONE["height"] / 2
    page.get_by_role("button", name="Guideline", exact=False).first.tap()
    drawer = page.locator("#guideline").bounding_box()
    assert drawer is not None
    assert (drawer["width"], drawer["height"]) == (PHONE["width"], PHONE["height"])
    page.get_by_role("button", name="Close the guideline").tap()
    page.locator("#look .label-button").first.tap()
    next_after(page, first)


@pytest.fixture(scope="module")
def many(stack: Stack) -> str:
    """A project with 77 labels, and the address of its label page."""
    ask(
        stack,
        "from labeling.projects import *; from labeling.intake import *; "
        "from labeling.readers import Row; from accounts.models import User; "
        "u = User.objects.get(username='maya'); "
        f"p = create_project(user=u, name='Many', slug='many', labels=[NewLabel(f'topic {{n:02}}') "
        f"for n in range({MANY})]); "
        "add_items(project=p, user=u, source='x', rows=[Row(number=n, external_id=str(n), "
        "title=f'Many {n}', body='Text', label='', split='pool') for n in range(20)])",
    )
    return "/p/many/label/"


def test_77_labels_are_filtered_by_typing(sign_in: SignIn, many: str) -> None:
    page = sign_in("maya")
    first = open_label(page, many)
    buttons = page.locator("#look .label-button")
    expect(buttons).to_have_count(MANY)
    expect(page.get_by_label("Filter labels")).to_be_focused()
    page.keyboard.type("topic 4")
    expect(page.locator("#look .label-button:visible")).to_have_count(10)
    page.keyboard.press("Escape")
    expect(page.locator("#look .label-button:visible")).to_have_count(MANY)
    page.keyboard.type("4")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#look [data-current]")).to_have_attribute("value", "topic 14")
    page.keyboard.press("Enter")
    second = next_after(page, first)
    expect(page.locator("[data-last-choice]")).to_contain_text("topic 14")
    expect(page.get_by_label("Filter labels")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("z")
    expect(page.locator("#look .item-title")).to_have_text(first)
    assert second != first


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("many_labels", [False, True])
def test_axe_finds_nothing(sign_in: SignIn, scheme: str, many_labels: bool, many: str) -> None:
    page = sign_in("maya")
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    first = open_label(page, many if many_labels else LABEL)
    page.locator("#look .label-button").first.click()
    next_after(page, first)
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()


def test_nothing_is_said_of_a_suggestion_on_a_blind_item(sign_in: SignIn, stack: Stack) -> None:
    """The demo's holdout tasks are blind: what comes for them names no model and no guess."""
    ask(
        stack,
        "from labeling.queue import want_look; p = Project.objects.get(slug='ml-content'); "
        "i = p.items.filter(split='holdout').first(); "
        "want_look(project=p, item=i, reason='low_confidence', looks=1, priority=90, "
        "suggestion=p.labels.first(), confidence=0.4321, source='model 77')",
    )
    page = sign_in("chidi")
    bodies: list[str] = []
    page.on("response", lambda got: bodies.append(got.text()) if "/label/next" in got.url else None)
    open_label(page)
    page.keyboard.press("1")
    nothing_kept(page)
    html = page.content() + "".join(bodies)
    assert not re.search(r'class="suggestion"|0\.4321|model 77', html)


def _tab(page: Page) -> str:
    return str(page.evaluate("sessionStorage.getItem('tagloop:tab')"))
