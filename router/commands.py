"""Commands that people write in answer to our mails: STOP, KEEP IN MAIL, MOVE and their French twins.

Forgiving about case, accents, punctuation and politeness, strict about everything else: a sentence that
merely begins with such a word is no command.
"""

import re
from enum import StrEnum

from domain.mail import Message
from router.wording import fold


class Command(StrEnum):
    """What the person wants."""

    STOP = "stop"  # write to me no more, move nothing that I take part in
    KEEP = "keep"  # this thread stays in the mail
    MOVE = "move"  # move this thread now


_PHRASES = {
    Command.STOP: """
        stop, stop unchain, stop it, unsubscribe, unsubscribe me, remove me, opt out,
        arret, arrete, arretez, desabonner, me desabonner, desabonnez-moi, desabonnez moi, desabonnement,
        desinscription, me desinscrire, desinscrire, desinscrivez-moi""",
    Command.KEEP: """
        keep, keep it, keep in mail, keep it in mail, keep this in mail, keep in the mail,
        keep it in the mail, keep this in the mail, keep in email, keep it in email,
        keep in e-mail, keep it in e-mail,
        garder, gardez, garder dans le courriel, garder dans les courriels, gardez dans le courriel,
        a garder dans le courriel, garder en courriel, garder par courriel, garder dans la messagerie,
        garder dans le mail, garder en mail, garder par mail, garder dans l'e-mail""",
    Command.MOVE: """
        move, move it, move this, yes, yes move, yes move it,
        oui, deplacer, deplacez, deplace, oui deplacer, oui deplacez, deplacez-le, oui deplacez-le,
        deplacer ce fil""",
}
_COMMANDS = {
    phrase: command
    for command, phrases in _PHRASES.items()
    for phrase in " ".join(phrases.split()).split(", ")
}
# Words around a command that change nothing.
_GREETINGS = frozenset({"bonjour", "bonsoir", "salut", "hello", "hi", "hey", "dear", "unchain"})
_COURTESIES = ("s'il vous plait", "s'il te plait", "merci beaucoup", "merci", "svp", "stp", "please", "pls")
_COURTESIES_AFTER = (*_COURTESIES, "thanks", "thank you", "many thanks", "unchain")
_EDGES = re.compile(r"^[^\w]+|[^\w]+$")
_INNER = re.compile(r"[,;:!.\"«»“”]+")
_LONGEST = 120  # a command's line is short; longer ones need no look


def recognise(own_words: str) -> Command | None:
    """The command in the first line that is more than a greeting, or None."""
    for line in own_words[:2000].splitlines():
        said = _bare(line)
        if said:
            return _COMMANDS.get(said)
    return None


def recognise_reply(message: Message) -> Command | None:
    """The command in a mail to us: its own words or, where it has none, its subject (RFC 2369)."""
    if message.own_words.strip():
        return recognise(message.own_words)
    return recognise(message.subject)


def _bare(line: str) -> str:
    if len(line) > _LONGEST:
        return fold(line[:_LONGEST])
    said = " ".join(_EDGES.sub("", word) for word in fold(_INNER.sub(" ", line)).split())
    said = _EDGES.sub("", " ".join(said.split()))
    while said.partition(" ")[0] in _GREETINGS:
        said = said.partition(" ")[2]
    return _without_courtesy(said)


def _without_courtesy(said: str) -> str:
    for courtesy in _COURTESIES:
        if said == courtesy:
            return said
        said = said.removeprefix(f"{courtesy} ")
    for courtesy in _COURTESIES_AFTER:
        said = said.removesuffix(f" {courtesy}")
    return said
