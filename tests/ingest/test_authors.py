import pytest

from domain.mail import Address
from tests.ingest.reading import read_bytes

BOB = Address(email="bob@example.com", name="Bob Ray")
LIST = (
    b"To: team@lists.example.com\n"
    b"List-Id: <team.lists.example.com>\nList-Post: <mailto:team@lists.example.com>\n"
)


@pytest.mark.parametrize(
    ("header", "author"),
    [
        (b"From: Bob Ray <bob@example.com>\n", BOB),
        (
            b"From: Bob Ray via Team <team@lists.example.com>\nReply-To: Bob Ray <bob@example.com>\n" + LIST,
            BOB,
        ),
        (b"From: Bob Ray via Team <team@lists.example.com>\nX-Original-From: bob@example.com\n" + LIST, BOB),
        (
            b"From: Bob Ray via Team <team@lists.example.com>\nReply-To: team@lists.example.com\n" + LIST,
            Address(email="team@lists.example.com", name="Bob Ray"),
        ),
        (
            b"From: Trains via Lyon <bob@example.com>\nReply-To: eve@example.com\n",
            Address(email="bob@example.com", name="Trains via Lyon"),
        ),
        (b"Sender: Bob Ray <bob@example.com>\n", BOB),
        (b"Reply-To: Bob Ray <bob@example.com>\n", BOB),
    ],
    ids=["plain", "reply-to", "original", "hidden", "no list", "sender only", "reply-to only"],
)
def test_the_author_is_who_wrote_it(header: bytes, author: Address) -> None:
    assert read_bytes(header + b"\nHello.\n").sender == author


def test_a_stranger_cannot_pass_for_a_colleague() -> None:
    header = b"From: Bob Ray via X <eve@example.net>\nTo: ana@example.com\nX-Original-From: bob@example.com\n"
    assert read_bytes(header + b"List-Id: <x>\n\nHello.\n").sender.email == "eve@example.net"
