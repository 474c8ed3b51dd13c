"""People in Django's admin."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

from accounts.models import ApiKey, User

admin.site.register(User, UserAdmin)


@admin.register(ApiKey)
class ApiKeyAdmin(admin.ModelAdmin[ApiKey]):
    """Keys can be looked at and deleted here, never made: a secret is shown only on its page."""

    list_display = ("name", "prefix", "user", "scopes", "expires_at", "revoked_at", "last_used_at")
    readonly_fields = ("user", "prefix", "digest", "scopes", "last_used_at")

    def has_add_permission(self, request: object) -> bool:
        """Refuse: see above."""
        return False
