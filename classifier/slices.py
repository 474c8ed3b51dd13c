"""The parts of the data on which every model is measured by itself."""

from collections.abc import Iterable, Sequence

from classifier.metrics.slices import Mask, has_term, short_text
from classifier.models import Slice, SliceKind
from labeling.models import Project

SHORT_WORDS = 20
MODEL_TERMS = ("model", "models")


def ensure_slices(project: Project) -> list[Slice]:
    """Return a project's slices, making the first two for a project without any."""
    slices = list(project.slices.all())
    if slices:
        return slices
    Slice.objects.bulk_create(_first_slices(project), ignore_conflicts=True)
    return list(project.slices.all())


def masks(slices: Iterable[Slice], texts: Sequence[str]) -> dict[str, Mask]:
    """Return, by slice name, which texts belong to it."""
    return {each.name: mask(each, texts) for each in slices}


def mask(each: Slice, texts: Sequence[str]) -> Mask:
    """Return which texts belong to a slice."""
    if each.kind == SliceKind.SHORT_TEXT:
        return short_text(texts, each.max_words or 0)
    return has_term(texts, each.terms)


def _first_slices(project: Project) -> list[Slice]:
    return [
        Slice(project=project, name="short_text", kind=SliceKind.SHORT_TEXT, max_words=SHORT_WORDS),
        Slice(
            project=project,
            name="mentions_model",
            kind=SliceKind.TERM,
            terms=list(MODEL_TERMS),
        ),
    ]
