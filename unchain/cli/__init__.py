"""The command line. Results go to stdout, talk to stderr; a mistake is one sentence and an exit code.

Exit codes: 0 done; 1 a check failed or something was not found; 2 wrong config or usage; 3 unreadable source;
4 database; 5 address taken; 6 classifier; 7 a space refused; 130 interrupted.
"""

import sys

import typer

from domain.errors import UnchainError
from unchain.cli import (
    archives,
    checking,
    correcting,
    demo,
    judging,
    operating,
    passwords,
    publishing,
    queueing,
    reading,
    serving,
    training,
)
from unchain.cli.output import complain

app = typer.Typer(
    name="unchain",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Turns endless internal e-mail chains into shared pages, and answers in the chain with the link.",
)
for module in (
    demo,
    serving,
    checking,
    reading,
    judging,
    archives,
    training,
    operating,
    correcting,
    passwords,
    queueing,
    publishing,
):
    module.register(app)


def main() -> None:
    """Run a command; an error made on purpose is told in one sentence."""
    try:
        app()
    except UnchainError as error:
        complain(str(error))
        sys.exit(error.exit_code)
    except BrokenPipeError:  # `unchain … | head`
        sys.stderr.close()
        sys.exit(0)
