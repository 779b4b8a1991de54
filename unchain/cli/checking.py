"""`unchain check` and `unchain init`: a config that is right before anything runs on it."""

import asyncio
import json
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from domain.errors import ConfigError, ConnectorError, SourceError
from unchain.cli.options import CONFIG, ConfigPath
from unchain.cli.output import results, talk
from unchain.config import Config, IngestOptions, load

if TYPE_CHECKING:
    from unchain.mailboxes import Mailboxes

TEMPLATE = Path(__file__).parent / "config_template.toml"


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(check)
    app.command()(init)


def check(
    config: ConfigPath = CONFIG,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON schema of config.toml.")] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Look at the config only.")] = False,
) -> None:
    """Check config, database, next hop and each space's account.

    [bold]unchain check --offline[/bold]

    [bold]unchain check --schema > config.schema.json[/bold] lets an editor complete and explain config.toml.
    """
    if schema:
        results.print_json(json.dumps(json_schema()))
        return
    parsed = load(config)
    results.print(
        f"[green]✓[/green] {config}: {len(parsed.rules)} rules, {len(parsed.spaces)} spaces", highlight=False
    )
    _check_passwords(parsed.ingest)
    _signing(parsed)
    if not offline and not asyncio.run(_live(config)):
        raise typer.Exit(1)


def _check_passwords(ingest: IngestOptions) -> None:
    from ingest.sources.password_file import PasswordFile

    for path in [each.password_file for each in (ingest.smtp, ingest.lmtp) if each and each.password_file]:
        people = len(PasswordFile(path))
        results.print(f"[green]✓[/green] {path}: {people} may sign in", highlight=False)


def _signing(config: Config) -> None:
    """Say whether our own mails can be signed and what the DNS has to publish; raises ConfigError."""
    from unchain.wiring import build_signer

    options, signer = config.outbound.dkim, build_signer(config)
    if options is None or signer is None:
        return
    results.print(
        f"[green]✓[/green] DKIM key {escape(str(options.key))} signs; the DNS must have this record:"
    )
    results.print(signer.zone_line(), highlight=False, soft_wrap=True, markup=False)
    if not options.covers(config.organisation.own_address):
        sentence = f"DKIM: {options.domain} is not the domain of {config.organisation.own_address}"
        talk.print(f"[yellow]![/yellow] {escape(sentence)}, so DMARC does not count the signature")


def json_schema() -> dict[str, object]:
    """The schema of config.toml (JSON Schema 2020-12)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Config.model_json_schema(),
        "title": "Unchain config.toml",
    }


async def _live(path: Path) -> bool:
    from unchain.mailboxes import Mailboxes
    from unchain.wiring import build_next_hop, connector_parts, connectors_of, open_installation

    installation = open_installation(path)
    results.print(f"[green]✓[/green] database {installation.config.store.url}")
    options = installation.config.ingest.smtp
    hop = build_next_hop(options, options.hostname)
    fine = True
    try:
        signed_in = f", signed in as {options.next_hop_user}" if options.next_hop_user else ""
        results.print(f"[green]✓[/green] next hop greets as {escape(await hop.check() + signed_in)}")
    except OSError as error:
        fine = False
        remedy = "look at next_hop in [ingest.smtp] and whether that server runs"
        talk.print(f"[red]✗[/red] next hop {escape(f'{error}; {remedy}')}")
    fine = _mailboxes(installation.config.ingest, Mailboxes(installation.database)) and fine
    parts = connector_parts(installation.config, installation.database)
    for name, connector in connectors_of(installation.config, parts).items():
        try:
            results.print(f"[green]✓[/green] space {name}: {escape(await connector.check())}")
        except ConnectorError as error:
            fine = False
            talk.print(f"[red]✗[/red] space {name}: {escape(str(error))}")
        await connector.aclose()
    return fine


def _mailboxes(ingest: IngestOptions, memory: "Mailboxes") -> bool:
    """Say what is in the mailboxes, and whether all of them can be read."""
    from ingest.sources.imap_account import ImapAccount
    from ingest.sources.maildir_watch import MaildirWatch

    fine = True
    for maildir in ingest.maildir:
        try:
            mails = MaildirWatch(maildir, memory).check()
            results.print(f"[green]✓[/green] Maildir {escape(str(maildir.path))}: {mails} mails")
        except SourceError as error:
            fine = False
            talk.print(f"[red]✗[/red] Maildir {escape(str(error))}")
    for options in ingest.imap:
        try:
            for folder, mails in ImapAccount(options, memory).check().items():
                results.print(f"[green]✓[/green] {escape(options.of(folder).label)}: {mails} mails")
        except SourceError as error:
            fine = False
            talk.print(f"[red]✗[/red] {escape(str(error))}")
    return fine


def init(
    name: Annotated[str, typer.Option(prompt="Name of the organisation")],
    domain: Annotated[str, typer.Option(prompt="Its mail domain, e.g. example.com")],
    next_hop: Annotated[str, typer.Option(prompt="Mail server that gets the mail, host:port")],
    url: Annotated[
        str, typer.Option(prompt="Where people will reach the pages, e.g. https://commons.example.com")
    ],
    path: Annotated[Path, typer.Option("--config", "-c", help="The file to write.")] = CONFIG,
) -> None:
    """Write an annotated config.toml and its JSON schema.

    [bold]unchain init --name Example --domain example.com --next-hop mail.example.com:25 --url https://commons.example.com[/bold]
    """
    if path.exists():
        raise ConfigError(f"{path}: is there already; move it away or name another file with --config")
    text = written_config(name=name, domain=domain, next_hop=next_hop, url=url)
    from unchain.config import parse

    parse(text, path)
    try:
        path.write_text(text, encoding="utf-8")
        schema = path.with_name("config.schema.json")
        schema.write_text(json.dumps(json_schema(), indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error.strerror}") from None
    talk.print(f"Wrote {path} and {schema}. Next: unchain check, then unchain serve.")


def written_config(*, name: str, domain: str, next_hop: str, url: str) -> str:
    """The text of a new config.toml."""
    values = {"name": name, "domain": domain, "next_hop": next_hop, "url": url}
    quoted = {key: json.dumps(value, ensure_ascii=False)[1:-1] for key, value in values.items()}
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(quoted)
