"""Reading config.toml: every mistake becomes one sentence with file:line, what is wrong and what to do.

Sections live beside the code that they configure; here they only come together.
"""

import hashlib
import tomllib
from pathlib import Path
from typing import Self

from pydantic import Field, ValidationError, field_validator, model_validator

from classify.additions import SensitiveOptions
from connectors.dkim_options import DkimOptions
from connectors.registry import SpaceOptions
from domain.endpoint import Endpoint, parse_endpoint
from domain.errors import ConfigError
from domain.options import Options
from domain.organisation import Group, Organisation
from ingest.sources.imap_options import ImapOptions
from ingest.sources.lmtp import LmtpOptions
from ingest.sources.maildir_options import MaildirOptions
from ingest.sources.smtp import SmtpOptions
from router.budget import BudgetOptions
from router.options import MAIL, RuleOptions
from unchain.config_errors import explain, invalid_toml


class StoreOptions(Options):
    """`[store]`: the database."""

    url: str = Field(
        default="sqlite:///var/unchain.db",
        description="sqlite:/// and the path of the database's file, seen from the folder of config.toml.",
    )
    keep_free: int = Field(
        default=200_000_000,
        ge=0,
        description="Bytes to leave free on the database's disk: with less, senders are told to come again.",
    )


class IngestOptions(Options):
    """`[ingest]`: the ways in."""

    smtp: SmtpOptions = Field(description="The SMTP relay or journal receiver.")
    lmtp: LmtpOptions | None = Field(default=None, description="An LMTP receiver beside it.")
    imap: tuple[ImapOptions, ...] = Field(default=(), description="Mailboxes to read copies from.")
    maildir: tuple[MaildirOptions, ...] = Field(default=(), description="Maildirs to read copies from.")


class SettleOptions(Options):
    """`[settle]`: when a thread is ripe for judgement."""

    quiet: float = Field(
        default=1800.0, gt=0, description="Seconds without a new mail after which a thread has settled."
    )
    messages: int = Field(
        default=25, ge=2, description="Number of mails after which a thread is judged without waiting."
    )


class OutboundOptions(Options):
    """`[outbound]`: trying again when the next hop does not take a mail."""

    first_retry: float = Field(
        default=300.0, gt=0, description="Seconds before the second try; each further wait is doubled."
    )
    keep_trying: float = Field(
        default=5 * 86400.0, gt=0, description="Seconds after which a mail is returned to its sender."
    )
    tell_delay: float = Field(
        default=4 * 3600.0,
        ge=0,
        description="Seconds after which a sender hears, once, that a mail still waits; 0: never.",
    )
    lease: float = Field(
        default=20.0,
        gt=1,
        description="Seconds after which mails that a dead edge had under way are delivered by another.",
    )
    dkim: DkimOptions | None = Field(
        default=None, description="Key and names to sign Unchain's own mails with, by DKIM."
    )


class WebOptions(Options):
    """`[web]`: where the pages are served."""

    listen: str = Field(
        default="127.0.0.1:8080",
        description="host:port; put your TLS proxy in front.",
    )

    @field_validator("listen")
    @classmethod
    def _is_an_endpoint(cls, listen: str) -> str:
        return str(parse_endpoint(listen))

    @property
    def endpoint(self) -> Endpoint:
        """Where to listen."""
        return parse_endpoint(self.listen)


class WorkerOptions(Options):
    """`[worker]`: analysis and publishing."""

    lease: float = Field(
        default=30.0, gt=1, description="Seconds after which a dead worker's job is taken over."
    )
    attempts: int = Field(
        default=5, ge=1, description="Failed tries after which a job is set aside for a human."
    )


class Config(Options):
    """The whole file."""

    organisation: Organisation
    store: StoreOptions = StoreOptions()
    ingest: IngestOptions
    settle: SettleOptions = SettleOptions()
    worker: WorkerOptions = WorkerOptions()
    outbound: OutboundOptions = OutboundOptions()
    web: WebOptions = WebOptions()
    budget: BudgetOptions = BudgetOptions()
    sensitive: SensitiveOptions = SensitiveOptions()
    groups: tuple[Group, ...] = ()
    spaces: tuple[SpaceOptions, ...] = ()
    rules: tuple[RuleOptions, ...] = ()

    @model_validator(mode="after")
    def _names_fit(self) -> Self:
        _unique("spaces", [space.name for space in self.spaces])
        _unique("rules", [rule.name for rule in self.rules])
        _unique("groups", [group.name for group in self.groups])
        if not self.ingest.smtp.next_hops:
            sentence = "is missing: Unchain's own mails go through it, in journal mode too"
            raise Misplaced(("ingest", "smtp", "next_hop"), sentence)
        spaces = {space.name for space in self.spaces} | {MAIL}
        groups = {group.name for group in self.groups}
        for index, rule in enumerate(self.rules):
            if rule.to not in spaces:
                raise misplaced(("rules", index, "to"), "space", rule.to, spaces)
            for name in rule.groups:
                if name not in groups:
                    raise misplaced(("rules", index, "groups"), "group", name, groups)
        for index, space in enumerate(self.spaces):
            if space.audience.startswith("group:") and space.audience[6:] not in groups:
                raise misplaced(("spaces", index, "audience"), "group", space.audience[6:], groups)
        return self


class Misplaced(ValueError):
    """A name that nothing bears, with its place in the file."""

    def __init__(self, loc: tuple[str | int, ...], message: str, choices: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.loc = loc
        self.choices = choices


def misplaced(loc: tuple[str | int, ...], what: str, name: str, known: set[str]) -> Misplaced:
    """The error for a reference to a space or group that is not there."""
    return Misplaced(loc, f'there is no {what} named "{name}"', tuple(sorted(known)))


def _unique(section: str, names: list[str]) -> None:
    for index, name in enumerate(names):
        if name in names[:index]:
            raise Misplaced((section, index, "name"), f'the name "{name}" is used twice in {section}')


def parse(text: str, path: Path) -> Config:
    """The config in a file's text; raises ConfigError with one line for each mistake."""
    try:
        return Config.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(invalid_toml(str(error), text, path)) from None
    except ValidationError as error:
        raise ConfigError(explain(error, text, path, Config)) from None


def load(path: Path) -> Config:
    """Read and check the file at `path`; raises ConfigError."""
    try:
        text = path.read_text(encoding="utf-8-sig")  # some editors write a byte order mark
    except FileNotFoundError:
        raise ConfigError(f"{path}: there is no such file; `unchain init` writes one") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not UTF-8 text (byte {error.start})") from None
    return parse(text, path)


def version_of(config: Config) -> str:
    """A short digest of what the config says, kept with each decision."""
    return hashlib.sha256(config.model_dump_json().encode()).hexdigest()[:12]
