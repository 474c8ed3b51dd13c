"""Versions of a guideline: putting one in force, what changed, and how people agree under each."""

from collections import defaultdict
from dataclasses import dataclass

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce

from labeling.access import Access
from labeling.errors import Conflict, Invalid, Missing
from labeling.events import record
from labeling.models import Annotation, Guideline, Membership, Project
from labeling.statistics.agreement import Agreement, alpha_with_interval, count_matrix
from labeling.statistics.diff import Line, compare_texts

NOTE_LIMIT = 500
LISTED = 100
VOTES_READ = 200_000


@dataclass(frozen=True)
class Change:
    """What differs between two versions; `before` is None where the later is the first one."""

    before: Guideline | None
    after: Guideline
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class VersionRow:
    """A version with the agreement among the votes that were given under it."""

    guideline: Guideline
    votes: int
    alpha: Agreement

    @property
    def number(self) -> str:
        """Return the version as it stands in an address."""
        return str(self.guideline.version)


@transaction.atomic
def publish_guideline(
    *, access: Access, text: str, note: str = "", based_on: int | None = None
) -> Guideline:
    """Put a new version of the guideline in force; the same text again changes nothing.

    Args:
        access: who publishes it, and where.
        text: the whole of it, in Markdown.
        note: what changed and why.
        based_on: the version that the text was made from, 0 for none; None does not check it.

    Raises:
        Invalid: the note is too long.
        Conflict: somebody has published another version since.
    """
    if len(note) > NOTE_LIMIT:
        raise Invalid(f"note: it has more than {NOTE_LIMIT} characters.")
    project = Project.objects.select_for_update(no_key=True).get(pk=access.project.pk)
    newest = project.guidelines.select_related("created_by").first()
    # Browsers send other line ends than files have.
    text = "\n".join(text.splitlines())
    if newest is not None and newest.text.splitlines() == text.splitlines():
        return newest
    version = newest.version if newest else 0
    if newest is not None and based_on not in {None, version}:
        raise Conflict(
            f"{newest.created_by or 'Somebody'} has put version {version} in force meanwhile: "
            "compare it with yours, then publish again."
        )
    guideline = Guideline.objects.create(
        project=project, version=version + 1, text=text, note=note, created_by=access.user
    )
    _see(access, guideline)
    record(
        project=project,
        actor=access.user,
        verb="published",
        subject=guideline,
        after=str(guideline.version),
        reason=note,
    )
    return guideline


@transaction.atomic
def put_away(*, access: Access, version: int) -> Guideline:
    """Note that a member has seen the change to a version; an older one changes nothing.

    Raises:
        Missing: there is no such version.
    """
    guideline = find_version(access.project, version)
    if _version_known(access) < version:
        _see(access, guideline)
        record(project=access.project, actor=access.user, verb="read", subject=guideline)
    return guideline


def find_version(project: Project, version: int) -> Guideline:
    """Return one version of a project's guideline.

    Raises:
        Missing: there is no such version.
    """
    found = project.guidelines.select_related("created_by").filter(version=version).first()
    if found is None:
        raise Missing(f"There is no version {version} of the guideline.")
    return found


def news_for(access: Access, newest: Guideline | None) -> Change | None:
    """Return what changed since a member last looked; None where nothing did.

    Who never put a change away is taken to know the version that was in force on joining.
    """
    if newest is None:
        return None
    known = _version_known(access)
    if known >= newest.version:
        return None
    before = access.project.guidelines.filter(version=known).first()
    return change_between(before, newest)


def change_between(before: Guideline | None, after: Guideline) -> Change:
    """Return what turns one version into the other."""
    return Change(before, after, compare_texts(before.text if before else "", after.text))


def versions(project: Project) -> list[VersionRow]:
    """Return the newest 100 versions, the newest first, with the agreement under each."""
    votes: dict[int, list[tuple[int, int]]] = defaultdict(list)
    rows = Annotation.objects.live().filter(project=project, guideline__isnull=False)
    newest = rows.order_by("-id").values_list("guideline", "item", "label")
    for guideline_id, item_id, label_id in newest[:VOTES_READ]:
        votes[guideline_id].append((item_id, label_id))
    labels = list(project.labels.values_list("pk", flat=True))
    found = project.guidelines.select_related("created_by").defer("text")[:LISTED]
    return [
        VersionRow(
            guideline=one,
            votes=len(votes[one.pk]),
            alpha=alpha_with_interval(count_matrix(votes[one.pk], labels)),
        )
        for one in found
    ]


def _version_known(access: Access) -> int:
    on_joining = access.project.guidelines.filter(created_at__lte=OuterRef("created_at"))
    first_known = Subquery(on_joining.order_by("-version").values("version")[:1])
    mine = Membership.objects.filter(project=access.project, user=access.user)
    known = Coalesce("guideline_seen__version", first_known, 0)
    version: int = mine.values_list(known, flat=True).get()
    return version


def _see(access: Access, guideline: Guideline) -> None:
    mine = Membership.objects.filter(project=access.project, user=access.user)
    mine.update(guideline_seen=guideline)
