"""Which addresses may be called."""

import socket
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from feedback.webhooks.addresses import AddressRefused, is_public, target_of

PRIVATE = [
    *("127.0.0.1", "127.8.8.8", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
    *("0.0.0.0", "100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1"),
    *("ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"),
    "fe80::1%eth0",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_these_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_these_are(address: str) -> None:
    assert is_public(address)


def resolving_to(monkeypatch: pytest.MonkeyPatch, *found: str) -> None:
    """Let every name have these addresses."""

    def answer(host: str, port: int, **how: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in found]

    monkeypatch.setattr(socket, "getaddrinfo", answer)


def test_every_address_of_a_name_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving_to(monkeypatch, "93.184.215.14", "10.0.0.7")
    with pytest.raises(AddressRefused, match=r"^example.org is 10.0.0.7, which is no public"):
        target_of("https://example.org/hook")


def test_the_address_is_connected_to_under_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving_to(monkeypatch, "93.184.215.14")
    target = target_of("https://example.org:8443/hook?a=1#part")
    assert target.at(target.addresses[0]) == "https://93.184.215.14:8443/hook?a=1"
    assert (target.host, target.netloc) == ("example.org", "example.org:8443")


def test_private_ones_may_be_allowed(settings: Settings) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE = True
    assert target_of("http://127.0.0.1").at("127.0.0.1") == "http://127.0.0.1:80/"


@pytest.mark.parametrize(
    "url",
    [
        *("", "example.org", "ftp://example.org", "https://", "http://[::1", "file:///etc/passwd"),
        *("https://a:b@example.org", "http://example.org:99999"),
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        target_of(url)


@pytest.mark.parametrize("url", ["http://2130706433/", "http://0x7f.1/", "http://localhost:5432/"])
def test_other_spellings_of_this_machine_are_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        target_of(url)
