"""People and the API keys that act for them."""

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone


class User(AbstractUser):
    """A person, or a program that has a name of its own."""

    def __str__(self) -> str:
        return self.get_full_name() or self.username


class Scope(models.TextChoices):
    """What a key may be used for; its owner's memberships bound it further."""

    READ = "read", "read"
    WRITE = "write", "write"
    TAG = "tag", "tag"


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    """Keys by what they can do."""

    def usable(self) -> "ApiKeyQuerySet":
        """Keys that are neither revoked nor expired and whose owner is active."""
        now = timezone.now()
        return self.filter(
            models.Q(expires_at=None) | models.Q(expires_at__gt=now),
            revoked_at=None,
            user__is_active=True,
        )


class ApiKey(models.Model):
    """A secret that acts for a user over REST: only its SHA-256 is kept.

    The secret has 256 random bits, so a fast hash is as good as a slow one.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_keys"
    )
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=8, help_text="Shown so that a key can be recognised.")
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
