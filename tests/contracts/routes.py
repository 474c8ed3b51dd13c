"""The lowest role that each method of each route needs; what is not listed answers 405."""

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from labeling.models import Role

A, R, M = Role.ANNOTATOR, Role.REVIEWER, Role.MANAGER

# Routes of a project, by name.
PROJECT_ROUTES: dict[str, dict[str, Role]] = {
    "loop": {"GET": A},
    "loop-figures": {"GET": R},
    "label": {"GET": A},
    "label-next": {"POST": A},
    "label-answers": {"GET": A},
    "label-undo": {"POST": A},
    "label-undo-one": {"POST": A},
    "label-release": {"POST": A},
    "label-submit": {"POST": A},
    "label-skip": {"POST": A},
    "label-extend": {"POST": A},
    "guideline": {"GET": A},
    "guideline-seen": {"POST": A},
    "review": {"GET": R},
    "review-case": {"GET": R},
    "review-decide": {"POST": R},
    "review-send-back": {"POST": R},
    "review-propose": {"POST": R},
    "items": {"GET": R},
    "item": {"GET": R},
    "items-bulk": {"POST": M},
    "deletions": {"GET": M},
    "deletion-restore": {"POST": M},
    "items-import": {"GET": M, "POST": M},
    "import": {"GET": M},
    "export-new": {"GET": R, "POST": R},
    "export-live": {"GET": R},
    "export-file": {"GET": R},
    "export-cancel": {"POST": R},
    "import-live": {"GET": M},
    "import-start": {"POST": M},
    "import-cancel": {"POST": M},
    "import-problems": {"GET": M},
    "quality": {"GET": A},
    "settings": {"GET": M},
    "settings-general": {"POST": M},
    "settings-label": {"POST": M},
    "settings-label-edit": {"GET": M, "POST": M},
    "settings-label-move": {"POST": M},
    "settings-label-remove": {"POST": M},
    "settings-guideline": {"POST": M},
    "settings-proposal": {"POST": M},
    "settings-member": {"POST": M},
    "settings-member-remove": {"POST": M},
    "settings-member-pause": {"POST": M},
    "settings-member-resume": {"POST": M},
    "settings-queue": {"POST": M},
    "settings-suggestions": {"POST": M},
    "settings-suggestions-switch": {"POST": M},
    "models": {"GET": R},
    "model": {"GET": R},
    "model-answers": {"GET": R},
    "model-retrain": {"POST": M},
    "model-approve": {"POST": M},
    "model-reject": {"POST": M},
    "model-rollback": {"POST": M},
    "run": {"GET": R},
    "run-live": {"GET": R},
    "run-cancel": {"POST": M},
    "rollout": {"GET": R},
    "rollout-batches": {"GET": R},
    "rollout-threshold": {"POST": M},
    "rollout-try": {"POST": R},
    "batch-start": {"POST": M},
    "batch-cancel": {"POST": M},
    "monitor": {"GET": R},
    "predictions": {"GET": R},
    "prediction": {"GET": R},
    "prediction-report": {"POST": R},
    "api-project": {"GET": A, "PATCH": M},
    "api-progress": {"GET": R},
    "api-members": {"GET": R, "POST": M},
    "api-member": {"DELETE": M},
    "api-member-pause": {"POST": M},
    "api-member-resume": {"POST": M},
    "api-items": {"GET": R, "POST": M},
    "api-items-bulk": {"POST": M},
    "api-deletions": {"GET": M},
    "api-deletion-restore": {"POST": M},
    "api-items-import": {"POST": M},
    "api-item": {"GET": R},
    "api-export-stream": {"GET": R},
    "api-exports": {"GET": R, "POST": R},
    "api-export": {"GET": R},
    "api-export-file": {"GET": R},
    "api-export-cancel": {"POST": R},
    "api-imports": {"GET": M},
    "api-import": {"GET": M},
    "api-import-problems": {"GET": M},
    "api-import-cancel": {"POST": M},
    "api-task-next": {"POST": A},
    "api-task-undo": {"POST": A},
    "api-task-last": {"GET": A},
    "api-task-why": {"GET": A},
    "api-assignment-release": {"POST": A},
    "api-assignment-submit": {"POST": A},
    "api-assignment-skip": {"POST": A},
    "api-assignment-extend": {"POST": A},
    "api-review": {"GET": R},
    "api-review-decide": {"POST": R},
    "api-review-send-back": {"POST": R},
    "api-agreement": {"GET": A},
    "api-annotators": {"GET": A},
    "api-guidelines": {"GET": A, "POST": M},
    "api-guideline": {"GET": A},
    "api-guideline-seen": {"POST": A},
    "api-proposals": {"GET": R, "POST": R},
    "api-proposal": {"PATCH": M},
    "api-anchoring": {"GET": R, "PATCH": M},
    "api-runs": {"GET": R, "POST": M},
    "api-run": {"GET": R},
    "api-run-cancel": {"POST": M},
    "api-models": {"GET": R},
    "api-model": {"GET": R},
    "api-model-approve": {"POST": M},
    "api-model-reject": {"POST": M},
    "api-model-rollback": {"POST": M},
    "api-tag": {"POST": A},
    "api-batches": {"GET": R, "POST": M},
    "api-batch": {"GET": R},
    "api-batch-cancel": {"POST": M},
    "api-predictions": {"GET": R},
    "api-prediction": {"GET": R},
    "api-prediction-report": {"POST": A},
}

# Routes without a project: open to everybody, or to everybody who is signed in.
OPEN_ROUTES = {"health-live", "health-ready", "sign-in", "api-unknown"}
SIGNED_IN_ROUTES = {
    "home",
    "projects",
    "project-new",
    "sign-out",
    "keys",
    "key-revoke",
    "schema",
    "api-docs",
    "api-projects",
    "styleguide",
}


def all_routes() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the name and argument names of every route outside Django's admin."""
    yield from _walk(get_resolver().url_patterns, ())


def _walk(patterns: list[Any], outer: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for pattern in patterns:
        arguments = (*outer, *pattern.pattern.converters)
        if isinstance(pattern, URLResolver):
            if pattern.namespace != "admin":
                yield from _walk(pattern.url_patterns, arguments)
        elif isinstance(pattern, URLPattern):
            yield pattern.name or str(pattern.pattern), arguments
