"""Our mails, read back with the standard library: headers, texts, languages."""

import email
import email.policy
import re
from datetime import timedelta
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.mail import Address, Thread
from domain.organisation import Organisation
from router.commands import Command, recognise
from router.letter_text import LANGUAGES
from router.redirect import (
    Home,
    Letter,
    choose_language,
    compose_recall,
    compose_redirect,
    compose_suggestion,
)
from tests.router.samples import BLOG, CIRCLE, MAYA, NOW, ORGANISATION, OTTO, ROOM, WIKI, message, thread

PAGE = "https://commons.boreal.example/wiki/vpn?from=mail&x=1"
STOP_LINK = "https://commons.boreal.example/stop/" + "k" * 120
MAILS = ("redirect", "suggestion", "recall")


def letter(**fields: object) -> Letter:
    given_fields: dict[str, object] = {
        "organisation": ORGANISATION,
        "to": MAYA,
        "thread": thread(),
        "message_id": "redirect.1@boreal.example",
        "sent_at": NOW,
        "language": "en",
        "unsubscribe_url": STOP_LINK,
    }
    return Letter(**(given_fields | fields))  # type: ignore[arg-type]


def composed(mail: str, written: Letter) -> bytes:
    if mail == "redirect":
        return compose_redirect(written, [Home(space=WIKI, url=PAGE)])
    if mail == "suggestion":
        return compose_suggestion(written, WIKI, decide_url=PAGE)
    return compose_recall(written, WIKI)


def read(content: bytes) -> EmailMessage:
    parsed = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def text_of(content: bytes, kind: str = "plain") -> str:
    body = read(content).get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def unwrapped(content: bytes) -> str:
    return " ".join(text_of(content).replace("\u00a0", " ").split())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("mail", MAILS)
def test_the_headers_keep_it_in_the_chain_and_tell_that_a_machine_wrote_it(mail: str, language: str) -> None:
    parsed = read(composed(mail, letter(language=language)))

    assert parsed.defects == []
    assert parsed["From"].addresses[0].addr_spec == "unchain@boreal.example"
    assert parsed["From"].addresses[0].display_name == "Atelier Boréal (Unchain)"
    assert [address.addr_spec for address in parsed["To"].addresses] == ["maya@boreal.example"]
    assert parsed["Cc"] is None
    assert parsed["Subject"] == "Re: How do we reach the VPN from home?"
    assert parsed["Message-ID"] == "<redirect.1@boreal.example>"
    assert parsed["In-Reply-To"] == "<m2@boreal.example>"
    assert parsed["References"] == "<m2@boreal.example>"
    assert parsed["Auto-Submitted"] == "auto-replied"
    assert "OOF" in parsed["X-Auto-Response-Suppress"]
    assert parsed["Date"].datetime == NOW
    assert parsed["Content-Language"] == language


def test_unsubscribing_takes_one_click_or_one_mail() -> None:
    raw = composed("redirect", letter())

    parsed = email.message_from_bytes(raw, policy=email.policy.compat32)

    unfolded = re.sub(r"\r?\n\s+", " ", str(parsed["List-Unsubscribe"]))
    assert unfolded == f"<{STOP_LINK}>, <mailto:unchain@boreal.example?subject=STOP>"
    assert parsed["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


@pytest.mark.parametrize("url", [None, "http://127.0.0.1:8080/stop/x"])
def test_one_click_is_offered_only_over_https(url: str | None) -> None:
    parsed = read(composed("redirect", letter(unsubscribe_url=url)))

    assert parsed["List-Unsubscribe-Post"] is None
    assert "<mailto:unchain@boreal.example?subject=STOP>" in str(parsed["List-Unsubscribe"])


@pytest.mark.parametrize(
    ("language", "phrases"),
    [
        (
            "en",
            [
                "Hello Maya Tremblay,",
                "Everyone at Atelier Boréal can read it there",
                "your reply is added to the page",
            ],
        ),
        (
            "fr",
            [
                "Bonjour Maya Tremblay,",
                "Tout le monde chez Atelier Boréal peut l’y lire",
                "votre réponse est ajoutée à la page",
            ],
        ),
    ],
)
def test_the_redirect_says_where_who_reads_and_that_mail_still_works(
    language: str, phrases: list[str]
) -> None:
    said = unwrapped(composed("redirect", letter(language=language)))

    assert PAGE in said
    for phrase in phrases:
        assert phrase in said


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("mail", "commands"),
    [
        ("redirect", {Command.KEEP, Command.STOP}),
        ("suggestion", {Command.MOVE, Command.KEEP, Command.STOP}),
        ("recall", set()),
    ],
)
def test_every_word_that_a_mail_offers_is_understood_when_it_comes_back(
    mail: str, commands: set[Command], language: str
) -> None:
    lines = text_of(composed(mail, letter(language=language))).splitlines()

    offered = [
        line.strip().partition(" - ")[0] for line in lines if line.startswith("    ") and " - " in line
    ]

    assert {recognise(word) for word in offered} == commands
    assert len(offered) == len(commands)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("space", "phrases"),
    [
        (
            CIRCLE,
            {"en": "Only the people in this conversation", "fr": "Seules les personnes qui participent"},
        ),
        (ROOM, {"en": "The members of the group “it”", "fr": "Les membres du groupe « it »"}),
    ],
)
def test_the_redirect_names_the_readers_of_a_narrow_space(
    space: object, phrases: dict[str, str], language: str
) -> None:
    raw = compose_redirect(letter(language=language), [Home(space=space, url=PAGE)])  # type: ignore[arg-type]

    assert phrases[language] in unwrapped(raw)


def test_several_homes_are_each_shown_with_their_readers() -> None:
    other = "https://commons.boreal.example/blog/7"

    said = unwrapped(compose_redirect(letter(), [Home(space=WIKI, url=PAGE), Home(space=BLOG, url=other)]))

    assert said.index(PAGE) < said.index(other)
    assert said.count("Everyone at Atelier Boréal can read it there.") == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_suggestion_can_be_made_without_a_link(language: str) -> None:
    raw = compose_suggestion(letter(language=language), WIKI, decide_url=None)

    assert "http" not in text_of(raw)
    assert "How do we reach the VPN from home?" in unwrapped(raw)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("mail", MAILS)
def test_both_forms_say_the_same_and_ask_for_nothing_from_outside(mail: str, language: str) -> None:
    raw = composed(mail, letter(language=language))

    page = text_of(raw, "html")

    assert not re.search(r"<(img|script|link|iframe)|src=|@import", page)
    bare = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.partition("<body")[2].partition(">")[2]))
    bare = bare.replace("&#39;", "'").replace("&amp;", "&").replace("&#34;", '"').replace("–", "-").strip()
    plain = " ".join(text_of(raw).replace("\n-- \n", "\n").split())
    assert re.sub(r"\s", "", bare) == re.sub(r"\s", "", plain)
    assert f'lang="{language}"' in page


def test_the_link_can_be_clicked() -> None:
    assert f'<a href="{PAGE.replace("&", "&amp;")}">' in text_of(composed("redirect", letter()), "html")


def test_the_same_letter_gives_the_same_bytes() -> None:
    assert composed("redirect", letter()) == composed("redirect", letter())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("mail", MAILS)
def test_lines_are_short_seven_bit_and_end_in_crlf(mail: str, language: str) -> None:
    raw = composed(mail, letter(language=language))

    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")


def test_the_latest_mail_is_answered_whatever_the_order() -> None:
    late = message(1, date=NOW, references=("root@x.example", "m0@x.example"))
    chain = thread(late, message(2, date=NOW - timedelta(days=1)))

    parsed = read(composed("redirect", letter(thread=chain)))

    assert parsed["In-Reply-To"] == "<m1@boreal.example>"
    assert parsed["References"].split() == ["<root@x.example>", "<m0@x.example>", "<m1@boreal.example>"]


def test_long_chains_of_references_keep_the_first_and_the_last() -> None:
    many = tuple(f"r{number}@x.example" for number in range(100))

    kept = read(composed("redirect", letter(thread=thread(message(references=many)))))["References"].split()

    assert (len(kept), kept[0], kept[1], kept[-1]) == (
        20,
        "<r0@x.example>",
        "<r82@x.example>",
        "<m1@boreal.example>",
    )


def test_long_ids_are_not_garbled() -> None:
    long = "a" * 200 + "@boreal.example"

    raw = composed("redirect", letter(thread=thread(message(message_id=long))))

    assert f"In-Reply-To: <{long}>".encode() in raw


@pytest.mark.parametrize(
    "strange", [None, "", "with blank@x", "é@x.example", "a" * 900, "a>\r\nBcc: x@y.example"]
)
def test_an_id_that_cannot_be_repeated_is_left_out(strange: str | None) -> None:
    parsed = read(composed("redirect", letter(thread=thread(message(message_id=strange)))))

    assert parsed["In-Reply-To"] is None
    assert parsed["Bcc"] is None


@pytest.mark.parametrize("wrong", ["", "no-at-sign", "a b@x.example", "a@x\r\nBcc: y@z.example"])
def test_our_own_id_must_be_one(wrong: str) -> None:
    with pytest.raises(ValueError, match="Message-ID"):
        composed("redirect", letter(message_id=wrong))


def test_nothing_in_a_name_or_subject_becomes_a_header_or_markup() -> None:
    hostile = Thread(
        id="t",
        subject="Hi\r\nBcc: all@boreal.example\x00<script>alert(1)</script>",
        messages=thread().messages,
    )
    person = Address(email="maya@boreal.example", name='Maya\r\nBcc: x@y.example <b>"</b>')

    for mail in MAILS:
        raw = composed(mail, letter(thread=hostile, to=person))
        parsed = read(raw)
        assert parsed["Bcc"] is None
        assert [address.addr_spec for address in parsed["To"].addresses] == ["maya@boreal.example"]
        assert "<script>" not in text_of(raw, "html")
        assert "<b>" not in text_of(raw, "html")


def test_a_template_s_own_signs_in_a_subject_stay_text() -> None:
    braces = Thread(id="t", subject="{{ 7 * 7 }} {% raw %}", messages=thread().messages)

    assert "“{{ 7 * 7 }} {% raw %}”" in unwrapped(composed("recall", letter(thread=braces)))


@pytest.mark.parametrize("subject", ["Re: VPN", "RE : re: VPN", "Re[2]: VPN", "VPN"])
def test_the_subject_has_one_re_whatever_it_had(subject: str) -> None:
    chain = Thread(id="t", subject=subject, messages=thread().messages)

    assert read(composed("redirect", letter(thread=chain)))["Subject"] == "Re: VPN"


@pytest.mark.parametrize(("language", "subject"), [("en", "Re: (no subject)"), ("fr", "Re: (sans objet)")])
def test_a_chain_without_a_subject_gets_one(language: str, subject: str) -> None:
    empty = Thread(id="t", subject="", messages=thread().messages)

    assert read(composed("redirect", letter(thread=empty, language=language)))["Subject"] == subject


@pytest.mark.parametrize("name", ["", "maya@boreal.example", "Tremblay, Maya"])
def test_a_name_that_is_none_is_not_greeted_with(name: str) -> None:
    person = Address(email="maya@boreal.example", name=name)

    assert text_of(composed("redirect", letter(to=person))).startswith("Hello,\n")


def test_french_puts_no_break_spaces_where_they_belong() -> None:
    said = text_of(composed("suggestion", letter(language="fr")))

    assert "«\u00a0How do we" in said
    assert "ligne\u00a0:" in said
    assert not re.search(r" [:;!?»]|« ", said)


@settings(deadline=None)
@given(
    subject=st.text(max_size=300),
    name=st.text(max_size=80),
    language=st.sampled_from(LANGUAGES),
    mail=st.sampled_from(MAILS),
)
def test_any_subject_and_name_gives_a_mail_that_reads_back(
    subject: str, name: str, language: str, mail: str
) -> None:
    chain = Thread(id="t", subject=subject, messages=thread().messages)

    raw = composed(
        mail, letter(thread=chain, to=Address(email="otto@boreal.example", name=name), language=language)
    )

    parsed = read(raw)
    assert [address.addr_spec for address in parsed["To"].addresses] == ["otto@boreal.example"]
    assert parsed["Subject"].startswith("Re: ")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert OTTO.email == parsed["To"].addresses[0].addr_spec


@pytest.mark.parametrize(
    "subject",
    [
        "Où est le VPN ? Où est-il passé ? Et le mot de passe oublié, où ?",
        "日本語 " * 20,
        "x" * 190,
        "Déjà " * 39,
    ],
)
def test_long_subjects_with_accents_read_back_unchanged(subject: str) -> None:
    chain = Thread(id="t", subject=subject, messages=thread().messages)

    assert read(composed("redirect", letter(thread=chain)))["Subject"] == f"Re: {subject.strip()}"


@pytest.mark.parametrize(
    ("preferred", "spoken", "expected"),
    [
        ("en", "fr", "en"),
        (None, "en", "en"),
        (None, "und", "fr"),
        (None, "de", "fr"),
        ("de", "en", "en"),
    ],
)
def test_the_language_is_the_person_s_then_the_thread_s_then_the_first(
    preferred: str | None, spoken: str, expected: str
) -> None:
    assert choose_language(preferred, spoken, ORGANISATION) == expected


def test_an_organisation_without_a_language_of_ours_gets_english() -> None:
    abroad = Organisation(name="x", domains=("x.example",), languages=("de",), url="https://x.example")

    assert choose_language(None, "fr", abroad) == "en"
