"""Routing and reports in Django's admin, for operators."""

from django.contrib import admin

from feedback.models import OnlineEvaluation, Report, Routing, RoutingPolicy
from labeling.admin import ReadOnlyAdmin


@admin.register(Report)
class ReportAdmin(ReadOnlyAdmin):
    """Reports, and whose they are."""

    list_display = ("created_at", "project", "prediction", "claimed_label", "reported_by")
    list_filter = ("project",)
    list_select_related = ("project", "prediction", "claimed_label", "reported_by")


@admin.register(Routing)
class RoutingAdmin(ReadOnlyAdmin):
    """What was done about uncertain predictions."""

    list_display = ("created_at", "prediction", "task", "outcome")
    list_select_related = ("prediction", "task")


@admin.register(RoutingPolicy)
class RoutingPolicyAdmin(admin.ModelAdmin[RoutingPolicy]):
    """How many people look at what a model was not sure of."""

    list_display = ("project", "looks")


@admin.register(OnlineEvaluation)
class OnlineEvaluationAdmin(ReadOnlyAdmin):
    """Online evaluations, and how they ended."""

    list_display = ("created_at", "project", "state", "failure")
    list_filter = ("project", "state")
    list_select_related = ("project",)
