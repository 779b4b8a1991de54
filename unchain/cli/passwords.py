"""`unchain password`: a line of `password_file`, the people who may send from outside."""

import sys
from typing import Annotated

import typer

from domain.errors import ConfigError


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(password)


def password(
    name: Annotated[str, typer.Argument(help="The name to sign in with.")],
) -> None:
    """Ask for a password twice and print the line of password_file that lets its owner send from outside.

    [bold]unchain password scanner >> /etc/unchain/passwords[/bold]

    The line holds a hash, never the password. To change a password, replace the line; no restart is needed.
    """
    from ingest.sources.password_file import hash_password

    if not name.isprintable() or name != name.strip() or not name or ":" in name or name.startswith("#"):
        raise ConfigError(f"{name!r} cannot be a name: leave out colons, a # in front and blanks around it")
    chosen = typer.prompt("Password", hide_input=True, confirmation_prompt="The same again", err=True)
    sys.stdout.write(f"{name}:{hash_password(chosen)}\n")
