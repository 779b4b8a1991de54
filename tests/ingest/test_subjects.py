import pytest

from ingest.subjects import (
    base_subject,
    clean_subject,
    looks_like_forward,
    looks_like_reply,
    names_former_subject,
)

SAME = [
    "Lunch on Friday",
    "Re: Lunch on Friday",
    "RE: RE: Lunch on Friday",
    "Re[2]: Lunch on Friday",
    "Re: [team] Lunch on Friday",
    "[team] Re: Lunch on Friday",
    "[EXTERNAL] RE: Lunch on Friday",
    "[EXT] AW: Lunch on Friday",
    "EXTERNAL: Re: Lunch on Friday",
    "(External) Lunch on Friday",
    "***SPAM*** Lunch on Friday",
    "AW: WG: Lunch on Friday",
    "Antw: Lunch on Friday",
    "SV: VS: Lunch on Friday",
    "TR : RE : Lunch on Friday",
    "Réf : Lunch on Friday",
    "RES: ENC: Lunch on Friday",
    "R: I: Lunch on Friday",
    "Odp: Lunch on Friday",
    "YNT: ILT: Lunch on Friday",
    "Отв: Пересл: Lunch on Friday",
    "回复：Lunch on Friday",
    "ΑΠ: ΠΡΘ: Lunch on Friday",
    "השב: Lunch on Friday",
    "رد: Lunch on Friday",
    "Vá: Lunch on Friday",
    "Fwd: Lunch on Friday",
    "[Fwd: Lunch on Friday]",
    "Lunch on Friday (fwd)",
    "lunch  on\tfriday",
    "Re: Re: AW: Fwd: [team] [external] Lunch on Friday",
    "Re : Lunch on Friday",
    "Odp.: Lunch on Friday",
    "Rép. : Lunch on Friday",
    "Réponse : Lunch on Friday",
    "Risposta: Lunch on Friday",
    "Odg: Lunch on Friday",
    "Ответ: Re[3]: Lunch on Friday",
    "תשובה: Lunch on Friday",
    "ตอบ: Lunch on Friday",
    "{Spam?} Re: Lunch on Friday",
    "<External> Re: Lunch on Friday",
    "[External]: Re: Lunch on Friday",
    "⚠ Re: Lunch on Friday",
    "(dev) Re: Lunch on Friday",
    "Urgent: Re: Lunch on Friday",
    "[Fwd: [Re: Lunch on Friday]]",
    "Re: Lunch on Friday (was: Dinner)",
    "Lunch on Friday [was Re: Dinner]",
    "AW: Lunch on Friday (war: Abendessen)",
]


@pytest.mark.parametrize("subject", SAME)
def test_marks_and_tags_do_not_change_the_base_subject(subject: str) -> None:
    assert base_subject(subject) == "lunch on friday"


@pytest.mark.parametrize(
    ("subject", "base"),
    [
        ("", ""),
        ("Re:", ""),
        ("Re: Fwd:", ""),
        ("[team]", "[team]"),
        ("Rental: a car", "rental: a car"),
        ("Transport: trains", "transport: trains"),
        ("I think: no", "i think: no"),
        ("Reply-all considered harmful", "reply-all considered harmful"),
        ("Fwiw: nothing", "fwiw: nothing"),
        ("[team] [dev] x", "x"),
        ("Re: (no subject)", ""),
        ("AW: <Kein Betreff>", ""),
        ("(sans objet)", ""),
        ("None of these", "none of these"),
        ("Lunch (was great)", "lunch"),
        ("Invoice 12 (ex VAT)", "invoice 12 (ex vat)"),
        ("Plan B: R: and I: columns", "plan b: r: and i: columns"),
        ("Question: what now", "question: what now"),
        ("🎉 Release", "🎉 release"),
        ("Été : Straße", "été : strasse"),
    ],
)
def test_words_that_only_look_like_marks_stay(subject: str, base: str) -> None:
    assert base_subject(subject) == base


def test_what_is_shown_keeps_its_case() -> None:
    assert clean_subject("Re: [team] Déjeuner VENDREDI") == "Déjeuner VENDREDI"
    assert clean_subject("Re:") == "Re:"


@pytest.mark.parametrize(
    "subject",
    [
        "⚠ Re: x",
        "dev: Re: x",
        "Odp.: x",
        "Re: x",
        "[team] RE : x",
        "[EXT] AW: x",
        "SV: x",
        "Odp: x",
        "Re[3]: x",
        "RE: FW: x",
    ],
)
def test_replies_are_seen_behind_tags(subject: str) -> None:
    assert looks_like_reply(subject)


@pytest.mark.parametrize("subject", ["x", "Fwd: Re: x", "[team] x", "Regarding x", "", "WG: x"])
def test_first_mails_and_forwards_are_no_replies(subject: str) -> None:
    assert not looks_like_reply(subject)


def test_a_subject_can_say_what_it_was_before() -> None:
    assert names_former_subject("Dinner (was: Lunch)")
    assert names_former_subject("Dinner [was Re: Lunch")
    assert not names_former_subject("What was lunch?")


@pytest.mark.parametrize(
    "subject",
    [
        *(
            "Fwd: tea",
            "FW:tea",
            "TR : thé",
            "WG: AW: Tee",
            "I: tè",
            "İLT: çay",
            "Redir.: ceai",
            "Videresend: te",
        ),
        *(
            "RV: té",
            "PD: herbata",
            "ENC: chá",
            "VB: te",
            "VL: tee",
            "转发：茶",
            "[list] Fwd: tea",
            "SPAM: Fwd: tea",
        ),
        *("[Fwd: tea]", "tea (fwd)", "Fwd(2): tea", "Weitergeleitet: Tee"),
    ],
)
def test_a_forward_is_known_by_its_mark(subject: str) -> None:
    assert looks_like_forward(subject)


@pytest.mark.parametrize(
    "subject", ["tea", "Re: Fwd: tea", "Re: tea (fwd)", "Via: tea", "Info: tea", "Fwd", ""]
)
def test_other_subjects_are_no_forwards(subject: str) -> None:
    assert not looks_like_forward(subject)
