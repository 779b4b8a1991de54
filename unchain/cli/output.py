"""How commands print: results on stdout, as JSON lines where asked; talk on stderr."""

import getpass
import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime

from rich.console import Console

talk = Console(stderr=True, highlight=False)
results = Console(highlight=False)


def emit(record: Mapping[str, object]) -> None:
    """Print one JSON line."""
    sys.stdout.write(json.dumps(record, ensure_ascii=False) + "\n")


def complain(sentence: str) -> None:
    """Say what went wrong, in red where there is a terminal."""
    talk.print(sentence, style="bold red", markup=False, soft_wrap=True)


def in_utc(moment: datetime) -> str:
    """RFC 3339 in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def operator() -> str:
    """Who runs the command, for the record of what was done by hand."""
    try:
        return f"operator ({getpass.getuser()})"
    except (OSError, KeyError):  # a container's account may have no name
        return "operator"
