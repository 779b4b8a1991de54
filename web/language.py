"""Languages of the pages: catalogues read from their .po sources at start, and dates as people write them.

Clocks have 24 hours in every language.
"""

import gettext
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path

from babel import Locale, negotiate_locale
from babel.dates import format_date, format_timedelta
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER = Path(__file__).parent / "languages"
SOURCE = "en"  # the language that templates are written in
KNOWN = (SOURCE, *sorted(path.name for path in FOLDER.iterdir() if (path / "messages.po").is_file()))
_MOMENTS = timedelta(minutes=1)
_RECENT = timedelta(days=6)


@dataclass(frozen=True, kw_only=True)
class Language:
    """A language with its catalogue."""

    code: str
    locale: Locale
    catalogue: gettext.NullTranslations

    def say(self, message: str, **values: object) -> str:
        """A message in this language, with `%(name)s` filled in."""
        return self.catalogue.gettext(message) % values if values else self.catalogue.gettext(message)

    @property
    def name(self) -> str:
        """What the language calls itself, as a heading would."""
        return (self.locale.get_display_name(self.code) or self.code).capitalize()

    def day(self, moment: datetime, zone: tzinfo | None) -> str:
        """The date, in words."""
        return format_date(moment.astimezone(zone), "d MMMM y", locale=self.locale)

    def moment(self, moment: datetime, zone: tzinfo | None) -> str:
        """Date and time of day."""
        local = moment.astimezone(zone)
        return f"{self.day(moment, zone)}{self._before_time}{local:%H:%M}"

    def briefly(self, moment: datetime, now: datetime, zone: tzinfo | None) -> str:
        """How long ago within the last days, the date before; the year where it is another."""
        if timedelta(0) <= now - moment < _MOMENTS:
            return self.say("just now")
        if timedelta(0) <= now - moment < _RECENT:
            return format_timedelta(
                moment - now, granularity="minute", add_direction=True, locale=self.locale
            )
        local, today = moment.astimezone(zone).date(), now.astimezone(zone).date()
        return self._short_date(local, today)

    def _short_date(self, local: date, today: date) -> str:
        pattern = "d MMM" if local.year == today.year else "d MMM y"
        return format_date(local, pattern, locale=self.locale)

    @property
    def _before_time(self) -> str:
        return " à " if self.code == "fr" else ", "


def load(code: str) -> Language:
    """A language of KNOWN."""
    return Language(code=code, locale=Locale.parse(code), catalogue=_catalogue(code))


def preferred(accept_language: str, offered: Sequence[str]) -> str:
    """The language of `offered` that a browser asks for first (RFC 9110 section 12.5.4); else the first."""
    wanted = []
    for part in accept_language.split(",")[:20]:
        tag, _, parameters = part.strip().partition(";")
        wanted.append((_quality(parameters), tag.replace("-", "_")))
    wanted = [(quality, tag) for quality, tag in wanted if tag and quality > 0]
    wanted.sort(key=lambda pair: -pair[0])
    return negotiate_locale([tag for _, tag in wanted], list(offered)) or offered[0]


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


def _catalogue(code: str) -> gettext.NullTranslations:
    path = FOLDER / code / "messages.po"
    if not path.is_file():
        return gettext.NullTranslations()
    with path.open("rb") as file:
        catalogue = read_po(file, locale=code)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
