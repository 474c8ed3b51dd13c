"""Calling a project's pages as a browser does."""

from typing import Any

from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

PART = {"HX-Request": "true"}


def at(name: str, *args: Any) -> str:
    """Return the address of a page of the project `test`."""
    return reverse(name, args=["test", *args])


def text_of(response: Any) -> str:
    """Return a page with its white space collapsed."""
    return " ".join(response.content.decode().split())


def told(response: Any) -> list[str]:
    """Return what the next page will tell after a redirect."""
    return [str(message) for message in get_messages(response.wsgi_request)]


def strict(client: Client) -> Client:
    """Return a browser signed in as this one, whose posts are checked for the CSRF token."""
    checking = Client(enforce_csrf_checks=True)
    checking.cookies = client.cookies
    return checking
