"""Mails made to break a reader are read in time, and none of them raises."""

import time

import pytest

from tests.ingest.hostile_mails import HEAD, HOSTILE
from tests.ingest.reading import read_bytes

# Each takes less than one on an ordinary machine. What needs more than linear time takes minutes at these
# sizes, so that a machine many times slower still passes.
CPU_SECONDS = 20.0


@pytest.mark.timeout(200)
@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_mail_is_read_like_any_other(content: bytes) -> None:
    before = time.process_time()
    message = read_bytes(content)
    assert time.process_time() - before < CPU_SECONDS
    assert len(message.digest) == 64
    assert len(message.headers) <= 1_100


@pytest.mark.parametrize(
    "charset", ["idna", "punycode", "undefined", "base64", "rot13", "hex", "unicode_escape", "oem"]
)
def test_a_codec_that_is_no_charset_does_not_change_the_text(charset: str) -> None:
    content = HEAD + f"Content-Type: text/plain; charset={charset}\n\nSee you \\u0041t noon\n".encode()
    assert read_bytes(content).own_words == "See you \\u0041t noon"
