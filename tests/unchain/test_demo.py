"""The demo as a newcomer runs it, killed in the middle and started again."""

import json
import re
import signal
import subprocess
import sys
from collections import Counter
from datetime import datetime
from email import message_from_bytes
from pathlib import Path

from sqlalchemy.exc import OperationalError

from store import mails, notices, publications
from store.database import Database
from store.publications import PublicationState
from tests.unchain.installation import answers, wait_until
from unchain.demo import company as story
from unchain.demo.sink import Sink


def run(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "unchain", "demo", "--folder", str(folder), "--once"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def accepted(folder: Path) -> int:
    if not (folder / "var" / "unchain.db").exists():
        return 0
    database = Database(f"sqlite:///{folder}/var/unchain.db")
    try:
        with database.read() as session:
            return mails.balance(session).mails
    except OperationalError:  # its tables are being made, one migration after the other
        return 0
    finally:
        database.close()


def test_a_killed_demo_goes_on_and_ends_with_nothing_lost_and_nothing_twice(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    first = run(folder)
    wait_until(lambda: accepted(folder) > 120, "more than a third of the mails accepted")
    first.send_signal(signal.SIGKILL)
    first.wait()
    stage = json.loads((folder / "stage.json").read_text())
    wait_until(
        lambda: not any(answers(stage[name]) for name in ("smtp", "web", "sink")),
        "all its processes gone",
    )

    second = run(folder)
    said, talk = second.communicate(timeout=280)

    assert second.returncode == 0, talk
    assert "Nothing is lost" in said
    written = story.mails(story.load(), start=story_start(stage))
    kept = Sink(folder / "sink").mails()
    assert {without_trace(mail.content) for mail in kept if not is_ours(mail.content)} == {
        mail.content for mail in written
    }
    database = Database(f"sqlite:///{folder}/var/unchain.db")
    with database.read() as session:
        balance = mails.balance(session)
        published = publications.everything(session)
        told = notices.count(session, "redirect")
    database.close()
    assert balance.holds
    assert (balance.mails, balance.queued, balance.unprocessed) == (len(written), 0, 0)
    assert all(one.state is PublicationState.PUBLISHED for one in published)
    assert len({one.thread_id for one in published}) == len(published) > 10
    ids = Counter(message_from_bytes(mail.content)["Message-ID"] for mail in kept if is_ours(mail.content))
    assert len(ids) == told > 30


def story_start(stage: dict[str, str]) -> datetime:
    return datetime.fromisoformat(stage["start"])


def is_ours(content: bytes) -> bool:
    head = content.partition(b"\r\n\r\n")[0]
    return b"\r\nAuto-Submitted: auto-replied" in head and b"<unchain@boreal.example>" in head


def without_trace(content: bytes) -> bytes:
    return re.sub(rb"\AReceived: [^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*", b"", content)
