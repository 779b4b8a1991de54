"""No bytes make the reader raise, and what it reads can be stored anywhere."""

from dataclasses import asdict
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.mail import Message
from ingest.parse import read
from tests.ingest.reading import MAILS, raw

SAMPLES = sorted(MAILS.rglob("*.eml"))
FRAGMENTS = [
    b"From: ",
    b"To: a@b, ",
    b"Subject: =?utf-8?b?",
    b"?=",
    b"\r\n",
    b"\n",
    b"\n\n",
    b"--b",
    b"--b--",
    b"Content-Type: multipart/mixed; boundary=b\n\n",
    b'Content-Type: multipart/alternative; boundary="b"\n\n',
    b"Content-Type: text/html; charset=utf-16\n\n",
    b"Content-Type: text/plain; format=flowed; delsp=yes\n\n",
    b"Content-Type: application/pkcs7-mime\nContent-Transfer-Encoding: base64\n\n",
    b"Content-Transfer-Encoding: quoted-printable\n",
    b"Content-Disposition: attachment; filename*0*=",
    b"References: <a@b> <c",
    b"In-Reply-To: from <a@b>",
    b"Date: Mon, 99 Foo 20244 99:99:99 +9999\n",
    b"-----BEGIN PGP SIGNED MESSAGE-----\n",
    b"<blockquote>",
    b"> ",
    b"\x1b$B",
    b"\xff\xfe",
    b"\x00",
    b"\xed\xa0\x80",
]


@settings(deadline=None, max_examples=150)
@given(st.binary(max_size=2_000))
def test_any_bytes_can_be_read(content: bytes) -> None:
    check(content)


@settings(deadline=None, max_examples=200)
@given(st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.binary(max_size=12)), max_size=40))
def test_any_pieces_of_mail_can_be_read(pieces: list[bytes]) -> None:
    check(b"".join(pieces))


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(SAMPLES), st.integers(0, 4_000), st.integers(0, 40), st.binary(max_size=8))
def test_any_damaged_mail_can_be_read(path: Path, at: int, length: int, put: bytes) -> None:
    content = path.read_bytes()
    check(content[:at] + put + content[at + length :])


def check(content: bytes) -> None:
    first, second = read(raw(content)), read(raw(content))
    assert first == second
    assert first.date.tzinfo is not None
    for text in texts(first):
        text.encode("utf-8")
        assert "\x00" not in text
    for line in (first.subject, first.sender.name, *(value for _, value in first.headers)):
        assert "\n" not in line


def texts(message: Message) -> list[str]:
    """Every string in a message, however deep."""
    found: list[str] = []
    waiting: list[object] = [asdict(message)]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list | tuple):
            waiting.extend(value)
    return found
