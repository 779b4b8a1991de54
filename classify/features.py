"""What the classifier sees of a thread: its texts by place, and marks of its form.

Not for counting words: `hashing.py` does that. Names, addresses and numbers are never features.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from classify.conversation import conversation_marks
from classify.cues import cue_marks
from classify.matters import NOTHING, Touched
from domain.mail import Automatic, Message, Thread

SUBJECT_CHARACTERS = 300
OPENING_CHARACTERS = 4000  # longer texts tell no more about the kind, and cost time
ANSWERS_CHARACTERS = 6000
QUIET_CHARACTERS = 200  # with fewer own words than this the forwarded or quoted text has to speak

LIST_HEADERS = frozenset(
    {"list-id", "list-post", "mailing-list", "x-beenthere", "list-help", "x-mailman-version"}
)
_ROBOT_NAME = re.compile(
    r"no-?_?reply|donotreply|ne-?pas-?repondre|notif|alert|newsletter|listserv|mailer|daemon|robot|postmaster"
    r"|bounce|autore|system|admin|news|calendar|support|jira|jenkins|bugzilla|cron",
    re.IGNORECASE,
)
_ROLE_NAME = re.compile(
    r"info|sales|service|market|contact|office|team|equipe|communication|hr|rh|events?", re.I
)
_LIST_ITEM = re.compile(r"^\s{0,6}(?:[-*•–+]|\(?\d{1,2}[.)]|[a-hA-H][.)])\s+\S", re.MULTILINE)
_HEADING = re.compile(r"^\s{0,4}(?:#{1,4}\s+\S|[^\n.?!]{3,60}:\s*$|=={2,}|-{4,}|\*{4,})", re.MULTILINE)
_LINK = re.compile(r"https?://|www\.", re.IGNORECASE)
_CODE = re.compile(r"[{};]\s*$|^\s*(?:\$|>>>|#include|import |def |let |>>)|\(\)|::|==|->", re.MULTILINE)
_TIME = re.compile(
    r"\b\d{1,2}\s?[:h]\s?\d{2}\b|\b\d{1,2}\s?(?:am|pm|a\.m|p\.m|h)\b"
    r"|\b(?:mon|tues|wednes|thurs|fri)day\b|\b(?:lundi|mardi|mercredi|jeudi|vendredi)\b|\btomorrow\b|\bdemain\b",
    re.IGNORECASE,
)
_GREETS_ALL = re.compile(
    r"\A\W*(?:(?:hi|hello|hey|dear|good \w+)\W+)?"
    r"(?:all|everyone|everybody|team|folks|colleagues|members|list)\b"
    r"|\A\W*(?:bonjour|salut|bonsoir|ch[eè]r(?:e|s|es)?)\W+"
    r"(?:à\s+)?(?:tou(?:s|tes)|coll[eè]gues|l.[eé]quipe|la liste|ami)",
    re.IGNORECASE,
)
_GREETS_ONE = re.compile(
    r"\A\W*(?:(?:hi|hello|hey|dear|bonjour|salut|ch[eè]re?)\s+)?[A-ZÉ][\wéèêëïîôç-]{1,14}\s*[,:\-–—!]"
)
_REPLY_SUBJECT = re.compile(r"^\s*(?:\[[^\]]*\]\s*)?(?:re|aw|sv|ref|rép)\s*(?:\[\d+\])?\s*:", re.IGNORECASE)
_FORWARD_SUBJECT = re.compile(r"^\s*(?:\[?(?:fwd?|tr|wg)\s*:|i:)", re.IGNORECASE)
_HTML_LEFT = re.compile(
    r"click here|unsubscribe|désabonner|désinscri|view in (?:your )?browser|©|all rights reserved", re.I
)


@dataclass(frozen=True, kw_only=True)
class ThreadView:
    """A thread as the classifier reads it: four texts and the marks of its form."""

    subject: str
    opening: str  # own words of the first message
    answers: str  # own words of the later ones
    passed_on: str  # forwarded or quoted text, only where there are hardly any own words
    marks: tuple[str, ...]  # "messages: 3-5" …
    signs: tuple[str, ...] = ()  # how often words of sensitive matters stand in it
    weights: tuple[float, ...] = ()  # points of these words, for the second step of `sensitive`

    @property
    def text(self) -> str:
        """All words that there are, the answers after the opening."""
        return "\n".join((self.opening, self.answers, self.passed_on, self.subject))

    @property
    def is_empty(self) -> bool:
        """Whether there is no letter to judge by."""
        return not any(c.isalpha() for c in self.text)


def view(thread: Thread, matters: Touched = NOTHING) -> ThreadView:
    """Return what the classifier sees of the thread; `matters` come from the sensitive gate."""
    messages = [joined.message for joined in thread.messages]
    own = [message.own_words.strip() for message in messages]
    quiet = sum(len(text) for text in own) < QUIET_CHARACTERS
    passed_on = "\n".join(message.trimmed for message in messages)[:OPENING_CHARACTERS] if quiet else ""
    return ThreadView(
        subject=bare_subject(thread.subject)[:SUBJECT_CHARACTERS],
        opening=(own[0] if own else "")[:OPENING_CHARACTERS],
        answers="\n\n".join(own[1:])[:ANSWERS_CHARACTERS],
        passed_on=passed_on,
        marks=(*_marks(messages, own), *conversation_marks(messages, own)) if messages else (),
        signs=matters.signs,
        weights=matters.weights,
    )


def bare_subject(subject: str) -> str:
    """Return the subject without list tags in brackets, which name the list and not the matter."""
    return re.sub(r"\[[^\]]{1,40}\]", " ", subject).strip()


def is_list_mark(mark: str) -> bool:
    """Whether a mark comes from mailing-list headers (training drops them from copies)."""
    return mark.startswith("list ")


def _step(name: str, amount: float, edges: tuple[float, ...]) -> str:
    """Name the interval between two edges in which the amount lies."""
    for low, high in pairwise((float("-inf"), *edges, float("inf"))):
        if low <= amount < high:
            return f"{name}: {'<' + format(high, 'g') if high != float('inf') else '≥' + format(low, 'g')}"
    return f"{name}: ?"


_COUNTED: tuple[tuple[str, Callable[[str], float], tuple[float, ...]], ...] = (
    ("length", len, (60, 120, 250, 500, 1000, 2000, 4000)),
    ("question marks", lambda t: t.count("?"), (1, 2, 3, 5)),
    ("exclamation marks", lambda t: t.count("!"), (1, 2, 4)),
    ("links", lambda t: len(_LINK.findall(t)), (1, 2, 5)),
    ("list items", lambda t: len(_LIST_ITEM.findall(t)), (1, 3, 6, 12)),
    ("headings", lambda t: len(_HEADING.findall(t)), (1, 3, 6)),
    ("code", lambda t: len(_CODE.findall(t)), (1, 4, 12)),
    ("times", lambda t: len(_TIME.findall(t)), (1, 2, 4)),
    ("digits", lambda t: sum(map(str.isdigit, t)) / (len(t) + 1), (0.005, 0.03, 0.08, 0.15)),
    ("capitals", lambda t: sum(map(str.isupper, t)) / (len(t) + 1), (0.02, 0.04, 0.08, 0.2)),
    ("line length", lambda t: len(t) / (t.count("\n") + 1), (20, 40, 70, 150)),
)


def _marks(messages: list[Message], own: list[str]) -> list[str]:
    """List the marks of form, headers first."""
    marks = [*_header_marks(messages), *_people_marks(messages), *_subject_marks(messages[0])]
    first, later = own[0][:OPENING_CHARACTERS], "\n".join(own[1:])[:ANSWERS_CHARACTERS]
    marks += [_step(f"opening {name}", count(first), edges) for name, count, edges in _COUNTED]
    if later:
        marks += [_step(f"answers {name}", count(later), edges) for name, count, edges in _COUNTED[:6]]
    if _GREETS_ALL.search(first):
        marks.append("opening greets all")
    elif _GREETS_ONE.search(first):
        marks.append("opening greets one")
    if _HTML_LEFT.search(first):
        marks.append("opening looks like a mailing")
    marks += cue_marks((("opening", first), ("answers", later)) if later else (("opening", first),))
    if first.rstrip().endswith("?"):
        marks.append("opening ends with a question")
    return marks


def _header_marks(messages: list[Message]) -> list[str]:
    names = {name for message in messages for name, _ in message.headers}
    marks = []
    if names & LIST_HEADERS or any(message.list_id for message in messages):
        marks.append("list headers")
    if "list-unsubscribe" in names:
        marks.append("list unsubscribe")
    if (messages[0].header("precedence") or "").lower() in {"bulk", "junk"} and "list headers" not in marks:
        marks.append("bulk precedence")
    submitted = (messages[0].header("auto-submitted") or "no").lower()
    if messages[0].automatic is not Automatic.NO or not submitted.startswith("no"):
        marks.append("automatic mail")
    if any(not each.is_signature for message in messages for each in message.attachments):
        marks.append("attachments")
    return marks


def _people_marks(messages: list[Message]) -> list[str]:
    first = messages[0]
    authors = [message.sender.email for message in messages]
    told = [len(message.to) + len(message.cc) + len(message.bcc) for message in messages]
    local = first.sender.email.partition("@")[0]
    marks = [
        _step("messages", len(messages), (2, 3, 4, 6, 10)),
        _step("authors", len(set(authors)), (2, 3, 4, 6)),
        _step("recipients", told[0], (1, 2, 3, 5, 10, 20)),
        _step("most recipients", max(told), (1, 2, 3, 5, 10, 20)),
        _step("depth", _depth(messages), (1, 2, 3, 5)),
    ]
    if authors.count(authors[0]) > 1:
        marks.append("starter answers")
    if len({message.sender.domain for message in messages}) > 1:
        marks.append("authors of several domains")
    marks += _sender_marks(first, local)
    return marks


def _sender_marks(first: Message, local: str) -> list[str]:
    marks = []
    if _ROBOT_NAME.search(local):
        marks.append("sender named like a robot")
    elif _ROLE_NAME.fullmatch(local):
        marks.append("sender named like an office")
    domains = {address.domain for address in (*first.to, *first.cc) if address.email}
    if first.sender.domain and first.sender.domain in domains:
        marks.append("within one domain")
    elif domains:
        marks.append("across domains")
    return marks


def _depth(messages: list[Message]) -> int:
    """Longest chain of answers, by In-Reply-To and References."""
    depth: dict[str, int] = {}
    for message in messages:
        parents = [depth.get(parent, -1) for parent in (*message.in_reply_to, *message.references)]
        depth[message.message_id or message.digest] = max(parents, default=-1) + 1
    return max(depth.values(), default=0)


def _subject_marks(first: Message) -> list[str]:
    marks = []
    if _REPLY_SUBJECT.search(first.subject):
        marks.append("subject answers")
    if _FORWARD_SUBJECT.search(first.subject):
        marks.append("subject forwards")
    if "?" in first.subject:
        marks.append("subject asks")
    letters = [c for c in first.subject if c.isalpha()]
    if len(letters) > 5 and all(map(str.isupper, letters)):
        marks.append("subject in capitals")
    return marks
