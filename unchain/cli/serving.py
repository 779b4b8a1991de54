"""`unchain serve`."""

import asyncio
import logging
from enum import StrEnum
from importlib import import_module
from typing import Annotated

import typer

from unchain.cli.options import CONFIG, ConfigPath


class Role(StrEnum):
    """What one process does."""

    ALL = "all"
    EDGE = "edge"
    WORKER = "worker"
    WEB = "web"


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(serve)


def serve(
    config: ConfigPath = CONFIG,
    role: Annotated[Role, typer.Option(help="One process, or all under one parent.")] = Role.ALL,
    number: Annotated[int, typer.Option(help="Which of several edges it is.", min=1)] = 1,
) -> None:
    """Run the service.

    [bold]unchain serve --config config.toml[/bold]

    Accepts mail, hands it on to the next hop, and moves discussion-style chains into the commons. SIGTERM
    ends it in good order; SIGHUP or a change of the file reloads the rules.
    """
    from unchain.serve import Parent
    from unchain.wiring import open_installation

    logging.basicConfig(
        level=logging.INFO, format=f"%(asctime)s {role:<6} %(levelname)-7s %(name)s: %(message)s"
    )
    for chatty in ("mail.log", "alembic", "watchfiles", "aiohttp.access"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    if role is Role.ALL:
        installation = open_installation(config)  # a wrong config or database ends it here, with a sentence
        installation.database.close()
        parent = Parent(config, edges=installation.config.ingest.smtp.processes)
        raise typer.Exit(asyncio.run(parent.run()))
    body = getattr(import_module(f"unchain.roles.{role}"), role)  # a role imports only what it needs
    if role is Role.EDGE:
        import uvloop  # a sixth less CPU for each mail; the other roles do not live by their sockets

        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(body(config, number))
    else:
        asyncio.run(body(config))
