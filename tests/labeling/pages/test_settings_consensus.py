"""The section of the settings that says when votes settle labels; votes on the import page."""

from collections.abc import Callable

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from labeling.models import ConsensusJob, ImportJob, Item, Project
from tests.labeling.elsewhere import votes_csv
from tests.labeling.pages.browse import at, text_of
from tests.labeling.steps import answer
from tests.labeling.weighed import make_crowd, put_by_hand, work

ClientFor = Callable[[User], Client]
MakeItem = Callable[..., Item]


def test_a_manager_chooses_and_reads_what_is_missing(
    project: Project, manager: User, client_for: ClientFor
) -> None:
    make_crowd(project, manager, gold=3, pool=3)
    client = client_for(manager)
    assert "Weigh anew" not in text_of(client.get(at("settings")))
    sent = {"consensus": "weighted", "sure_enough": "0.9"}
    assert client.post(at("settings-consensus"), sent).status_code == 302
    assert "Votes are weighed and items settled" in text_of(client.get(at("settings")))
    work(project)
    page = text_of(client.get(at("settings")))
    assert "Votes are counted, not weighed" in page
    assert "3; it takes 50, 47 missing" in page
    assert "version 1" in page
    client.post(at("settings-weigh"))
    assert ConsensusJob.objects.filter(state="queued").count() == 1


def test_a_bad_figure_is_told_beside_its_field(
    project: Project, manager: User, client_for: ClientFor
) -> None:
    sent = {"consensus": "weighted", "sure_enough": "0.5"}
    response = client_for(manager).post(at("settings-consensus"), sent)
    assert response.status_code == 422
    assert "greater than or equal to 0.51" in text_of(response)
    project.refresh_from_db()
    assert project.consensus == "agreement"


def test_votes_cannot_be_weighed_where_they_are_counted(
    project: Project, manager: User, client_for: ClientFor
) -> None:
    response = client_for(manager).post(at("settings-weigh"), follow=True)
    assert "votes are not weighed here" in text_of(response)
    assert not ConsensusJob.objects.exists()


def test_an_item_says_by_which_weights(
    project: Project, annotator: User, second_annotator: User, reviewer: User,
    make_item: MakeItem, client_for: ClientFor,
) -> None:  # fmt: skip
    put_by_hand(project, {annotator.pk: 0.99}, anybody=0.4)
    item = make_item()
    answer(project, annotator, "alpha")
    answer(project, second_annotator, "beta")
    page = text_of(client_for(reviewer).get(at("item", item.pk)))
    assert "weighted votes of 2, 0.99 probable by" in page
    assert "weights 1" in page


def test_votes_come_in_by_the_import_page(
    project: Project, manager: User, make_item: MakeItem, client_for: ClientFor
) -> None:
    make_item()
    client = client_for(manager)
    content = votes_csv([("item-1", "w1", "alpha"), ("nowhere", "w1", "alpha")])
    file = SimpleUploadedFile("votes.csv", content)
    client.post(at("items-import"), {"file": file})
    job = ImportJob.objects.get()
    page = text_of(client.get(at("import", job.pk)))
    assert "These rows are votes on items" in page
    assert ">w1</td><td>alpha</td>" in page
    assert "no item has the id &#x27;nowhere&#x27;." in page
    assert "1 of the first 2 rows" in page
    assert (job.content, job.added) == ("votes", 0)
