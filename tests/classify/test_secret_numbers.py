"""Credentials, identity and bank numbers are found by form and check digit, and never repeated."""

import pytest

from classify.secret_numbers import rib_is_valid, secret_numbers

FOUND = [
    ("My SIN is 130 692 544 for the form.", "identity", "Canadian number, grouped"),
    ("Mon NAS : 130692544, merci.", "identity", "named, without blanks"),
    ("Numéro de sécurité sociale 2 91 02 75 115 423 51", "identity", "French NIR with key"),
    ("her SSN 536-90-4399 for payroll", "identity", "American number"),
    ("RAMQ : TREM 8203 1415", "identity", "Quebec health card"),
    ("Virement sur FR76 3000 6000 0112 3456 7890 189", "money", "IBAN"),
    ("card 4111 1111 1111 1111 exp 04/29", "money", "payment card"),
    ("RIB 30001 00794 12345678901 85", "money", "French RIB with key"),
    ("transit 00123, institution 815, compte 1234567", "money", "Canadian bank account"),
    ("Le mot de passe est Tournesol#47", "credentials", "password in French prose"),
    ("user: demo\npassword: maplesyrup", "credentials", "password after a colon"),
    ("-----BEGIN RSA PRIVATE KEY-----\nabc", "credentials", "private key"),
    ("postgresql://app:s3cretpw@db.example.com/x", "credentials", "password in an address"),
    ("The door code is 4471 from Monday", "credentials", "door code"),
]
NOT_FOUND = [
    ("Call me at 514 555 0199 or 418-555-0142.", "phone numbers"),
    ("SIREN 732 829 320, RCS Paris", "company number with a right Luhn digit"),
    ("Invoice 123 456 789 is late", "wrong check digit"),
    ("I forgot my password: where do I reset it?", "a question about passwords"),
    ("Your password is required to log in.", "prose"),
    ("Le mot de passe est expiré.", "French prose"),
    ("IBAN FR76 3000 6000 0112 3456 7890 188", "wrong IBAN"),
    ("Order 4111 1111 1111 1112", "wrong card"),
    ("See ticket 2026-03-02 and build 12345678", "dates and builds"),
]


@pytest.mark.parametrize(("text", "reason"), [row[:2] for row in FOUND], ids=[row[2] for row in FOUND])
def test_a_secret_is_found(text: str, reason: str) -> None:
    assert reason in {found for found, _ in secret_numbers(text)}


@pytest.mark.parametrize("text", [row[0] for row in NOT_FOUND], ids=[row[1] for row in NOT_FOUND])
def test_what_only_looks_like_a_secret_is_left(text: str) -> None:
    assert list(secret_numbers(text)) == []


def test_no_sentence_repeats_a_digit_of_the_secret() -> None:
    sentences = [sentence for text, _, _ in FOUND for _, sentence in secret_numbers(text)]

    assert sentences
    assert not any(c.isdigit() for sentence in sentences for c in sentence)
    assert not any("Tournesol" in sentence or "maplesyrup" in sentence for sentence in sentences)


def test_the_key_of_a_rib_is_checked() -> None:
    assert rib_is_valid("30001007941234567890185")
    assert not rib_is_valid("30001007941234567890186")
