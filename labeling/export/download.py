"""Exports that begin at once: which items, how many, and the file as a stream."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.text import slugify

from labeling.access import Access
from labeling.errors import Invalid, NotAllowed
from labeling.events import record
from labeling.export.formats import FORMATS, Context, Format
from labeling.export.rows import Options, rows_of
from labeling.item_list import find_items
from labeling.models import Item, Project, Role

AT_ONCE = 50_000
VOTES_ARE_FOR_MANAGERS = (
    "evidence: only managers export votes, since a reviewer may still be asked for one of these."
)


def format_named(name: str) -> Format:
    """Return a format by its name.

    Raises:
        Invalid: there is none of this name.
    """
    if name not in FORMATS:
        raise Invalid(f"format: '{name[:40]}' is not one of {', '.join(FORMATS)}.")
    return FORMATS[name]


def check(access: Access, name: str, options: Options) -> None:
    """Refuse what this caller may not export, and what the format cannot carry.

    Raises:
        NotAllowed: votes, for somebody who is no manager.
        Invalid: an unknown format, or votes in one that has no place for them.
    """
    if options.evidence and not access.may(Role.MANAGER):
        raise NotAllowed(VOTES_ARE_FOR_MANAGERS)
    check_format(name, options)


def check_format(name: str, options: Options) -> None:
    """Refuse what the format cannot carry.

    Raises:
        Invalid: an unknown format, or votes in one that has no place for them.
    """
    chosen = format_named(name)
    if options.evidence and not chosen.evidence:
        raise Invalid(f"evidence: {chosen.title} has no place for votes; leave them out.")


def items_of(project: Project, filters: Mapping[str, str]) -> QuerySet[Item]:
    """Return the items that an export with these filters holds."""
    return find_items(project, dict(filters)).select_related(None).prefetch_related(None)


def is_small(project: Project, filters: Mapping[str, str]) -> bool:
    """Tell whether an export begins at once: up to 50,000 items."""
    return items_of(project, filters).order_by()[: AT_ONCE + 1].count() <= AT_ONCE


def download(
    *, access: Access, name: str, options: Options, filters: Mapping[str, str]
) -> Iterator[bytes]:
    """Yield an export piece by piece, and write down that it was made.

    Raises:
        NotAllowed, Invalid: as `check` says; nothing was written.
    """
    check(access, name, options)
    record(
        project=access.project,
        actor=access.user,
        verb="exported",
        subject=access.project,
        after=name,
        reason=describe(options, filters),
    )
    return write(access.project, name, options, filters)


def write(
    project: Project, name: str, options: Options, filters: Mapping[str, str]
) -> Iterator[bytes]:
    """Yield the file of an export."""
    chunks = rows_of(project, items_of(project, filters), options)
    return FORMATS[name].write(chunks, context_of(project, options, filters))


def context_of(project: Project, options: Options, filters: Mapping[str, str]) -> Context:
    """Return what a format may say about the whole."""
    return Context(
        name=project.name,
        description=project.description,
        labels=tuple(project.labels.values_list("name", flat=True)),
        options=options,
        filters=dict(filters),
        exported_at=timezone.now(),
    )


def describe(options: Options, filters: Mapping[str, str]) -> str:
    """Return in words what an export holds."""
    parts = [f"{name}={value}" for name, value in filters.items()]
    parts += ["with votes"] * options.evidence + ["without names"] * options.pseudonyms
    return ", ".join(parts) or "all items"


def file_name(project: Project, name: str, when: datetime) -> str:
    """Return what a browser saves the file as."""
    return f"{slugify(project.slug)}-{when:%Y%m%d-%H%M}.{FORMATS[name].extension}"
