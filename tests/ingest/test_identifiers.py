import pytest

from ingest.identifiers import in_reply_to, message_id, references


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("<a@b>", "a@b"),
        ("  <a@b>  (added by gateway)", "a@b"),
        ("<a b@c>", "ab@c"),
        ("a@b", "a@b"),
        ("<a@b", "a@b"),
        ("<no-at-sign>", "no-at-sign"),
        ("<<a@b>>", "a@b"),
        ("(by us) <a@b>, <c@d>", "a@b"),
        ("&lt;a@b&gt;", "a@b"),
        ('"<a@b>"', "a@b"),
        ("<a@b@c>", "a@b@c"),
        ("<a@[192.0.2.1]>", "a@[192.0.2.1]"),
        ("", None),
        ("<>", None),
        ("<none>", None),
        ("<NULL>", None),
    ],
)
def test_message_id_is_what_is_between_the_brackets(value: str, found: str | None) -> None:
    assert message_id(value) == found


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("<a@b> <c@d>", ("a@b", "c@d")),
        ("<a@b><c@d>", ("a@b", "c@d")),
        ("<a@b>,<c@d>", ("a@b", "c@d")),
        ("a@b c@d", ("a@b", "c@d")),
        ("a@b;c@d", ("a@b", "c@d")),
        ("<a@b> (was: roof) <c@d>", ("a@b", "c@d")),
        ("<<a@b>> <c@d>", ("a@b", "c@d")),
        ("<a@b> <a@b>", ("a@b",)),
        ("<a@b> <cut@her", ("a@b",)),
        ("words only", ()),
    ],
)
def test_references_are_in_order_and_each_once(value: str, found: tuple[str, ...]) -> None:
    assert references(value) == found


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("<a@b>", ("a@b",)),
        ("<a@b> (Bob's message of Monday)", ("a@b",)),
        ('Your message of "Mon, 4 Mar 2024 10:00:00 +0100." <a@b>', ("a@b",)),
        ("Message from Bob <bob@example.com> of Monday <a@b>", ("a@b",)),
        ('Message from bob@example.com of "Mon, 04 Mar 2024" <a@b>', ("a@b",)),
        ("Message from Zoe <zoe@example.com> of Monday <a@b>", ("a@b",)),
        ("<a@b>; from zoe@example.com on Mon, 4 Mar 2024", ("a@b",)),
        ('"bob@example.com" <bob@example.com>', ()),
        ("Your message of Monday", ()),
        ("bob@example.com", ()),
        ("a@b", ("a@b",)),
    ],
)
def test_an_address_in_prose_is_not_taken_for_an_id(value: str, found: tuple[str, ...]) -> None:
    assert in_reply_to(value, {"bob@example.com"}) == found


def test_of_very_many_references_the_first_and_the_last_are_kept() -> None:
    found = references(" ".join(f"<{number}@x>" for number in range(5_000)))
    assert len(found) == 500
    assert (found[0], found[1], found[-1]) == ("0@x", "4501@x", "4999@x")
