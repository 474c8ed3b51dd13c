"""The signature that a receiver checks."""

import hashlib
import hmac

from hypothesis import given
from hypothesis import strategies as st

from feedback.webhooks.signing import secret_of, sign, verify


@given(st.binary(), st.text("0123456789abcdef", min_size=32, max_size=32))
def test_a_signed_body_verifies_and_another_does_not(body: bytes, nonce: str) -> None:
    secret = secret_of(nonce)
    header = sign(body, secret=secret, timestamp=1_000)
    assert verify(header, body, secret=secret, now=1_300)
    assert not verify(header, body + b"x", secret=secret, now=1_000)
    assert not verify(header, body, secret=secret_of(nonce + "0"), now=1_000)


def test_it_is_made_as_documented() -> None:
    digest = hmac.new(b"whsec_1", b"1000.{}", hashlib.sha256).hexdigest()
    assert sign(b"{}", secret="whsec_1", timestamp=1000) == f"t=1000,v1={digest}"


@given(st.text())
def test_what_is_no_signature_is_none(header: str) -> None:
    assert not verify(header, b"{}", secret="whsec_1", now=10**12)


def test_an_old_one_is_refused() -> None:
    header = sign(b"{}", secret="whsec_1", timestamp=1_000)
    assert not verify(header, b"{}", secret="whsec_1", now=1_301)
    assert not verify(header, b"{}", secret="whsec_1", now=699)
