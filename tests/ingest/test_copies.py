from ingest.copies import duplicate_of
from tests.ingest.reading import mail

ORIGINAL = mail("a@x", words="See you at noon")


def test_a_copy_through_a_list_is_the_same_mail() -> None:
    assert duplicate_of(
        mail("a@x", subject="[team] Lunch", words="See you at noon\n-- \nteam list"), ORIGINAL
    )


def test_a_copy_whose_sender_the_list_rewrote_is_the_same_mail() -> None:
    assert duplicate_of(mail("a@x", sender="team@lists.example.com", words="See you at  noon"), ORIGINAL)


def test_another_mail_with_the_same_id_is_not() -> None:
    assert not duplicate_of(mail("a@x", subject="Invoice", words="Please pay"), ORIGINAL)
    assert not duplicate_of(mail("a@x", minutes=60 * 24, words="See you at noon"), ORIGINAL)
    assert not duplicate_of(mail("a@x", sender="eve@example.com", words="No"), ORIGINAL)


def test_mails_without_ids_are_the_same_only_byte_for_byte() -> None:
    assert duplicate_of(mail(None), mail(None))
    assert not duplicate_of(mail(None, words="a"), mail(None, words="b"))
