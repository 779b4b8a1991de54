"""What the pages need to know of the installation; put together by unchain/ and replaced whole on reload."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from aiohttp import web

from connectors.commons import CommonsOptions
from connectors.registry import SpaceOptions
from domain.organisation import Group, Organisation
from domain.space import Space
from store.commons_entry import Reader
from store.database import Database


@dataclass(frozen=True, kw_only=True)
class CommonsSpace:
    """A space whose entries are shown here."""

    name: str
    title: str
    audience: str
    form: str  # wiki | blog | stream


@dataclass(frozen=True, kw_only=True)
class Site:
    """One version of the config with its open database."""

    database: Database
    organisation: Organisation
    groups: tuple[Group, ...]
    spaces: tuple[CommonsSpace, ...]
    clock: Callable[[], datetime]  # aware
    elsewhere: tuple[Space, ...] = ()  # spaces whose entries stand in other services
    zone: tzinfo | None = None  # of the dates on pages; None is the host's own
    grace: timedelta = timedelta(days=14)  # how long a participant can take a moved chain back

    @property
    def url(self) -> str:
        """Where people reach the pages, without a slash at the end."""
        return self.organisation.url.rstrip("/")

    @property
    def is_https(self) -> bool:
        """Whether people reach the pages by TLS; cookies are bound to it then."""
        return self.url.lower().startswith("https://")

    def space(self, name: str) -> CommonsSpace | None:
        """A space by its name."""
        return next((space for space in self.spaces if space.name == name), None)

    def reader(self, email: str) -> Reader:
        """What audiences need to know of a person."""
        email = email.lower()
        internal = self.organisation.is_internal(email)
        groups = (
            group.name for group in self.groups if email in group.members or (group.everyone and internal)
        )
        return Reader(email=email, internal=internal, groups=frozenset(groups))

    def is_admin(self, email: str) -> bool:
        """Whether a person may use the console."""
        return email.lower() in {admin.lower() for admin in self.organisation.admins}


def commons_spaces(options: Iterable[SpaceOptions]) -> tuple[CommonsSpace, ...]:
    """The configured spaces that are served here."""
    return tuple(
        CommonsSpace(
            name=space.name,
            title=space.title or space.name,
            audience=space.audience,
            form=space.connector.form,
        )
        for space in options
        if isinstance(space.connector, CommonsOptions)
    )


def spaces_elsewhere(options: Iterable[SpaceOptions]) -> tuple[Space, ...]:
    """The configured spaces that other services serve."""
    return tuple(space.space for space in options if not isinstance(space.connector, CommonsOptions))


SITE: web.AppKey[Callable[[], Site]] = web.AppKey("site")
FORM_KEY: web.AppKey[bytes] = web.AppKey("form_key")
