"""A generated mailbox, the same in each run: conversations of a list, with the usual sorts of mail."""

import random
from datetime import UTC, datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

SENTENCES = (
    "the plan for spring meeting room budget we should ask before Friday server moves to new rack please",
    "look at draft again numbers are wrong here is what I think about it réunion déjà prévue après été",
)
WORDS = [word for sentence in SENTENCES for word in sentence.split()]
PEOPLE = tuple(Address(f"Person {n}", f"person{n}", "office.example") for n in range(40))
TEAM = Address("Team", "team", "lists.office.example")
START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


def mails(count: int) -> list[bytes]:
    """So many mails, in conversations of one to twelve."""
    dice = random.Random(20260105)
    made: list[bytes] = []
    conversation = 0
    while len(made) < count:
        conversation += 1
        length = min(dice.choice((1, 2, 3, 4, 6, 8, 12)), count - len(made))
        made += _conversation(dice, conversation, length)
    return made


def _conversation(dice: random.Random, conversation: int, length: int) -> list[bytes]:
    subject = f"{' '.join(dice.sample(WORDS, 4))} {conversation}"
    ids: list[str] = []
    said = ""
    made = []
    for number in range(length):
        mail = EmailMessage()
        author = dice.choice(PEOPLE)
        at = START + timedelta(hours=conversation, minutes=17 * number)
        mail["From"], mail["To"] = author, TEAM
        mail["Subject"] = f"Re: {subject}" if ids else subject
        mail["Date"] = format_datetime(at)
        mail["Message-ID"] = f"<{conversation}.{number}@office.example>"
        if ids:
            mail["In-Reply-To"], mail["References"] = ids[-1], " ".join(ids)
        said = _write(dice, mail, author, at, said)
        ids.append(mail["Message-ID"])
        made.append(mail.as_bytes())
    return made


def _write(dice: random.Random, mail: EmailMessage, author: Address, at: datetime, said: str) -> str:
    """Give a mail its body; returns its text."""
    quoted = "".join(f"> {line}\n" for line in said.splitlines()[:60])
    answered = (
        f"On {at - timedelta(hours=1):%a, %d %b %Y at %H:%M}, somebody wrote:\n{quoted}\n" if said else ""
    )
    own = "\n\n".join(_paragraph(dice) for _ in range(dice.randint(1, 4)))
    text = f"{own}\n\n{answered}-- \n{author.display_name}\nOffice, second floor\n"
    mail.set_content(text, charset=dice.choice(("utf-8", "iso-8859-1")))
    if dice.random() < 0.3:
        paragraphs = "".join(f"<p>{line}</p>" for line in own.splitlines() if line)
        mail.add_alternative(
            f"<html><body>{paragraphs}<blockquote>{said}</blockquote></body></html>", subtype="html"
        )
    if dice.random() < 0.1:
        mail.add_attachment(
            dice.randbytes(30_000), maintype="application", subtype="pdf", filename="draft.pdf"
        )
    return text


def _paragraph(dice: random.Random) -> str:
    words = dice.choices(WORDS, k=dice.randint(15, 70))
    return "\n".join(" ".join(words[start : start + 12]) for start in range(0, len(words), 12))
