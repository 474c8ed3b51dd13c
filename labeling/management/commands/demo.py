"""`manage.py demo`: make the demo project and say who can sign in to it."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from labeling.demo.build import build
from labeling.demo.people import PASSWORD, PEOPLE


class Command(BaseCommand):
    """Make the demo project where it is missing, and print its sign-ins."""

    help = "Make the demo project and print its sign-ins (local mode only)."

    def handle(self, *args: object, **options: object) -> None:
        """Build, then print one line for each person."""
        if not settings.LOCAL:
            raise CommandError("The demo has a well-known password: it is for local mode only.")
        build()
        for person in PEOPLE:
            self.stdout.write(f"{person.username:<8}{PASSWORD:<16}{person.role.label.lower()}")
