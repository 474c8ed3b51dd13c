"""Addresses of databases and brokers: read strictly, shown without their passwords."""

from urllib.parse import SplitResult, unquote, urlsplit

from config.launcher.errors import StartError

DATABASES = {"postgres", "postgresql", "sqlite"}
BROKERS = {"redis", "rediss", "amqp", "amqps"}


def require_database(url: str) -> None:
    """See that `url` is a database address.

    Raises:
        StartError: it is not.
    """
    parts = _parts(url)
    if not parts or parts.scheme not in DATABASES or not parts.path.strip("/"):
        raise StartError(
            "The database address is not understood. It looks like "
            "postgres://USER:PASSWORD@HOST:5432/NAME or sqlite:////PATH/FILE."
        )


def require_broker(url: str) -> None:
    """See that `url` is a broker address.

    Raises:
        StartError: it is not.
    """
    parts = _parts(url)
    if not parts or parts.scheme not in BROKERS or not parts.hostname:
        raise StartError(
            "The broker address is not understood. It looks like redis://:PASSWORD@HOST:6379/0."
        )


def without_password(url: str) -> str:
    """Return scheme, host, port and path of `url`."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def scrubbed(text: str, url: str) -> str:
    """Return `text` as one line in which the sign-in of `url` is not to be read."""
    line = " ".join(text.split())
    parts = urlsplit(url)
    password = parts.password or ""
    for secret in (parts.netloc.rpartition("@")[0], password, unquote(password)):
        line = line.replace(secret, "…") if secret else line
    return line.rstrip(".")


def _parts(url: str) -> SplitResult | None:
    """Return the parts of `url`; None where it is no address (urllib tells so by ValueError)."""
    try:
        parts = urlsplit(url)
        return parts if parts.port != 0 else None
    except ValueError:
        return None
