"""`manage.py create_key USERNAME NAME --scope tag`: make an API key and print its secret once."""

from argparse import ArgumentParser
from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.keys import create_key
from accounts.models import Scope, User


class Command(BaseCommand):
    """Make an API key for a user; standard output holds the secret and nothing else."""

    help = "Make an API key; its secret is printed once and cannot be read again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the owner, the key and its scopes."""
        parser.add_argument("username")
        parser.add_argument("name", help="what the key is for")
        parser.add_argument("--scope", action="append", choices=Scope.values, required=True)
        parser.add_argument("--days", type=int, help="for how many days it is good; else for ever")

    def handle(
        self,
        *args: object,
        username: str,
        name: str,
        scope: list[str],
        days: int | None,
        **options: object,
    ) -> None:
        """Make the key and print its secret."""
        user = User.objects.filter(username=username, is_active=True).first()
        if user is None:
            raise CommandError(f"There is no user '{username}'.")
        expires = None if days is None else timezone.now() + timedelta(days=days)
        _, secret = create_key(user=user, name=name, scopes=scope, expires_at=expires)
        self.stdout.write(secret)
