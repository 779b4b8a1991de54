"""The gate holds what must stay in the mail, says why and where, and fails closed."""

import pytest

from classify import sensitive
from classify.sensitive import gate
from domain.mail import TextPart, Trim
from tests.classify.threads import thread

HELD = [
    ("Sophie's file", "We need to decide on her salary before Friday.", "staff"),
    ("Dossier de Marc", "Il faudra lui remettre un avertissement écrit jeudi.", "staff"),
    ("Absence", "Elle est en congé de maladie jusqu'en juin, billet médical à l'appui.", "health"),
    ("Re: claim", "Outside counsel thinks the plaintiff will accept.", "legal"),
    ("Fournisseur", "Nous avons reçu une mise en demeure ce matin.", "legal"),
    ("Login form", "The search box is open to SQL injection and it is unpatched.", "security"),
    ("Plan", "Ne pas diffuser. Merci.", "marking"),
    ("Offre", "CONFIDENTIEL\nVoici les chiffres.", "marking"),
    ("Confidential: plan", "See below.", "marking"),
    ("Tableau", "PROTECTED B / PROTÉGÉ B\nVoici le tableau.", "marking"),
    ("Budget", "Classification: Protected A\nSee the sheet.", "marking"),
    ("Budget", "*** Strictly private and confidential ***\nSee the sheet.", "marking"),
    ("Incident", "TLP:AMBER+STRICT\nSee the sheet.", "marking"),
    ("Angebot", "Streng vertraulich\nSiehe Anlage.", "marking"),
    ("List", "[HR] These are the names.", "marking"),
]
FREE = [
    ("Printer on floor 3", "How do I install the printer driver on the new laptops?"),
    ("Cafétéria", "Que pensez-vous du nouveau menu de la cafétéria ?"),
    ("Minutes", "Classification: Unclassified / Non classifié\nThe minutes are on the wiki."),
    ("Branch", "Protected a branch on the server\nNobody can push to it by mistake now."),
    ("Tag", "hr] is what the template shows where a name is missing."),
    ("Release 4.2", "Version 4.2 is out. Thanks to all who tested it."),
    ("Wiki", "Voici la procédure pour réserver une salle : ouvrez le calendrier, choisissez la salle."),
]


@pytest.mark.parametrize(("subject", "text", "reason"), HELD, ids=[row[0] for row in HELD])
def test_a_sensitive_thread_is_held_for_its_reason(subject: str, text: str, reason: str) -> None:
    hits = gate(thread(subject, "Hello", text))

    assert reason in {hit.reason for hit in hits}


def test_a_hit_names_the_message_where_it_is() -> None:
    hits = gate(thread("Sujet", "Bonjour", "Le mot de passe est Tournesol#47"))

    assert [hit.message_id for hit in hits] == ["m1@example.com"]
    assert "Tournesol" not in hits[0].detail


@pytest.mark.parametrize(("subject", "text"), FREE, ids=[row[0] for row in FREE])
def test_an_ordinary_thread_is_free(subject: str, text: str) -> None:
    assert gate(thread(subject, text)) == ()


def test_a_secret_in_a_quote_counts() -> None:
    parts = (TextPart(text="See below."), TextPart(text="password: maplesyrup7", trim=Trim.QUOTE))

    hits = gate(thread("Access", "See below.", parts=parts))

    assert {hit.reason for hit in hits} == {"credentials"}


def test_a_disclaimer_alone_does_not_make_a_thread_sensitive() -> None:
    notice = TextPart(text="This e-mail is strictly confidential.", trim=Trim.DISCLAIMER)

    assert gate(thread("Menu", "Soup today.", parts=(TextPart(text="Soup today."), notice))) == ()


@pytest.mark.parametrize(
    "fields", [{"encrypted": True}, {"sensitivity": ("private",)}], ids=["encrypted", "label"]
)
def test_encrypted_and_labelled_mail_is_sensitive(fields: dict[str, object]) -> None:
    assert {hit.reason for hit in gate(thread("Menu", "Soup", **fields))} == {"label"}


@pytest.mark.parametrize("label", ["General", "public", "Internal", "Interne", "NON CLASSIFIÉ", "normal"])
def test_an_open_label_does_not_hold(label: str) -> None:
    assert gate(thread("Menu", "Soup", sensitivity=(label,))) == ()


def test_an_unknown_label_beside_an_open_one_holds() -> None:
    hits = gate(thread("Menu", "Soup", sensitivity=("general", "tier 4")))

    assert [hit.reason for hit in hits] == ["label"]


def test_a_failure_in_the_gate_holds_the_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(thread: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(sensitive, "definite", broken)

    assert [hit.reason for hit in gate(thread("Menu", "Soup"))] == ["gate failed"]


def test_signs_without_end_do_not_hold_the_gate() -> None:
    text = "\n" * 60_000 + "-" * 60_000 + "\n- " * 20_000

    assert gate(thread("Menu", text)) == ()
