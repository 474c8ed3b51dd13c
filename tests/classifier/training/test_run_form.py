"""Starting a run with parameters of one's own: the form that the recipes declare, and the list."""

import re
from typing import Any

import pytest
from django import forms
from django.test import Client

from accounts.models import User
from classifier.forms.retrain import field_of
from classifier.models import TrainingRun
from classifier.recipes.base import allowed_name, choice, free_text, setting
from classifier.retrain import retrain
from labeling.models import Project
from tests.classifier.training.conftest import LabelItems, Trained

NEW, RUNS = "/p/test/runs/new/", "/p/test/runs/"
LINEAR = {
    "linear-fit_strength": "3.5",
    "linear-character_share": "1",
    "linear-minimum_items": "2",
    "linear-maximum_terms": "5000",
}
KEYWORDS = {
    "keywords-words_per_label": "50",
    "keywords-minimum_items": "2",
    "keywords-prior_share": "0.1",
}


@pytest.fixture(autouse=True)
def labeled(label_items: LabelItems) -> None:
    label_items(10)


def text_of(response: Any) -> str:
    content: str = response.content.decode()
    return content


def sent(**changes: Any) -> dict[str, Any]:
    return {"recipes": ["linear"], "seed": "4", "search_seconds": "0"} | LINEAR | KEYWORDS | changes


def test_every_parameter_has_a_field(as_manager: Client) -> None:
    page = text_of(as_manager.get(NEW))

    assert set(re.findall(r'name="(\w+-\w+)"', page)) >= {*LINEAR, *KEYWORDS, "linear-balanced"}
    assert "The higher, the closer the model follows single examples. 0.001 to 1e+06." in page


def test_a_run_takes_what_was_typed(as_manager: Client) -> None:
    response = as_manager.post(NEW, sent())

    run = TrainingRun.objects.get()
    assert response.headers["Location"] == "/p/test/runs/1/"
    assert (list(run.recipes), run.seed) == (["linear"], 4)
    assert run.recipes["linear"]["fit_strength"] == 3.5
    assert run.recipes["linear"]["maximum_terms"] == 5000
    assert run.recipes["linear"]["balanced"] is False


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"recipes": []}, "Choose at least one recipe."),
        ({"linear-fit_strength": "0"}, "greater than or equal to 0.001"),
        ({"linear-fit_strength": "much"}, "Enter a number."),
        ({"linear-minimum_items": "1.5"}, "Enter a whole number."),
        ({"seed": "-1"}, "greater than or equal to 0"),
    ],
)
def test_what_cannot_be_taken_stands_beside_its_field(
    as_manager: Client, changes: dict[str, Any], message: str
) -> None:
    response = as_manager.post(NEW, sent(**changes))

    assert response.status_code == 422
    assert message in text_of(response)
    assert not TrainingRun.objects.exists()


def test_fields_of_recipes_that_are_not_chosen_do_not_matter(as_manager: Client) -> None:
    as_manager.post(NEW, sent(**{"keywords-words_per_label": "many"}))

    assert list(TrainingRun.objects.get().recipes) == ["linear"]


def test_an_active_run_is_named(as_manager: Client, project: Project, manager: User) -> None:
    retrain(project=project, user=manager)

    response = as_manager.post(NEW, sent())

    assert response.status_code == 422
    assert "Run 1 is queued: wait for it, or cancel it first." in text_of(response)


def test_it_begins_with_the_choices_of_another_run(
    as_manager: Client, project: Project, manager: User
) -> None:
    retrain(project=project, user=manager, recipes={"linear": {"fit_strength": 2.25}}, seed=9)

    for query in ("", "?like=1"):
        page = text_of(as_manager.get(NEW + query))
        assert re.search(r'name="linear-fit_strength" value="2.25"', page)
        assert re.search(r'name="seed" value="9"', page)
        assert re.search(r'value="linear"[^>]*checked', page)
        assert not re.search(r'value="keywords"[^>]*checked', page)
    assert as_manager.get(f"{NEW}?like=7").status_code == 404


@pytest.mark.parametrize(
    ("parameter", "kind", "good", "bad"),
    [
        (setting(3, label="a", explanation="b.", low=1, high=5), forms.IntegerField, "5", "6"),
        (setting(0.5, label="a", explanation="b.", low=0, high=1), forms.FloatField, "0.1", "1.1"),
        (setting(True, label="a", explanation="b.", low=0, high=1), forms.BooleanField, "on", None),
        (
            choice("x", label="a", explanation="b.", choices=("x", "y")),
            forms.ChoiceField,
            "y",
            "z",
        ),
        (
            free_text("x", label="a", explanation="b.", longest=3),
            forms.CharField,
            "abc",
            "abcd",
        ),
        (
            allowed_name("x", label="a", explanation="b.", allowed=lambda: ("x", "y/z")),
            forms.ChoiceField,
            "y/z",
            "/etc",
        ),
    ],
)
def test_each_kind_of_parameter_has_its_field(
    parameter: Any, kind: type[forms.Field], good: str, bad: str | None
) -> None:
    made = field_of(parameter, parameter.default)

    assert type(made) is kind
    assert (made.label, made.initial) == ("a", parameter.default)
    made.clean(good)
    if bad is not None:
        with pytest.raises(forms.ValidationError):
            made.clean(bad)


def test_runs_are_listed_by_page(
    as_manager: Client, trained: Trained, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained("keywords")
    trained("keywords")
    monkeypatch.setattr("labeling.pagination.keyset.__kwdefaults__", {"size": 1, "key": "pk"})

    first = text_of(as_manager.get(RUNS))
    second = text_of(as_manager.get(RUNS + re.findall(r'rel="next" href="([^"]+)"', first)[0]))

    assert ("/p/test/runs/2/" in first, "/p/test/runs/1/" in first) == (True, False)
    assert ("/p/test/runs/2/" in second, "/p/test/runs/1/" in second) == (False, True)
    assert "/p/test/snapshots/1/" in first
    assert "/p/test/models/2/" in first


def test_without_runs_the_list_says_what_fills_it(as_manager: Client) -> None:
    assert "No runs yet" in text_of(as_manager.get(RUNS))
    assert "The list ends before this place." in text_of(as_manager.get(f"{RUNS}?before=1"))
