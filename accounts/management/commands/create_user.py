"""`manage.py create_user USERNAME`: add a person, and print the password that was made."""

import secrets
from argparse import ArgumentParser

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User


class Command(BaseCommand):
    """Add a person; standard output holds the password and nothing else."""

    help = "Add a person with a random password, which is printed once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the person."""
        parser.add_argument("username")
        parser.add_argument("--email", default="", help="where notices to this person go")
        parser.add_argument("--operator", action="store_true", help="may use Django's admin")

    def handle(
        self, *args: object, username: str, email: str, operator: bool, **options: object
    ) -> None:
        """Make the user and print the password."""
        password = secrets.token_urlsafe(12)
        user = User(username=username, email=email, is_staff=operator, is_superuser=operator)
        user.set_password(password)
        try:
            user.full_clean()
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        user.save()
        self.stdout.write(password)
