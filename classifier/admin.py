"""Models and their training in Django's admin, for operators; projects learn to retrain."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from classifier.models import BatchJob, DatasetSnapshot, Deployment, ModelVersion, TrainingRun
from classifier.retrain import retrain
from labeling.admin import ProjectAdmin, ReadOnlyAdmin
from labeling.errors import DomainError
from labeling.models import Project


@admin.action(description="Retrain", permissions=["change"])
def retrain_projects(
    admin_page: admin.ModelAdmin[Project], request: HttpRequest, projects: QuerySet[Project]
) -> None:
    """Queue a training run for each chosen project, and say what came of it."""
    for project in projects:
        try:
            run = retrain(project=project, user=request.user)  # type: ignore[arg-type]
        except DomainError as error:
            admin_page.message_user(request, f"{project}: {error.message}", messages.ERROR)
        else:
            admin_page.message_user(request, f"{project}: run {run.number} is queued.")


class TrainableProjectAdmin(ProjectAdmin):
    """A project that can be retrained."""

    actions = (retrain_projects,)


admin.site.unregister(Project)
admin.site.register(Project, TrainableProjectAdmin)


@admin.register(DatasetSnapshot)
class DatasetSnapshotAdmin(ReadOnlyAdmin):
    """Frozen data."""

    list_display = ("project", "number", "training_rows", "holdout_rows", "hash", "created_at")
    list_filter = ("project",)
    list_select_related = ("project",)


@admin.register(TrainingRun)
class TrainingRunAdmin(ReadOnlyAdmin):
    """Training runs."""

    list_display = ("project", "number", "state", "stage", "attempt", "created_by", "created_at")
    list_filter = ("project", "state")
    list_select_related = ("project", "created_by")


@admin.register(ModelVersion)
class ModelVersionAdmin(ReadOnlyAdmin):
    """Models."""

    list_display = ("project", "number", "recipe", "stage", "overrode_gate", "created_at")
    list_filter = ("project", "stage", "recipe")
    list_select_related = ("project",)


@admin.register(Deployment)
class DeploymentAdmin(ReadOnlyAdmin):
    """What projects serve."""

    list_display = ("project", "accept_threshold", "revision", "updated_at")
    list_select_related = ("project",)


@admin.register(BatchJob)
class BatchJobAdmin(ReadOnlyAdmin):
    """Batch tagging."""

    list_display = ("project", "model_version", "state", "done", "total", "created_at")
    list_filter = ("project", "state")
    list_select_related = ("project", "model_version")
