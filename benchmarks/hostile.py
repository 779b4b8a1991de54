"""What it costs to read each of the mails that were made to break a reader: CPU seconds, the dearest first.

Run: python -m benchmarks.hostile [ROUNDS]
"""

import sys
import time
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from domain.mail import RawMail
from ingest.parse import read
from tests.ingest.hostile_mails import HOSTILE

NOON = datetime(2024, 5, 6, 12, 0, tzinfo=UTC)


def main() -> None:
    """Print a table of all of them; a round that the machine disturbed is made up for by the others."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    costs = {name: min(cost(content) for _ in range(rounds)) for name, content in HOSTILE.items()}
    table = Table("", "bytes", "CPU seconds", title=f"{len(HOSTILE)} hostile mails, best of {rounds} rounds")
    for name, seconds in sorted(costs.items(), key=lambda pair: -pair[1]):
        table.add_row(name, f"{len(HOSTILE[name]):,}", f"{seconds:.3f}")
    Console(width=100).print(table)


def cost(content: bytes) -> float:
    """The CPU seconds of reading a mail once."""
    mail = RawMail(content=content, mail_from="", rcpt_to=(), source="eml", received_at=NOON)
    before = time.process_time()
    read(mail)
    return time.process_time() - before


if __name__ == "__main__":
    main()
