"""The demo's invented company: `load` reads its files, `mails` renders all its mail for a given start.

Everything is a pure function of the files and `start`, so that a demo that was killed sends the same bytes
again. The files are in `company/`; how each client writes is in `clients/`.
"""

import re
import tomllib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from email.utils import parseaddr
from importlib.resources import files

from pydantic import TypeAdapter

from unchain.demo.broken import FAULTS
from unchain.demo.clients.letter import Letter, Mailbox, Written
from unchain.demo.clients.registry import CLIENTS
from unchain.demo.script import Company, DemoMail, Group, MailList, MailScript, Person, ThreadScript
from unchain.demo.wire import sheet

STORY = timedelta(days=21)  # a start so long ago puts all mail into the past
_COMPANY_ZONE = timezone(timedelta(hours=-5))
_PREFIXES = re.compile(r"^(?:(?:re|tr|fw|fwd)\s*:\s*)+", re.IGNORECASE)
_NO_MESSAGE_ID = {"no-message-id", "mangled"}


def load() -> Company:
    """The company as its files describe it. Raises pydantic.ValidationError where a file says nonsense."""
    folder = files("unchain.demo") / "company"
    cast = tomllib.loads((folder / "people.toml").read_text(encoding="utf-8"))
    scripts = sorted(
        (one for one in folder.iterdir() if one.name.startswith("threads_")), key=lambda one: one.name
    )
    threads = [
        thread
        for one in scripts
        for thread in tomllib.loads(one.read_text(encoding="utf-8")).get("threads", [])
    ]
    return Company(
        name=cast["name"],
        domain=cast["domain"],
        people=TypeAdapter(tuple[Person, ...]).validate_python(cast["people"]),
        lists=TypeAdapter(tuple[MailList, ...]).validate_python(cast["lists"]),
        groups=TypeAdapter(tuple[Group, ...]).validate_python(cast["groups"]),
        threads=TypeAdapter(tuple[ThreadScript, ...]).validate_python(threads),
    )


def mails(company: Company, *, start: datetime) -> list[DemoMail]:
    """All mails in order of time; day 0 is the Monday of `start`'s week, so that weekdays in texts hold."""
    local = start.astimezone(_COMPANY_ZONE)
    monday = (local - timedelta(days=local.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
    everything = [mail for thread in company.threads for mail in _thread(company, thread, monday)]
    return sorted(everything, key=lambda mail: (mail.sent_at, mail.thread, mail.index))


def _thread(company: Company, thread: ThreadScript, monday: datetime) -> list[DemoMail]:
    written: list[Written] = []
    out: list[DemoMail] = []
    for index, script in enumerate(thread.mails):
        parent = _parent(script, written)
        sent_at = _moment(script.at, monday)
        subject = script.subject or _subject(thread, parent)
        seed = f"{thread.id} {index} {monday.isoformat()}"
        one = _write(company, script, parent, _Stamp(sent_at=sent_at, subject=subject, seed=seed))
        lost = "no-references" in script.broken  # later clients can only repeat what they were given
        written.append(replace(one, references=()) if lost else one)
        paper = sheet(one, tuple(script.headers.items()))
        for name in script.broken:
            paper = FAULTS[name](paper, one)
        out.append(
            DemoMail(
                mail_from=one.letter.author.email if script.envelope_from is None else script.envelope_from,
                rcpt_to=_envelope(company, script, one.letter),
                content=paper.render(),
                thread=thread.id,
                index=index,
                sent_at=one.letter.sent_at,
                client=script.client or one.letter.author.client,
            )
        )
    return out


def _parent(script: MailScript, written: list[Written]) -> Written | None:
    if not written or script.reply_to == -1:  # -1: starts anew within the script
        return None
    return written[-1 if script.reply_to is None else script.reply_to]


@dataclass(frozen=True, kw_only=True)
class _Stamp:
    """What a mail gets from its place in the thread."""

    sent_at: datetime
    subject: str
    seed: str


def _write(company: Company, script: MailScript, parent: Written | None, stamp: _Stamp) -> Written:
    author = company.person(script.by)
    client = CLIENTS[script.client or author.client]
    to, cc = _recipients(company, script, author, parent)
    prefix = client.forward_prefix if script.forward else client.reply_prefix
    letter = Letter(
        author=author,
        to=to,
        cc=cc,
        subject=stamp.subject if parent is None or script.subject else prefix + stamp.subject,
        sent_at=stamp.sent_at.astimezone(timezone(timedelta(hours=author.utc_offset))),
        own_text=script.text,
        parent=parent,
        forward=script.forward,
        quote=script.quote,
        attachments=script.attachments,
        seed=stamp.seed,
    )
    return Written(
        letter=letter,
        body=client.write(letter),
        message_id=None if _NO_MESSAGE_ID & set(script.broken) else client.message_id(letter),
        references=_references(parent),
    )


def _references(parent: Written | None) -> tuple[str, ...]:
    if parent is None:
        return ()
    return (*parent.references, parent.message_id) if parent.message_id else parent.references


def _subject(thread: ThreadScript, parent: Written | None) -> str:
    """The subject without Re: and the like; the client puts its own prefix before it."""
    return _PREFIXES.sub("", parent.letter.subject if parent else thread.subject)


def _moment(at: str, monday: datetime) -> datetime:
    day, clock = at.split(" ")
    hour, minute = clock.split(":")
    return monday + timedelta(days=int(day), hours=int(hour), minutes=int(minute))


def _recipients(
    company: Company, script: MailScript, author: Person, parent: Written | None
) -> tuple[tuple[Mailbox, ...], tuple[Mailbox, ...]]:
    to = tuple(_mailbox(company, one) for one in script.to)
    cc = tuple(_mailbox(company, one) for one in script.cc)
    if to or parent is None:
        return to, cc
    answered = parent.letter
    if answered.sender.email == author.email:  # following up on oneself keeps the recipients
        return answered.to, (*answered.cc, *cc)
    others = [one for one in (*answered.to, *answered.cc, *cc) if one.email != author.email]
    unique = {one.email: one for one in others if one.email != answered.sender.email}
    return (answered.sender,), tuple(unique.values())


def _mailbox(company: Company, who: str) -> Mailbox:
    if "@" in who:
        name, email = parseaddr(who)
        return Mailbox(name=name, email=email)
    for one in company.lists:
        if one.key == who:
            return Mailbox(name=one.name, email=one.email)
    person = company.person(who)
    return Mailbox(name=person.name, email=person.email)


def _envelope(company: Company, script: MailScript, letter: Letter) -> tuple[str, ...]:
    bcc = tuple(_mailbox(company, one) for one in script.bcc)
    return tuple(dict.fromkeys(one.email for one in (*letter.to, *letter.cc, *bcc)))
