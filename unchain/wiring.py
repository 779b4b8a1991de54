"""The only place where parts are put together; each receives what it needs as arguments."""

import os
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from classify.additions import NONE, Additions
from connectors import registry
from connectors.base import Connector
from connectors.dsn import Reporter
from connectors.outbound_mail import Bearer, Login, NextHop
from connectors.smtp_dialling import tls_context
from domain.endpoint import TlsPolicy
from domain.errors import ConfigError
from ingest.sources.oauth2 import Tokens
from ingest.sources.smtp import SmtpOptions
from store.commons import Shelf
from store.database import Database
from store.migrate import upgrade
from unchain.config import Config, load
from unchain.courier import Courier
from unchain.examining import Classifier, Examiner
from unchain.free_space import FreeSpace
from unchain.notices import Notices
from unchain.pipeline import Pipeline
from unchain.rulebook import rulebook_of
from web.site import Site, commons_spaces, spaces_elsewhere

if TYPE_CHECKING:
    from connectors.dkim_signing import DkimSigner
    from unchain.live_classifier import Versions


def clock() -> datetime:
    """The time now, aware."""
    return datetime.now(UTC)


def owner_name(role: str) -> str:
    """Who holds a lease: unique among hosts and processes, past ones too.

    In a container each start may have the same number, and must not renew its dead forerunner's leases.
    """
    return f"{role}@{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


@dataclass(frozen=True, kw_only=True)
class Installation:
    """A config with its open, up-to-date database."""

    path: Path
    config: Config
    database: Database


def open_installation(path: Path) -> Installation:
    """Read the config and open its database; raises ConfigError or StoreError."""
    config = load(path)
    database = Database(store_url(config, path))
    upgrade(database)
    return Installation(path=path, config=config, database=database)


def store_url(config: Config, path: Path) -> str:
    """The database's URL; a relative SQLite path is seen from the config's folder."""
    prefix = "sqlite:///"
    if not config.store.url.startswith(prefix):
        return config.store.url
    return prefix + str(path.resolve().parent / config.store.url.removeprefix(prefix))


def free_space(installation: Installation) -> FreeSpace:
    """The room where the database is."""
    file = Path(store_url(installation.config, installation.path).removeprefix("sqlite:///"))
    return FreeSpace(file.parent, installation.config.store.keep_free)


def connectors_of(config: Config, parts: registry.Parts) -> Mapping[str, Connector]:
    """A connector for each space."""
    return {options.name: registry.build(options, parts) for options in config.spaces}


def connector_parts(config: Config, database: Database) -> registry.Parts:
    """What connectors are built from."""
    return registry.Parts(shelf=Shelf(database, url=config.organisation.url), clock=clock)


def build_pipeline(config: Config, database: Database, classifier: Classifier) -> Pipeline:
    """The steps of the way of a mail, for one version of the config."""
    rulebook = rulebook_of(config)
    parts = connector_parts(config, database)
    return Pipeline(
        database=database,
        rulebook=rulebook,
        examiner=Examiner(database=database, rulebook=rulebook, classifier=classifier, clock=clock),
        connectors=connectors_of(config, parts),
        former=registry.commons(parts),
        notices=Notices(rulebook),
        clock=clock,
    )


def build_next_hop(options: SmtpOptions, hostname: str) -> NextHop:
    """The servers that get what we send; raises ConfigError where certificates or password cannot be read."""
    try:
        login = _login_of(options)
        return NextHop(
            options.next_hops,
            hostname=hostname,
            tls=options.next_hop_tls,
            tls_authority=options.next_hop_authority,
            login=login,
        )
    except OSError as error:
        raise ConfigError(f"ingest.smtp.next_hop_authority cannot be read: {error}") from None


def _login_of(options: SmtpOptions) -> Login | None:
    """How we sign in at the next hop; raises OSError where certificates cannot be read, and ConfigError."""
    if options.next_hop_oauth2 is not None:
        context = tls_context(TlsPolicy.REQUIRED, options.next_hop_authority)
        assert context is not None
        tokens = Tokens(options.next_hop_oauth2, context)
        bearer = Bearer(tokens=tokens, mechanism=options.next_hop_oauth2.mechanism)
        return Login(user=options.next_hop_user, proof=bearer)
    if options.next_hop_password is None:
        return None
    try:
        options.next_hop_password.reveal()
    except (LookupError, OSError) as error:
        raise ConfigError(f"ingest.smtp.next_hop_password cannot be read: {error}") from None
    return Login(user=options.next_hop_user, proof=options.next_hop_password)


def reporter_of(config: Config) -> Reporter:
    """Who tells senders what became of their mails."""
    return Reporter(
        hostname=config.ingest.smtp.hostname or socket.getfqdn(),
        address=config.organisation.own_address,
        languages=config.organisation.languages,
    )


def build_signer(config: Config) -> "DkimSigner | None":
    """What signs our own mails, None where nothing is to; raises ConfigError where the key is of no use."""
    if config.outbound.dkim is None:
        return None
    from connectors.dkim_signing import DkimSigner  # noqa: PLC0415 — a tenth of a second for those who sign

    return DkimSigner(config.outbound.dkim)


def build_courier(installation: Installation) -> Courier:
    """What hands mail to the next hop; call it where an event loop runs."""
    config = installation.config
    reporter = reporter_of(config)
    signer = build_signer(config)
    return Courier(
        database=installation.database,
        next_hop=build_next_hop(config.ingest.smtp, reporter.hostname),
        reporter=reporter,
        first_retry=timedelta(seconds=config.outbound.first_retry),
        keep_trying=timedelta(seconds=config.outbound.keep_trying),
        tell_delay=timedelta(seconds=config.outbound.tell_delay),
        lease=timedelta(seconds=config.outbound.lease),
        owner=owner_name("edge"),
        clock=clock,
        sign=None if signer is None else signer.sign,
    )


def site_of(config: Config, database: Database) -> Site:
    """What the pages need to know."""
    return Site(
        database=database,
        organisation=config.organisation,
        groups=config.groups,
        spaces=commons_spaces(config.spaces),
        elsewhere=spaces_elsewhere(config.spaces),
        clock=clock,
    )


def classifier_versions(installation: Installation) -> "Versions":
    """The classifiers that were trained in place: in a folder beside the database."""
    from unchain.live_classifier import Versions  # noqa: PLC0415 — as below

    file = Path(store_url(installation.config, installation.path).removeprefix("sqlite:///"))
    return Versions(file.parent / "classifier")


def live_classifier(installation: Installation) -> Classifier:
    """The classifier that is live, now and later; takes seconds."""
    from unchain.live_classifier import LiveClassifier  # noqa: PLC0415 — as below

    additions = Additions(options=installation.config.sensitive)
    shipped = partial(load_classifier, additions)
    return LiveClassifier(classifier_versions(installation), shipped, additions)


def load_classifier(additions: Additions = NONE) -> Classifier:
    """The shipped classifier; takes seconds, so never in the edge or in a command that needs none."""
    from classify.spacy_classifier import SpacyClassifier  # noqa: PLC0415 — spaCy costs a second to import

    return SpacyClassifier.load(additions=additions)
