"""The list of connectors, and the `[[spaces]]` section that chooses one of them.

A new connector is one file, its options in ConnectorOptions, its line in `_BUILDERS`, one test, and a row and
a section in the docs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, field_validator

from connectors.base import Connector
from connectors.commons import CommonsConnector, CommonsOptions, CommonsShelf
from connectors.confluence import ConfluenceConnector, ConfluenceOptions
from connectors.discourse import DiscourseConnector, DiscourseOptions
from connectors.dokuwiki import DokuWikiConnector, DokuWikiOptions
from connectors.mastodon import MastodonConnector, MastodonOptions
from connectors.matrix import MatrixConnector, MatrixOptions
from connectors.mattermost import MattermostConnector, MattermostOptions
from connectors.mediawiki import MediaWikiConnector, MediaWikiOptions
from connectors.slack import SlackConnector, SlackOptions
from connectors.static_site import StaticSiteConnector, StaticSiteOptions
from connectors.teams import TeamsConnector, TeamsOptions
from connectors.webhook import WebhookOptions, webhook
from domain.options import Options
from domain.space import Space

ConnectorOptions = Annotated[
    CommonsOptions  # one a line, in the order of the docs
    | MediaWikiOptions
    | DokuWikiOptions
    | WebhookOptions
    | DiscourseOptions
    | MatrixOptions
    | MastodonOptions
    | MattermostOptions
    | SlackOptions
    | TeamsOptions
    | StaticSiteOptions
    | ConfluenceOptions,
    Field(discriminator="type"),
]


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What connectors are built from; each takes what it needs."""

    shelf: CommonsShelf
    clock: Callable[[], datetime]  # aware


class SpaceOptions(Options):
    """One of `[[spaces]]`: a destination for threads."""

    name: str = Field(
        pattern=r"^[a-z0-9][a-z0-9-]{0,39}$",
        description="Used in a rule's `to` and in addresses: small letters, digits and hyphens.",
    )
    title: str = Field(default="", description="Shown to people; the name where empty.")
    audience: str = Field(
        default="everyone", description="Who reads it: everyone (all internal), participants or group:NAME."
    )
    place: str = Field(default="", description="Namespace, category or account in the service.")
    connector: ConnectorOptions = Field(description="The service, by its type.")

    @field_validator("audience")
    @classmethod
    def _known_audience(cls, audience: str) -> str:
        if audience in {"everyone", "participants"} or audience.removeprefix("group:").strip() not in {
            "",
            audience,
        }:
            return audience
        raise ValueError(f"audience is {audience!r}; write everyone, participants or group:NAME")

    @property
    def space(self) -> Space:
        """The destination as the rules know it."""
        return Space(name=self.name, audience=self.audience, place=self.place, title=self.title or self.name)


def build(options: SpaceOptions, parts: Parts) -> Connector:
    """The connector of a space; it opens nothing until it is used."""
    return _BUILDERS[options.connector.type](options.connector, parts)


def commons(parts: Parts) -> Connector:
    """The commons whatever their form: an entry is found and taken back by its key alone."""
    return _commons(CommonsOptions(form="wiki"), parts)


def _commons(options: CommonsOptions, parts: Parts) -> Connector:
    return CommonsConnector(options, shelf=parts.shelf, clock=parts.clock)


# Each takes the options of its own type, which pydantic has seen to.
_BUILDERS: dict[str, Callable[[Any, Parts], Connector]] = {
    "commons": _commons,
    "mediawiki": lambda options, parts: MediaWikiConnector(options),
    "dokuwiki": lambda options, parts: DokuWikiConnector(options),
    "webhook": lambda options, parts: webhook(options, clock=parts.clock),
    "discourse": lambda options, parts: DiscourseConnector(options, clock=parts.clock),
    "matrix": lambda options, parts: MatrixConnector(options, clock=parts.clock),
    "mastodon": lambda options, parts: MastodonConnector(options),
    "mattermost": lambda options, parts: MattermostConnector(options, clock=parts.clock),
    "slack": lambda options, parts: SlackConnector(options, clock=parts.clock),
    "confluence": lambda options, parts: ConfluenceConnector(options, clock=parts.clock),
    "static_site": lambda options, parts: StaticSiteConnector(options, clock=parts.clock),
    "teams": lambda options, parts: TeamsConnector(options, clock=parts.clock),
}
CONNECTOR_TYPES = tuple(_BUILDERS)
