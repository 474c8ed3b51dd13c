"""Projects in Django's admin, for operators."""

from django.contrib import admin

from labeling.models import Event, ImportJob, Label, Membership, Project


class LabelInline(admin.TabularInline[Label, Project]):
    """A project's labels."""

    model = Label
    extra = 0


class MembershipInline(admin.TabularInline[Membership, Project]):
    """A project's people."""

    model = Membership
    extra = 0
    autocomplete_fields = ("user",)


@admin.register(Project)
class ProjectAdmin(admin.ModelAdmin[Project]):
    """A project with its labels and people."""

    list_display = ("name", "slug", "overlap", "created_at")
    search_fields = ("name", "slug")
    inlines = (LabelInline, MembershipInline)


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows that only verbs write."""

    def has_add_permission(self, request: object) -> bool:
        """Refuse: rows are made by verbs."""
        return False

    def has_change_permission(self, request: object, obj: object = None) -> bool:
        """Refuse: rows are changed by verbs."""
        return False

    def has_delete_permission(self, request: object, obj: object = None) -> bool:
        """Refuse: the record stays whole."""
        return False


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """The record of state changes."""

    list_display = ("created_at", "project", "actor", "verb", "subject_type", "before", "after")
    list_filter = ("project", "verb")
    list_select_related = ("project", "actor")


@admin.register(ImportJob)
class ImportJobAdmin(ReadOnlyAdmin):
    """Imports and their outcome."""

    list_display = ("created_at", "project", "source", "added", "duplicates", "refused")
