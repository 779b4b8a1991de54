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
        (
            b"From: 'Bob Ray' via Team <team@lists.example.com>\nX-Original-Sender: bob@example.com\n" + LIST,
            BOB,
        ),
        (b"From: Bob Ray via Team <team@lists.example.com>\nAuthor: Bob Ray <bob@example.com>\n" + LIST, BOB),
        (
            b"From: Bob Ray via Team <team@lists.example.com>\nReply-To: team@lists.example.com\n"
            b"Cc: Cal <cal@example.com>, Bob Ray <bob@example.com>\n" + LIST,
            BOB,
        ),
        (
            b'From: "Bob Ray (via team Mailing List)" <team@lists.example.com>\n'
            b"Reply-To: Bob Ray <bob@example.com>\n" + LIST,
            BOB,
        ),
        (
            b'From: "Bob Ray via Lists" <bob=example.com@lists.example.com>\n'
            b"Reply-To: team@lists.example.com\n" + LIST,
            BOB,
        ),
        (
            b"From: Bob Ray <0000a1b2c3d4-dmarc-request@lists.example.com>\n"
            b"Reply-To: Bob Ray <bob@example.com>\n" + LIST,
            BOB,
        ),
        (b"Sender: Bob Ray <bob@example.com>\n", BOB),
        (b"Reply-To: Bob Ray <bob@example.com>\n", BOB),
        (b'From: "Bob Ray" <>\n', Address(email="", name="Bob Ray")),
    ],
    ids=[
        *(
            "plain",
            "reply-to",
            "original",
            "hidden",
            "no list",
            "Google Groups",
            "RFC 9057",
            "in Cc",
            "Sympa",
        ),
        *("groups.io", "LISTSERV", "sender only", "reply-to only", "name only"),
    ],
)
def test_the_author_is_who_wrote_it(header: bytes, author: Address) -> None:
    assert read_bytes(header + b"\nHello.\n").sender == author


@pytest.mark.parametrize(
    "header",
    [
        b"From: Bob Ray via X <eve@example.net>\nX-Original-From: bob@example.com\n",
        b"From: Bob Ray via X <eve=example.com@example.net>\nReply-To: bob@example.com\n",
        b"From: Bob Ray <0a1b2c3d-dmarc-request@example.net>\nReply-To: Bob Ray <bob@example.com>\n",
        b"From: Bob Ray <eve@example.net>\nAuthor: Bob Ray <bob@example.com>\n",
    ],
)
def test_a_stranger_cannot_pass_for_a_colleague(header: bytes) -> None:
    content = header + b"To: ana@example.com\nList-Id: <x>\n\nHello.\n"
    assert read_bytes(content).sender.domain == "example.net"


def test_everybody_who_is_named_beside_author_and_recipients_is_told() -> None:
    header = (
        b"From: Ann <ann@example.com>, Bob <bob@example.com>\nFrom: Cal <cal@example.com>\n"
        b"Sender: Dan <dan@example.com>\nReply-To: Eve <eve@example.com>, ann@example.com\n"
        b"To: Fay <fay@example.com>\nResent-From: fay@example.com\nResent-To: Gus <gus@example.com>\n"
        b"Resent-To: Hal <hal@example.com>\nResent-Cc: fay@example.com\n"
    )
    message = read_bytes(header + b"\nHello.\n")
    assert message.sender.email == "ann@example.com"
    assert [each.email[:3] for each in message.bystanders] == ["bob", "cal", "dan", "gus", "hal"]
    assert [each.email for each in message.answers_to] == ["eve@example.com"]
    assert message.stray_people == ()


@pytest.mark.parametrize(
    ("header", "fields"),
    [
        (b"To: ana, bob@example.com\n", ("to",)),
        (b"To: Ana <>\nCc: /O=EXAMPLE/CN=BOB\n", ("to", "cc")),
        (b"From: Ann <ann@example.com>\nFrom: Bob\n", ("from",)),
        (b"From: Ann <ann@example.com>\nReply-To: Bob\nResent-To: cal\n", ("reply-to", "resent-to")),
        (b"Sender: root\n", ()),
        (b"To: undisclosed-recipients:;\nCc: Silva, Ana <ana@example.com>\n", ()),
    ],
)
def test_the_fields_that_name_somebody_who_cannot_be_read_are_told(
    header: bytes, fields: tuple[str, ...]
) -> None:
    assert read_bytes(header + b"\nHello.\n").stray_people == fields
