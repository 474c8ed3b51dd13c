"""Which addresses may be called: none inside the network that Tagloop runs in."""

import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from django.conf import settings

PORTS = {"http": 80, "https": 443}
# Addresses of IPv6 that stand for one of IPv4: NAT64, and 6to4 with it in bits 16 to 48.
NAT64 = ip_network("64:ff9b::/96")


class AddressRefused(Exception):
    """A URL that may not be called; the message says why."""


@dataclass(frozen=True)
class Target:
    """Where to connect to, and under which name."""

    scheme: str
    host: str
    port: int
    path: str
    addresses: tuple[str, ...]

    @property
    def netloc(self) -> str:
        """The value of the header Host."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    def at(self, address: str) -> str:
        """Return the URL with an address in place of the name."""
        host = f"[{address}]" if ":" in address else address
        return f"{self.scheme}://{host}:{self.port}{self.path}"


def target_of(url: str) -> Target:
    """Resolve a URL and check every address that its name has.

    Raises:
        AddressRefused: it cannot be called, or one of its addresses is not public while
            WEBHOOK_ALLOW_PRIVATE is off.
    """
    scheme, host, port, path = _parts(url)
    addresses = _resolve(host, port)
    if not settings.WEBHOOK_ALLOW_PRIVATE:
        for address in addresses:
            _require_public(host, address)
    return Target(scheme, host, port, path, addresses)


def is_public(address: str) -> bool:
    """Tell whether an IP address is one of the internet at large."""
    found = _embedded(ip_address(address.partition("%")[0]))
    return found.is_global and not found.is_multicast


def _parts(url: str) -> tuple[str, str, int, str]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise AddressRefused("it is not a URL.") from error
    if parts.scheme not in PORTS or not parts.hostname:
        raise AddressRefused("give a whole URL that begins with https:// or http://.")
    if parts.username is not None or parts.password is not None:
        raise AddressRefused("leave name and password out: the signature says who calls.")
    path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    return parts.scheme, parts.hostname, port or PORTS[parts.scheme], path


def _resolve(host: str, port: int) -> tuple[str, ...]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise AddressRefused(f"no address is known for {host}.") from error
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


def _require_public(host: str, address: str) -> None:
    if not is_public(address):
        raise AddressRefused(
            f"{host} is {address}, which is no public address. An operator allows such addresses "
            "with WEBHOOK_ALLOW_PRIVATE=true."
        )


def _embedded(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the address of IPv4 that one of IPv6 stands for, else the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
