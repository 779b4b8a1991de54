import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.mime import take_apart
from ingest.opaque import Envelope, open_envelope
from tests.ingest.reading import MAILS


def envelope(name: str) -> bytes:
    structure = take_apart((MAILS / "odd" / f"{name}.eml").read_bytes())
    return base64.b64decode(structure.body(structure.root))


@pytest.mark.parametrize("name", ["signed_opaque", "signed_opaque_indefinite"])
def test_signed_content_comes_out(name: str) -> None:
    opened = open_envelope(envelope(name), "")
    assert opened.envelope is Envelope.SIGNED
    assert b"La signature entoure ce texte" in opened.content


def test_encrypted_content_stays_in() -> None:
    assert open_envelope(envelope("encrypted_smime"), "").envelope is Envelope.ENCRYPTED
    assert open_envelope(b"rubbish", "enveloped-data").envelope is Envelope.ENCRYPTED


def test_an_envelope_still_in_base64_is_opened() -> None:
    encoded = base64.encodebytes(envelope("signed_opaque"))
    assert open_envelope(encoded, "").envelope is Envelope.SIGNED


def test_something_else_is_unknown() -> None:
    assert open_envelope(b"", "").envelope is Envelope.UNKNOWN
    assert open_envelope(b"rubbish", "certs-only").envelope is Envelope.UNKNOWN


@given(
    st.integers(0, 160), st.binary(max_size=4), st.sampled_from(["signed_opaque", "signed_opaque_indefinite"])
)
def test_damage_makes_nothing_raise(at: int, put: bytes, name: str) -> None:
    content = envelope(name)
    open_envelope(content[:at] + put + content[at + len(put) :], "signed-data")
    open_envelope(content[:at], "")
