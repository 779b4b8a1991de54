"""An invented ten-mail discussion as real clients would send it, quoting what they answer."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PEOPLE = {
    "ana": "Ana Ruiz <ana@acme.example>",
    "bob": "Bob Lund <bob@acme.example>",
    "cleo": "Cléo Martin <cleo@acme.example>",
    "dev": "Dev Patel <dev@acme.example>",
}
TURNS = (
    ("ana", "Our meeting rooms are always booked and half of them stand empty. Should we drop booking?"),
    ("bob", "I would keep booking but free a room when nobody shows up within ten minutes."),
    ("cleo", "Ten minutes is too short for people who come from the other building. Fifteen?"),
    ("dev", "Who would free it? A sensor costs money, a sign on the door costs nothing."),
    ("ana", "The sign appeals to me. What do others think about trying it on one floor?"),
    ("bob", "One floor for a month, then we compare with the floor above. I can count."),
    ("cleo", "Agreed, as long as the large room stays bookable for visitors."),
    ("dev", "Fine with me. I still believe that shorter default slots would solve half of it."),
    ("ana", "Good point: thirty minutes by default rather than sixty. Any objection?"),
    ("bob", "None. Let us write both down and look at the numbers in April."),
)
RECIPIENTS = [f"{name}@acme.example" for name in PEOPLE]


@dataclass(frozen=True, kw_only=True)
class Sent:
    """One mail of the conversation."""

    sender: str
    recipients: list[str]
    content: bytes
    words: str


def ten_mails(subject: str = "Meeting rooms: booked but empty") -> list[Sent]:
    """The conversation in its own order; each mail answers the one before."""
    sent: list[Sent] = []
    ids: list[str] = []
    for number, (name, words) in enumerate(TURNS):
        at = START + timedelta(minutes=7 * number)
        mail = EmailMessage()
        mail["From"] = PEOPLE[name]
        mail["To"] = ", ".join(address for key, address in PEOPLE.items() if key != name)
        mail["Subject"] = f"Re: {subject}" if number else subject
        mail["Date"] = format_datetime(at)
        mail["Message-ID"] = f"<rooms-{number}.{len(subject)}@acme.example>"
        if ids:
            mail["In-Reply-To"] = ids[-1]
            mail["References"] = " ".join(ids)
        mail.set_content(_body(number, words, name))
        ids.append(mail["Message-ID"])
        content = mail.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        sent.append(
            Sent(
                sender=f"{name}@acme.example",
                recipients=[address for address in RECIPIENTS if not address.startswith(name)],
                content=content,
                words=words,
            )
        )
    return sent


def _body(number: int, words: str, name: str) -> str:
    if not number:
        return f"Hello all,\n\n{words}\n\n-- \n{PEOPLE[name].partition(' <')[0]}\nExtension 4{number}21\n"
    before, said = TURNS[number - 1]
    earlier = START + timedelta(minutes=7 * (number - 1))
    author = PEOPLE[before]
    return f"{words}\n\nOn Mon, {earlier:%d %b %Y} at {earlier:%H:%M}, {author} wrote:\n> {said}\n"
