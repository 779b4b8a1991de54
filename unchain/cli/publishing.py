"""`unchain publications`: what stands in which space, and a human's word on what may have landed there."""

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from unchain.cli.options import CONFIG, AsJson, ConfigPath
from unchain.cli.output import complain, emit, results

publications_app = typer.Typer(
    name="publications",
    no_args_is_help=True,
    rich_markup_mode="rich",
    help="""Show what was posted where; say what became of postings that nobody knows about.

    [bold]unchain publications list --state uncertain[/bold]

    Exit code 1 where something named is not there or not in doubt.
    """,
)

Key = Annotated[str, typer.Argument(help="The publication's key, as `list` shows it.", metavar="KEY")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    publications_app.command("list")(list_)
    publications_app.command("there")(there)
    publications_app.command("not-there")(not_there)
    app.add_typer(publications_app)


def list_(
    state: Annotated[
        str, typer.Option(help="Only these: planned, published, uncertain, refused or withdrawn.")
    ] = "",
    config: ConfigPath = CONFIG,
    as_json: AsJson = False,
) -> None:
    """List publications, oldest first: key, state, where it is read, and why it is not.

    [bold]unchain publications list --state uncertain[/bold]
    """
    from store import publications
    from unchain.wiring import open_installation

    if state and state not in {known.value for known in publications.PublicationState}:
        raise typer.BadParameter("write --state as planned, published, uncertain, refused or withdrawn")
    with open_installation(config).database.read() as session:
        found = [one for one in publications.everything(session) if not state or one.state == state]
    table = Table("key", "state", "title", "where, or why not")
    for one in found:
        url = one.receipt.url if one.receipt else ""
        if as_json:
            emit(
                {
                    "key": one.key,
                    "thread": one.thread_id,
                    "space": one.space,
                    "state": str(one.state),
                    "title": one.title,
                    "url": url or None,
                    "reason": one.error,
                }
            )
        else:
            table.add_row(*map(escape, (one.key, str(one.state), one.title, url or one.error or "")))
    if not as_json:
        results.print(table if found else "There is none.")


def there(
    key: Key,
    url: Annotated[str, typer.Argument(help="Where people read it.", metavar="URL")],
    config: ConfigPath = CONFIG,
) -> None:
    """Say of a posting with unknown outcome: it is there. Its people get their links.

    [bold]unchain publications there 1f0c9a7d2b3e4f55:forum https://forum.example.com/t/4711[/bold]

    Where the service cannot find it by its key, later mails are not added to it.
    """
    from domain.web_address import is_web_address
    from store import uncertain
    from unchain.wiring import clock, open_installation

    if not is_web_address(url):
        raise typer.BadParameter("write the URL as https://…, as a browser shows it")
    with open_installation(config).database.write() as session:
        done = uncertain.is_there(session, key, url, clock())
    _tell(key, "is there; its people get the link", done)


def not_there(key: Key, config: ConfigPath = CONFIG) -> None:
    """Say of a posting with unknown outcome: it is not there. It is posted again.

    [bold]unchain publications not-there 1f0c9a7d2b3e4f55:forum[/bold]
    """
    from store import uncertain
    from unchain.wiring import clock, open_installation

    with open_installation(config).database.write() as session:
        done = uncertain.is_not_there(session, key, clock())
    _tell(key, "is posted again", done)


def _tell(key: str, sentence: str, done: object) -> None:
    if not done:
        complain(f"{key}: no publication with this key has an unknown outcome")
        raise typer.Exit(1)
    results.print(f"{key} {sentence}.", markup=False)
