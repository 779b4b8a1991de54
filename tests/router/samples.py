"""Messages, threads and facts for the tests of the router: invented people of an invented company."""

from datetime import UTC, datetime, timedelta

from domain.classification import Classification, Kind
from domain.mail import Address, Joined, Message, Thread, ThreadMessage
from domain.organisation import Group, Organisation
from domain.space import Space
from router.facts import Facts, facts_of
from router.options import RuleOptions

NOW = datetime(2026, 3, 12, 12, 0, tzinfo=UTC)
ORGANISATION = Organisation(
    name="Atelier Boréal",
    domains=("boreal.example", "boreal.test"),
    languages=("fr", "en"),
    url="https://commons.boreal.example",
)
ALL = Group(name="all", addresses=("all@boreal.example",), everyone=True)
IT = Group(
    name="it", members=("ines@boreal.example", "otto@boreal.example"), addresses=("it@boreal.example",)
)
GROUPS = (ALL, IT)
INES = Address(email="ines@boreal.example", name="Inès Marchand")
OTTO = Address(email="otto@boreal.example", name="Otto Lindqvist")
MAYA = Address(email="maya@boreal.example", name="Maya Tremblay")
OUTSIDER = Address(email="kim@partner.example", name="Kim Partner")
EVERYBODY = Address(email="all@boreal.example", name="All")
OWN = Address(email="unchain@boreal.example", name="Unchain")
WIKI = Space(name="wiki", title="Wiki")
BLOG = Space(name="blog", title="Journal")
ROOM = Space(name="room", audience="group:it")
CIRCLE = Space(name="circle", audience="participants")
SPACES = {space.name: space for space in (WIKI, BLOG, ROOM, CIRCLE)}


def message(number: int = 1, **fields: object) -> Message:
    """A mail of Inès to Otto and Maya, with any field changed."""
    given: dict[str, object] = {
        "message_id": f"m{number}@boreal.example",
        "digest": f"{number:064x}",
        "subject": "How do we reach the VPN from home?",
        "sender": INES,
        "to": (OTTO, MAYA),
        "date": NOW - timedelta(days=2) + timedelta(hours=number),
        "own_words": "The VPN asks for a code that I do not have. Where do I get it?",
    }
    return Message(**(given | fields))  # type: ignore[arg-type]


def thread(*messages: Message, subject: str = "How do we reach the VPN from home?") -> Thread:
    """A thread of these messages; by default a question with an answer."""
    chosen = messages or (
        message(1),
        message(2, sender=OTTO, to=(INES, MAYA), in_reply_to=("m1@boreal.example",)),
    )
    joined = (ThreadMessage(message=one, joined=Joined.REFERENCE) for one in chosen)
    return Thread(id="thread-1", subject=subject, messages=tuple(joined))


def classification(**fields: object) -> Classification:
    """A sure question in English that is of use to colleagues, with any field changed."""
    given: dict[str, object] = {
        "kind": Kind.QUESTION,
        "scores": {Kind.QUESTION: 0.9, Kind.DISCUSSION: 0.1},
        "sensitive": False,
        "moves": True,
        "moves_score": 0.85,
        "language": "en",
    }
    return Classification(**(given | fields))  # type: ignore[arg-type]


def facts(
    *messages: Message,
    said: Classification | None = None,
    groups: tuple[Group, ...] = GROUPS,
    opted_out: frozenset[str] = frozenset(),
    vetoed: bool = False,
    reached: frozenset[str] = frozenset(),
) -> Facts:
    """The facts of a thread of these messages."""
    return facts_of(
        thread(*messages),
        said or classification(),
        organisation=ORGANISATION,
        groups=groups,
        opted_out=opted_out,
        now=NOW,
        vetoed=vetoed,
        reached=reached,
    )


def rule(name: str = "Questions", **fields: object) -> RuleOptions:
    """A rule that moves questions to the wiki, with any field changed."""
    given: dict[str, object] = {
        "name": name,
        "when": [{"kind": "question"}],
        "to": "wiki",
        "stage": "move",
    }
    return RuleOptions.model_validate(given | fields)
