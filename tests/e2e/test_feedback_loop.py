"""What a model doubts or a user reports comes back to a person, to the data and to the caller."""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.classifier.champions import SURE, UNSURE
from tests.e2e.conftest import SignIn
from tests.e2e.test_accessibility import RULES
from tests.feedback.webhooks.receiver import Receiver, listening
from tests.loop.people import Person
from tests.loop.stack import Stack, await_value

pytestmark = pytest.mark.browser
SLUG = "berries"
PROJECT = f"projects/{SLUG}"
TOLERANCE = 300


@pytest.fixture(scope="module")
def maya(stack: Stack) -> Person:
    """The manager of a project with labeled items and a model in service, over REST."""
    stack.manage(
        *("shell", "-v0", "-c"),
        "from accounts.models import User; from labeling.intake import add_items; "
        "from labeling.models import Membership; from labeling.projects import *; "
        "from labeling.readers import Row; from tests.classifier.champions import make_model; "
        "from feedback.models import RoutingPolicy; "
        "who = User.objects.get; names = ('alpha', 'beta', 'gamma'); "
        f"p = create_project(user=who(username='maya'), name='Berries', slug='{SLUG}', "
        "labels=[NewLabel(name) for name in names]); "
        "Membership.objects.create(project=p, user=who(username='ravi'), role='reviewer'); "
        "add_items(project=p, user=who(username='maya'), source='x', rows=[Row(number=n, "
        "external_id=str(n), title=f'{names[n % 3]} {n}a {n}b {n}c', body='', label=names[n % 3], "
        "split='pool') for n in range(60)]); RoutingPolicy.objects.create(project=p, "
        "to_reviewers=True, links_on=True); make_model(p)",
    )
    return Person(stack, "maya", "read", "write", "tag")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """The program of a caller, which is told of what people decide."""
    with listening() as made:
        yield made


def tag(stack: Stack, person: Person, **text: str) -> dict[str, Any]:
    """Ask the serving process for a tag, until the model is in service."""
    body = {"project": SLUG, **text}
    headers = {"Authorization": f"Bearer {person.secret}"}

    def answered() -> dict[str, Any] | None:
        answer = httpx.post(f"{stack.serving}/v1/tag", json=body, headers=headers)
        told: dict[str, Any] = answer.json()
        return None if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE else told

    return await_value(answered, "a model in service")


def is_genuine(secret: str, header: str, body: bytes) -> bool:
    """Check a delivery's signature and time as docs/api.md tells its receiver to."""
    parts = dict(part.split("=", 1) for part in header.split(","))
    signed = f"{parts['t']}.".encode() + body
    expected = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    fresh = abs(time.time() - int(parts["t"])) < TOLERANCE
    return fresh and hmac.compare_digest(expected, parts["v1"])


def open_case(page: Page, title: str) -> bool:
    """Open the review page and tell whether its first case has this title."""
    page.goto(f"/p/{SLUG}/review/")
    return page.locator("#case-title", has_text=title).count() == 1


def rows_of_next_snapshot(person: Person) -> list[dict[str, Any]]:
    """Retrain, and return the rows that the run learned from."""
    run = person.post(f"{PROJECT}/runs/", {"recipes": {"keywords": {}}})
    path = f"{PROJECT}/runs/{run['number']}/"
    await_value(lambda: person.get(path)["state"] == "succeeded", "the run to end")
    number = person.get(path)["snapshot"]["number"]
    rows: list[dict[str, Any]] = person.get(f"{PROJECT}/snapshots/{number}/rows/")["results"]
    return rows


def test_a_doubt_comes_back_to_a_person_the_data_and_the_caller(
    stack: Stack, maya: Person, sign_in: SignIn, receiver: Receiver
) -> None:
    hook = {"url": receiver.url, "kinds": ["prediction.reviewed"]}
    secret = maya.post(f"{PROJECT}/webhooks/", hook)["secret"]
    told = tag(stack, maya, title=UNSURE, external_id="doubt-1")
    assert told["route"] == "review"

    ravi = sign_in("ravi")
    await_value(lambda: open_case(ravi, UNSURE), "the case on the review page")
    ravi.keyboard.press("2")
    expect(ravi.locator(".outcome")).to_contain_text("Resolved as beta")

    headers, body = await_value(lambda: next(iter(receiver.calls), None), "the webhook")
    assert is_genuine(secret, headers["Tagloop-Signature"], body)
    assert not is_genuine(secret, headers["Tagloop-Signature"], body + b" ")
    assert headers["Tagloop-Event"] == "prediction.reviewed"
    news = json.loads(body)
    assert (news["actor"], news["data"]["label"]) == ("ravi", "beta")
    (prediction,) = news["data"]["predictions"]
    assert (prediction["id"], prediction["external_id"]) == (told["prediction_id"], "doubt-1")
    assert prediction["right"] is (told["label"] == "beta")

    known = {row["external_id"]: row["label"] for row in rows_of_next_snapshot(maya)}
    assert known["doubt-1"] == "beta"


@contextmanager
def site(embedded: str) -> Iterator[int]:
    """Run another site, whose only page shows an address in a frame; yield its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            page = f'<title>Blog</title><iframe src="{embedded}" height="700"></iframe>'
            self.wfile.write(page.encode())

        def log_message(self, *said: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def framed(maya: Person, browser: Browser, url: str) -> Iterator[tuple[Page, int]]:
    """Yield a visitor's page and the port of a site on localhost that may frame a link."""
    with site(url) as port:
        policy = {"origins": f"http://localhost:{port}"}
        maya.http.patch(f"{PROJECT}/routing/policy/", json=policy).raise_for_status()
        context = browser.new_context()
        yield context.new_page(), port
        context.close()


@pytest.mark.parametrize(("answer", "thanks"), [("Yes", "the tag is right"), ("No", "a person")])
def test_a_visitor_says_in_a_frame_whether_a_tag_is_right(
    stack: Stack, maya: Person, browser: Browser, answer: str, thanks: str
) -> None:
    told = tag(stack, maya, title=f"{SURE['alpha']} {answer}")
    with framed(maya, browser, told["report_url"]) as (page, port):
        page.goto(f"http://localhost:{port}/")
        frame = page.frame_locator("iframe")
        expect(frame.get_by_role("heading", name="Is this tag right?")).to_be_visible()
        if answer == "No":
            frame.get_by_label("what should it be?").select_option("gamma")
            frame.get_by_label("Comment").fill("It is about grapes")
        frame.get_by_role("button", name=answer).click()
        expect(frame.get_by_role("heading", name="Thank you")).to_be_visible()
        expect(frame.locator("main")).to_contain_text(thanks)
    (report,) = maya.get(f"{PROJECT}/predictions/{told['prediction_id']}/")["reports"]
    said = (report["agrees"], report["claimed_label"], report["comment"], report["reported_by"])
    wrong = (False, "gamma", "It is about grapes", None)
    assert said == (wrong if answer == "No" else (True, None, "", None))


def test_a_site_that_no_manager_named_shows_no_frame(
    stack: Stack, maya: Person, browser: Browser
) -> None:
    told = tag(stack, maya, title=SURE["beta"])
    with framed(maya, browser, told["report_url"]) as (page, port):
        with page.expect_console_message(lambda said: "frame-ancestors" in said.text):
            page.goto(f"http://127.0.0.1:{port}/")
        assert page.frame_locator("iframe").get_by_role("button").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_page_of_a_link(
    stack: Stack, maya: Person, browser: Browser, scheme: str
) -> None:
    told = tag(stack, maya, title=SURE["gamma"])
    page = browser.new_context(color_scheme=scheme).new_page()  # type: ignore[arg-type]
    page.goto(told["report_url"])
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()
    page.context.close()
