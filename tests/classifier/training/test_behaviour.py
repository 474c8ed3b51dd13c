"""The behavioural tests of a project, through its page, files and REST."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError
from django.test import Client
from rest_framework.test import APIClient

from classifier.behaviour import MOST_CASES, add_cases, cases_of, read_cases, write_csv, write_json
from classifier.metrics.behaviour import Case
from classifier.models import BehaviourCase
from labeling.errors import Invalid
from labeling.models import Event, Project
from tests.classifier.training.conftest import Caller, LabelItems, Trained
from tests.labeling.pages.browse import told

PAGE, API = "/p/test/models/behaviour/", "/api/projects/test/behaviour/"
CASES = [
    Case("basics", "minimum", "grammar verb noun", label="alpha"),
    Case("basics", "minimum", '=pixel, "lens"\nshutter', label="gamma"),
    Case("names", "invariance", "grammar verb", "verb grammar"),
    Case("push", "directional", "grammar", "grammar verb noun", "alpha", "up"),
]


def upload(client: Client, name: str, content: str | bytes, **fields: Any) -> Any:
    data = content.encode() if isinstance(content, str) else content
    return client.post(f"{PAGE}import/", {"file": SimpleUploadedFile(name, data)} | fields)


def test_every_evaluation_runs_them(
    project: Project, label_items: LabelItems, trained: Trained, as_manager: Client
) -> None:
    add_cases(project=project, user=None, cases=CASES)
    label_items(30)
    evaluation = trained("linear").model_versions.get().evaluation

    basics, names, push = evaluation.behaviour
    assert (basics["test"], basics["cases"], basics["passed"]) == ("basics", 2, 1)
    assert basics["failures"][0]["expected"] == "gamma"
    assert basics["failures"][0]["said"].startswith("beta")
    assert (names["passed"], push["passed"]) == (1, 1)
    page = as_manager.get("/p/test/models/1/").content.decode()
    assert "What failed" in page
    assert "=pixel, &quot;lens&quot;" in page
    assert "Behavioural test basics" in as_manager.get("/p/test/models/1/card/").content.decode()


def test_a_case_is_added_once(as_manager: Client, project: Project) -> None:
    fields = {"test": "basics", "kind": "minimum", "text": "a verb", "label": "alpha"}

    first, second = (as_manager.post(f"{PAGE}add/", fields) for _ in range(2))

    assert told(first) == ["The case is added. The next evaluation runs it."]
    assert told(second)[-1].startswith("There is this very case already.")
    assert cases_of(project) == [Case("basics", "minimum", "a verb", label="alpha")]
    assert "a verb" in as_manager.get(PAGE).content.decode()
    assert Event.objects.filter(verb="changed the behavioural tests of").count() == 2


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kind": "other"}, "kind must be one of minimum, invariance, directional"),
        ({"test": "no slug"}, "test must be a name"),
        (
            {"kind": "invariance", "label": "", "changed": "x", "test": "basics"},
            "of the kind minimum",
        ),
        ({"text": " "}, "text: it is empty"),
        ({"text": "a\x00b"}, "NUL"),
        ({"text": "x" * 10_001}, "more than 10,000 characters"),
        ({"label": ""}, "label is needed for minimum"),
        ({"changed": "x"}, "changed must be empty for minimum"),
        ({"label": "delta"}, "no label “delta”"),
        (
            {"kind": "directional", "test": "t", "changed": "x", "direction": "left"},
            "direction must be one of up, down",
        ),
    ],
)
def test_a_case_that_is_not_whole_is_refused(
    project: Project, changes: dict[str, str], said: str
) -> None:
    add_cases(project=project, user=None, cases=CASES[:1])
    good = {"test": "basics", "kind": "minimum", "text": "more", "label": "alpha"}

    with pytest.raises(Invalid, match="row 2: ") as refused:
        add_cases(project=project, user=None, cases=[CASES[2], Case(**(good | changes))])

    assert said in refused.value.message
    assert cases_of(project) == CASES[:1]


def test_the_page_tells_what_is_wrong(as_manager: Client, project: Project) -> None:
    fields = {"test": "basics", "kind": "minimum", "text": "a verb"}
    answer = as_manager.post(f"{PAGE}add/", fields)

    assert answer.status_code == 422
    assert "label is needed for minimum." in answer.content.decode()
    assert not cases_of(project)


def test_there_is_a_limit(project: Project) -> None:
    many = [Case("many", "minimum", f"text {n}", label="alpha") for n in range(MOST_CASES + 1)]

    with pytest.raises(Invalid, match="2,000 at most; these would be 2,001"):
        add_cases(project=project, user=None, cases=many)


@pytest.mark.parametrize(("name", "write"), [("x.csv", write_csv), ("x.JSON", write_json)])
def test_what_is_exported_is_imported_as_it_was(name: str, write: Any) -> None:
    assert read_cases(write(CASES).encode(), name=name) == CASES


@pytest.mark.parametrize("form", ["csv", "json"])
def test_files_go_round_through_the_page(as_manager: Client, project: Project, form: str) -> None:
    add_cases(project=project, user=None, cases=CASES)
    sent = as_manager.get(f"{PAGE}export/?as={form}")
    assert sent.headers["Content-Disposition"] == f'attachment; filename="test-behaviour.{form}"'

    again = upload(as_manager, f"x.{form}", sent.content)
    project.behaviour_cases.all().delete()
    fresh = upload(as_manager, f"x.{form}", sent.content)

    assert told(again) == ["0 of 4 cases are new."]
    assert told(fresh)[-1] == "4 of 4 cases are new."
    assert cases_of(project) == CASES


def test_an_import_may_take_the_place_of_all(as_manager: Client, project: Project) -> None:
    add_cases(project=project, user=None, cases=CASES)
    upload(as_manager, "x.json", write_json(CASES[2:]), instead="on")

    assert cases_of(project) == CASES[2:]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("x.csv", b"\xff\xfe", "It is not UTF-8 text"),
        ("x.json", "{", "It cannot be read"),
        ("x.json", '{"test": "a"}', "A list of objects is needed"),
        ("x.json", '[{"test": 1}]', "row 1: test must be text"),
        ("x.csv", "test,colour\na,b\n", "row 1: unknown colour; known: test, kind"),
        ("x.csv", 'test,text\n"a,b', "It cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(
    as_manager: Client, project: Project, name: str, content: str | bytes, said: str
) -> None:
    answer = upload(as_manager, name, content)

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not cases_of(project)


def test_a_case_and_a_test_are_removed(as_manager: Client, project: Project) -> None:
    add_cases(project=project, user=None, cases=CASES)
    case = BehaviourCase.objects.get(text="grammar verb noun")

    one = as_manager.post(f"{PAGE}basics/remove/", {"case": case.pk})
    rest = as_manager.post(f"{PAGE}basics/remove/")

    assert told(one) == ["1 case of basics removed."]
    assert told(rest)[-1] == "1 case of basics removed."
    assert cases_of(project) == CASES[2:]
    assert as_manager.post(f"{PAGE}basics/remove/").status_code == 404


def test_the_database_refuses_half_a_case(project: Project) -> None:
    with pytest.raises(IntegrityError):
        project.behaviour_cases.create(test="t", kind="directional", text="x", label="alpha")


def test_rest(api: APIClient, project: Project) -> None:
    rows = json.loads(write_json(CASES))
    first = api.post(API, {"cases": rows}, format="json")
    again = api.post(API, {"cases": rows[:1]}, format="json")
    bad = api.post(API, {"cases": [{"test": "a"}]}, format="json")
    listed = api.get(API).json()["results"]

    assert (first.json(), again.json()) == ({"added": 4}, {"added": 0})
    assert (bad.status_code, bad.json()["detail"].startswith("row 1: kind must")) == (422, True)
    assert listed == rows
    assert api.delete(f"{API}basics/").status_code == 204
    assert api.delete(f"{API}basics/").status_code == 404
    assert cases_of(project) == CASES[2:]


@pytest.mark.parametrize(("who", "status"), [("reviewer", 403), ("outsider", 404)])
def test_only_a_manager_changes(caller: Caller, project: Project, who: str, status: int) -> None:
    add_cases(project=project, user=None, cases=CASES)
    browser, client = caller(who)

    assert browser.post(f"{PAGE}basics/remove/").status_code == status
    assert upload(browser, "x.json", "[]", instead="on").status_code == status
    assert client.post(API, {"cases": [], "instead": True}, format="json").status_code == status
    assert cases_of(project) == CASES
