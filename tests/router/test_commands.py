"""Commands in answers to our mails: forgiving in form, never found in ordinary sentences."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.commands import Command, recognise, recognise_reply
from tests.router.samples import message

COMMANDS = [
    ("STOP", Command.STOP),
    ("stop", Command.STOP),
    (" Stop. ", Command.STOP),
    ("*STOP*", Command.STOP),
    ("“STOP”", Command.STOP),
    ("Stop please!", Command.STOP),
    ("Please stop", Command.STOP),
    ("unsubscribe", Command.STOP),
    ("ARRÊT", Command.STOP),
    ("Arret", Command.STOP),
    ("arrêtez, s'il vous plaît", Command.STOP),
    ("Arrêtez s’il vous plaît.", Command.STOP),
    ("STOP svp", Command.STOP),
    ("Merci, stop", Command.STOP),
    ("Désinscription", Command.STOP),
    ("désabonnez-moi !", Command.STOP),
    ("STOP\n\nInès Marchand\nAtelier Boréal", Command.STOP),
    ("KEEP IN MAIL", Command.KEEP),
    ("keep in mail, thanks", Command.KEEP),
    ("Keep it in the mail please.", Command.KEEP),
    ("Keep in e-mail", Command.KEEP),
    ("keep", Command.KEEP),
    ("GARDER DANS LE COURRIEL", Command.KEEP),
    ("garder dans le courriel, merci beaucoup", Command.KEEP),
    ("Garder", Command.KEEP),
    ("« Garder »", Command.KEEP),
    ("Bonjour,\n\nGarder dans le courriel.\nMerci", Command.KEEP),
    ("Hello Unchain,\nkeep in mail", Command.KEEP),
    ("MOVE", Command.MOVE),
    ("move it please", Command.MOVE),
    ("Yes!", Command.MOVE),
    ("OUI, DÉPLACER", Command.MOVE),
    ("Oui", Command.MOVE),
    ("oui merci", Command.MOVE),
    ("Déplacer", Command.MOVE),
    ("deplacez", Command.MOVE),
]
SENTENCES = [
    "",
    "   \n \n",
    "Stop by my office",
    "Stop by my office when you can.\nSTOP",
    "Stopping the server tonight",
    "Stop the server, please",
    "Non-stop",
    "The bus stop",
    "Arrêt de la production lundi",
    "Arrête de plaisanter",
    "Keep in mind that the office closes at five",
    "Keep in touch",
    "Keep me posted",
    "Garder les clés au bureau",
    "Garder à l'esprit : réunion à 15 h",
    "Move the meeting to Monday",
    "Moved",
    "Yes, I agree with Otto",
    "Oui, mais pas avant lundi",
    "Déplacer la réunion à lundi",
    "We should stop",
    "Bonjour Otto,\nstop",
    "Please",
    "merci",
    "Hello",
    "…",
    "stop " * 40,
]


@pytest.mark.parametrize(("text", "command"), COMMANDS)
def test_a_command_is_recognised(text: str, command: Command) -> None:
    assert recognise(text) is command


@pytest.mark.parametrize("text", SENTENCES)
def test_an_ordinary_text_is_no_command(text: str) -> None:
    assert recognise(text) is None


def test_a_one_click_mail_without_words_speaks_by_its_subject() -> None:
    assert recognise_reply(message(subject="STOP", own_words="\n")) is Command.STOP


def test_the_subject_does_not_count_where_there_are_words() -> None:
    assert recognise_reply(message(subject="STOP", own_words="Where is the page?")) is None


@settings(deadline=None)
@given(text=st.text(max_size=300))
def test_recognising_never_raises(text: str) -> None:
    recognise(text)


@settings(deadline=None)
@given(
    word=st.sampled_from(["STOP", "keep in mail", "oui"]),
    rest=st.text(alphabet="bcdxyz", min_size=1, max_size=9),
)
def test_a_word_more_makes_it_a_sentence(word: str, rest: str) -> None:
    assert recognise(f"{word} {rest}") is None
