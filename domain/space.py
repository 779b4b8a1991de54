"""A configured destination, as far as the rules need to know it."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Space:
    """Name, audience and place of a space; its connector stays with the connectors."""

    name: str
    audience: str = "everyone"  # everyone | participants | group:NAME
    place: str = ""
    title: str = ""  # shown to people; the name where empty
