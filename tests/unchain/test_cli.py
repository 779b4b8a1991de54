"""Each command: an example in its help, JSON as promised, mistakes in one sentence with an exit code."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, update
from typer.main import get_command

from store import mails, notices, people, reachability, thread_keys, threads
from store.tables import DeliveryRow
from tests.unchain.archives import talk, write_folder, write_gzipped, write_maildir, write_mbox
from tests.unchain.terminal import Ended, Run
from tests.unchain.workshop import ANA, BOB, TEAM, Workshop, mail
from unchain.cli import app

COMMANDS = sorted(get_command(app).commands)  # type: ignore[attr-defined]
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"


def assert_one_sentence(ended: Ended, code: int, *words: str) -> None:
    """A mistake is told on stderr in one sentence, and nothing is on stdout."""
    assert (ended.code, ended.out) == (code, "")
    assert "Traceback" not in ended.err
    assert len(ended.err.strip().splitlines()) == 1
    for word in words:
        assert word in ended.err


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_each_command_holds_an_example(unchain: Run, name: str) -> None:
    ended = unchain(name, "--help")
    assert ended.code == 0
    examples = re.findall(rf"^\W*unchain {name}\b.*", ended.out, re.MULTILINE)
    assert examples
    assert ended.out.index(examples[0]) < ended.out.index("--help")


def test_no_command_at_all_shows_the_commands(unchain: Run) -> None:
    ended = unchain()
    assert all(name in ended.out + ended.err for name in COMMANDS)


def test_inspect_tells_how_a_mail_is_read(unchain: Run, tmp_path: Path) -> None:
    path = tmp_path / "mail.eml"
    path.write_bytes(mail(1, "I agree.\n\nOn Mon, 2 Mar 2026 at 09:00, Ana wrote:\n> Shall we?\n", answers=0))

    record = unchain("inspect", path, "--json").record

    assert record["file"] == str(path)
    assert (record["subject"], record["message_id"]) == ("Re: Which coffee next", "1@acme.example")
    assert (record["from"], record["to"]) == (f"Ana <{ANA}>", list(TEAM[1:]))
    assert (record["date"], record["own_words"]) == ("2026-03-02T09:01:00Z", "I agree.")
    assert "Shall we?" in record["trimmed"]
    assert (record["attachments"], record["defects"]) == ([], [])
    assert (record["auto_generated"], record["bounce"]) == (False, False)


def test_inspect_tells_whom_a_mail_did_not_reach(unchain: Run) -> None:
    path = Path(__file__).parent.parent / "mails" / "automatic" / "bounce__report.eml"
    record = unchain("inspect", path, "--json").record
    assert (record["bounce"], record["auto_generated"]) == (True, True)
    assert record["bounced"] == [{"recipient": "bob@example.com", "status": "5.1.1", "permanent": True}]
    assert record["returned_message_id"] == "lost@example.com"
    assert "bob@example.com (5.1.1 never)" in unchain("inspect", path).out


def test_inspect_tells_what_a_mail_passes_on(unchain: Run, tmp_path: Path) -> None:
    path = tmp_path / "mail.eml"
    above = "See below.\n\n---------- Forwarded message ---------\nFrom: Kim <kim@roast.example>"
    path.write_bytes(
        mail(1, f"{above}\nDate: Sun, 1 Mar 2026 at 08:30\nSubject: Beans\nTo: me\n\nThey are here.\n")
    )

    record = unchain("inspect", path, "--json").record

    assert record["own_words"] == "See below."
    assert record["forwarded"] == [
        {"from": "Kim <kim@roast.example>", "date": "2026-03-01T08:30:00Z", "subject": "Beans"}
    ]
    assert "Kim <kim@roast.example>, 2026-03-01T08:30:00Z, Beans" in unchain("inspect", path).out


@pytest.mark.parametrize(
    ("name", "told"), [("encrypted_smime", "encrypted: not analysed"), ("signed_opaque", "is not checked")]
)
def test_inspect_tells_how_a_mail_is_sealed(unchain: Run, name: str, told: str) -> None:
    path = Path(__file__).parent.parent / "mails" / "odd" / f"{name}.eml"

    assert told in unchain("inspect", path).out


def test_inspect_tells_of_each_file(unchain: Run, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "mails", talk(3))
    files = sorted(folder.iterdir())
    assert [each["file"] for each in unchain("inspect", *files, "--json").records] == list(map(str, files))


def test_inspect_shows_what_was_cut_and_why(unchain: Run, tmp_path: Path) -> None:
    path = tmp_path / "mail.eml"
    path.write_bytes(mail(1, "I agree.\n\nOn Mon, 2 Mar 2026 at 09:00, Ana wrote:\n> Shall we?\n", answers=0))
    ended = unchain("inspect", path)
    assert re.search(r"quote │ > Shall we\?", ended.out)


@pytest.mark.parametrize("write", [write_mbox, write_gzipped, write_maildir, write_folder])
def test_thread_gives_a_thread_a_line(
    unchain: Run, tmp_path: Path, write: Callable[[Path, list[bytes]], Path]
) -> None:
    path = write(tmp_path / "archive", [*reversed(talk(3)), *talk(1, "Tea", first=10)])

    records = unchain("thread", path, "--json").records

    assert [(each["subject"], each["message_ids"]) for each in records] == [
        ("Which coffee next", ["0@acme.example", "1@acme.example", "2@acme.example"]),
        ("Tea", ["10@acme.example"]),
    ]
    if write is write_folder:
        assert [each["files"] for each in records] == [["002.eml", "001.eml", "000.eml"], ["003.eml"]]
    else:
        assert all(("files" in each) is (write is write_maildir) for each in records)


async def test_thread_and_explain_propose_to_split_where_the_subject_changes(
    unchain: Run, config: Path, shop: Workshop, tmp_path: Path
) -> None:
    words = (
        "Since this morning the printer upstairs swallows every second sheet and blinks orange all day. Does "
        "anyone know whom to call about repairs, or where spare rollers are kept?"
    )
    headers = {"In-Reply-To": "<1@acme.example>", "References": "<1@acme.example>"}
    turned = mail(5, words, subject="Printer is broken", headers=headers)
    path = write_mbox(tmp_path / "archive", [*talk(3), turned])
    shop.receive_talk(3)
    shop.receive(turned)
    await shop.work()

    (proposed,) = unchain("thread", path, "--json").record["proposed_splits"]
    assert (proposed["message_id"], proposed["mails"]) == ("5@acme.example", 1)
    assert unchain("explain", "5@acme.example", "--json").record["proposed_splits"] == [proposed]
    assert proposed["sentence"] in unchain("thread", path).out.replace("\n", " ")
    assert "perhaps another thread" in unchain("explain", "5@acme.example").out
    assert len(shop.thread().messages) == 4


def test_classify_gives_a_judgement_a_line(unchain: Run, tmp_path: Path) -> None:
    secret = mail(10, "SECRET plans", subject="Tea")
    path = write_mbox(tmp_path / "archive", [*talk(3), secret])

    plain, sensitive = unchain("classify", path, "--json").records

    assert (plain["id"], plain["kind"], plain["language"]) == ("0@acme.example", "discussion", "en")
    assert (plain["sensitive"], plain["sensitive_reasons"], plain["moves"]) == (False, [], True)
    assert sum(plain["scores"].values()) == pytest.approx(1)
    assert (sensitive["sensitive"], sensitive["sensitive_reasons"]) == (True, ["security"])


def test_classify_reads_threads_as_json_lines(unchain: Run, tmp_path: Path) -> None:
    message: dict[str, object] = {
        "message_id": "a@acme.example",
        "in_reply_to": None,
        "references": [],
        "from": "Ana <ana@acme.example>",
        "to": ["bob@acme.example"],
        "cc": [],
        "date": "2026-03-02T09:00:00Z",
        "subject": "Tea",
        "text": "Shall we?",
        "headers": {},
    }
    path = tmp_path / "threads.jsonl"
    path.write_text(json.dumps({"id": "t1", "subject": "Tea", "messages": [message]}) + "\n")
    assert unchain("classify", path, "--json").record["id"] == "t1"
    assert "discussion" in unchain("classify", path).out


def test_explain_shows_the_whole_trail_of_a_file(unchain: Run, config: Path, tmp_path: Path) -> None:
    path = tmp_path / "mail.eml"
    path.write_bytes(mail(0))

    record = unchain("explain", path, "--json").record

    assert (record["outcome"], record["rule"], record["space"]) == ("move", "Discussions", "wiki")
    assert record["redirect_replies"] == 3
    assert record["classification"]["kind"] == "discussion"
    names = [step["name"] for step in record["trail"]]
    assert names.index("gate: sensitive") < names.index("rule: Discussions")
    assert all(step["sentence"] for step in record["trail"])
    tree = unchain("explain", path).out
    assert "redirect reply to 3 people" in tree
    assert "✓ rule: Discussions" in tree


async def test_explain_and_why_find_a_stored_mail_by_its_id(
    unchain: Run, config: Path, shop: Workshop
) -> None:
    await shop.move_talk()

    explained = unchain("explain", "<1@acme.example>", "--json").record
    told = unchain("why", "1@acme.example", "--json").record

    assert explained["thread"] == told["thread"] == shop.thread().id
    assert len(explained["messages"]) == 3
    assert told["outcome"] == "move"
    assert "Discussions" in told["reason"]
    (place,) = told["publications"]
    assert (place["space"], place["state"]) == ("wiki", "published")
    assert place["url"] in unchain("why", "1@acme.example").out


def test_why_of_a_thread_that_has_not_settled(unchain: Run, config: Path, shop: Workshop) -> None:
    shop.receive(mail(0))
    shop.pipeline.process(1)
    record = unchain("why", "0@acme.example", "--json").record
    assert (record["outcome"], record["publications"]) == (None, [])


@pytest.mark.parametrize("command", ["explain", "why", "recall"])
def test_a_mail_that_is_not_stored_is_told(unchain: Run, config: Path, command: str) -> None:
    assert_one_sentence(unchain(command, "nobody@acme.example"), 1, "nobody@acme.example")


def test_import_reports_and_adds_nothing_again(unchain: Run, config: Path, tmp_path: Path) -> None:
    path = write_mbox(tmp_path / "archive", [*talk(3), talk(3)[0]])

    first, again = (unchain("import", path, "--json").record for _ in range(2))

    assert {key: first[key] for key in ("read", "added", "duplicates", "automatic", "broken", "threads")} == {
        "read": 4,
        "added": 3,
        "duplicates": 1,
        "automatic": 0,
        "broken": [],
        "threads": 1,
    }
    assert first["fates"] == {"move: wiki by “Discussions”": 1}
    assert (again["added"], again["threads"], again["fates"]) == (0, 0, {})


def test_import_can_post_later_what_was_taken_in_before(
    unchain: Run, config: Path, tmp_path: Path, shop: Workshop
) -> None:
    path = write_mbox(tmp_path / "archive", talk(3))
    assert "post with --publish" in unchain("import", path).err
    assert shop.publications() == []

    unchain("import", path, "--publish")

    assert shop.publication().space == "wiki"
    assert shop.notices() == []


def test_a_dry_run_needs_no_config_and_writes_nothing(unchain: Run, tmp_path: Path) -> None:
    path = write_mbox(tmp_path / "archive", talk(3))
    record = unchain("import", path, "--dry-run", "--json").record
    assert (record["read"], record["added"], record["duplicates"]) == (3, 3, 0)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["archive"]


def test_status_tells_whom_no_notice_reaches(unchain: Run, config: Path, shop: Workshop) -> None:
    with shop.database.write() as session:
        people.meet(session, BOB, at=shop.clock.now)
        reachability.lost(session, BOB, at=shop.clock.now, why="550 5.1.1 [unknown]")

    assert unchain("status", "--json").record["unreachable"] == [
        {"address": BOB, "since": "2026-03-02T10:00:00Z", "reason": "550 5.1.1 [unknown]"}
    ]
    assert f"no notices to {BOB}: 550 5.1.1 [unknown]" in unchain("status").out


def test_status_tells_that_unchain_has_fallen_silent_until_that_is_over(
    unchain: Run, config: Path, shop: Workshop
) -> None:
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    with shop.database.write() as session:
        notices.fall_silent(session, until, "Unchain falls silent: too much")

    told = unchain("status", "--json").record["silent"]
    assert told == {"until": f"{until:%Y-%m-%dT%H:%M:%SZ}", "reason": "Unchain falls silent: too much"}
    assert "silent until" in unchain("status").out

    with shop.database.write() as session:
        notices.fall_silent(session, until - timedelta(hours=2), "Unchain falls silent: too much")
    assert unchain("status", "--json").record["silent"] is None


def test_status_shows_the_balance(unchain: Run, config: Path, shop: Workshop) -> None:
    shop.receive(mail(0))
    with shop.database.write() as session:
        mails.set_aside(session, 1, "it could not be read")

    ended = unchain("status", "--json")

    assert ended.code == 0
    record = ended.record
    assert (record["mails"], record["accepted"], record["queued"], record["holds"]) == (1, 2, 2, True)
    assert record["jobs"] == {"forward/ready": 1, "process/ready": 1}
    assert record["set_aside"] == [{"mail": 1, "reason": "it could not be read"}]
    shown = unchain("status").out
    assert "The balance holds." in shown
    assert "it could not be read" in shown


def test_status_ends_with_one_where_mail_is_missing(unchain: Run, config: Path, shop: Workshop) -> None:
    shop.receive(mail(0))
    with shop.database.write() as session:
        session.execute(update(DeliveryRow).where(col(DeliveryRow.id) == 1).values(state="gone"))
    ended = unchain("status")
    assert ended.code == 1
    assert "Mails are missing." in ended.out


async def test_recall_asks_for_it_and_keeps_the_thread_in_the_mail(
    unchain: Run, config: Path, shop: Workshop
) -> None:
    await shop.move_talk()
    ended = unchain("recall", shop.thread().id)
    assert ended.code == 0
    shop.clock.now = datetime.now(UTC)  # the command has no other clock
    await shop.work()

    assert shop.publication().state == "withdrawn"
    with shop.database.read() as session:
        thread_id = thread_keys.of_message(session, "0@acme.example")
        assert thread_id is not None
        assert threads.is_vetoed(session, thread_id)


NEEDS_CONFIG = [("status",), ("why", "x@y"), ("recall", "x"), ("check",), ("serve",), ("explain", "x@y")]


@pytest.mark.parametrize("command", NEEDS_CONFIG, ids=lambda command: command[0])
def test_without_a_config_a_command_says_how_to_get_one(unchain: Run, command: tuple[str, ...]) -> None:
    assert_one_sentence(unchain(*command), 2, "config.toml: there is no such file; `unchain init` writes one")


@pytest.mark.parametrize("command", NEEDS_CONFIG, ids=lambda command: command[0])
def test_a_wrong_config_is_told_with_its_line(unchain: Run, config: Path, command: tuple[str, ...]) -> None:
    config.write_text(config.read_text().replace("[settle]", "[setle]"))
    line = config.read_text().splitlines().index("[setle]") + 1
    assert_one_sentence(unchain(*command), 2, f"config.toml:{line}: ", 'did you mean "settle"?')


@pytest.mark.parametrize("command", NEEDS_CONFIG, ids=lambda command: command[0])
def test_a_folder_that_cannot_be_written_is_told(
    unchain: Run, config: Path, tmp_path: Path, command: tuple[str, ...]
) -> None:
    (tmp_path / "file").write_text("no folder")
    config.write_text(config.read_text().replace("sqlite:///unchain.db", "sqlite:///file/unchain.db"))
    ended = unchain(*command)
    assert ended.code == 4
    assert "Traceback" not in ended.err
    assert f"the folder {tmp_path}/file cannot be made" in ended.err


def test_a_file_that_is_no_database_is_told(unchain: Run, config: Path, tmp_path: Path) -> None:
    (tmp_path / "other.db").write_bytes(PDF * 100)
    config.write_text(config.read_text().replace("sqlite:///unchain.db", "sqlite:///other.db"))
    assert_one_sentence(unchain("status"), 4, "other.db cannot be opened", "is an Unchain database")


def test_another_kind_of_database_is_told(unchain: Run, config: Path) -> None:
    config.write_text(config.read_text().replace("sqlite:///unchain.db", "mysql://host/unchain"))
    assert_one_sentence(unchain("status"), 4, "sqlite:///")


READS_ARCHIVE = [("thread",), ("classify",), ("import", "--dry-run"), ("import",)]


@pytest.mark.parametrize("command", READS_ARCHIVE, ids=" ".join)
def test_what_is_no_archive_is_told(
    unchain: Run, config: Path, tmp_path: Path, command: tuple[str, ...]
) -> None:
    (tmp_path / "manual.pdf").write_bytes(PDF)
    assert_one_sentence(unchain(*command, tmp_path / "manual.pdf"), 3, "manual.pdf is not an mbox", "PDF")


@pytest.mark.parametrize("command", [*READS_ARCHIVE, ("inspect",)], ids=" ".join)
def test_a_file_that_is_not_there_is_told(
    unchain: Run, config: Path, tmp_path: Path, command: tuple[str, ...]
) -> None:
    assert_one_sentence(unchain(*command, tmp_path / "nothing"), 3, f"{tmp_path}/nothing")


def test_an_interrupted_command_ends_with_130(
    unchain: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("unchain.archive_threads.open_archive", interrupt)
    ended = unchain("thread", tmp_path)
    assert ended.code == 130
    assert "Traceback" not in ended.err


def test_init_writes_a_config_that_check_finds_right(unchain: Run, tmp_path: Path) -> None:
    options = (
        ("--name", 'Café "Chez nous"'),
        ("--domain", "acme.example"),
        ("--next-hop", "mail.acme.example:25"),
        ("--url", "https://commons.acme.example"),
    )
    arguments = [each for option in options for each in option]
    assert unchain("init", *arguments).code == 0
    assert (tmp_path / "config.toml").read_text().startswith("#:schema ./config.schema.json\n")
    assert json.loads((tmp_path / "config.schema.json").read_text())["title"] == "Unchain config.toml"

    checked = unchain("check", "--offline")

    assert checked.code == 0
    assert "✓ config.toml: 5 rules, 3 spaces" in checked.out
    assert not (tmp_path / "var").exists()
    before = (tmp_path / "config.toml").read_text()
    assert_one_sentence(unchain("init", *arguments), 2, "is there already")
    assert (tmp_path / "config.toml").read_text() == before
    elsewhere = unchain("init", *arguments, "--config", tmp_path / "nowhere" / "config.toml")
    assert_one_sentence(elsewhere, 2, "cannot be written")


def test_init_writes_nothing_that_check_would_refuse(unchain: Run, tmp_path: Path) -> None:
    answers = ("--name", "A", "--domain", "a.example", "--next-hop", "nonsense", "--url", "https://a.example")
    assert_one_sentence(unchain("init", *answers), 2, "nonsense", "host:port")
    assert list(tmp_path.iterdir()) == []


def test_check_tells_what_does_not_answer(unchain: Run, config: Path) -> None:
    config.write_text(config.read_text().replace("mail.acme.example:25", "127.0.0.1:1"))
    ended = unchain("check")
    assert ended.code == 1
    assert "✓ space wiki: commons (wiki)" in ended.out
    assert "✗ next hop" in ended.err
    assert "127.0.0.1:1" in ended.err


def test_the_schema_describes_every_section_and_refuses_unknown_keys(unchain: Run) -> None:
    schema = json.loads(unchain("check", "--schema").out)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["type"] == "object"
    assert schema["additionalProperties"] is False
    assert set(schema["required"]) == {"organisation", "ingest"}
    assert {"organisation", "ingest", "spaces", "rules", "groups", "settle"} <= set(schema["properties"])
    for section in schema["$defs"].values():
        assert "type" in section or "enum" in section or "anyOf" in section
    assert unresolved(schema, schema) == []


def test_every_key_of_the_schema_says_what_it_is_for(unchain: Run) -> None:
    schema = json.loads(unchain("check", "--schema").out)
    ours = ("Options", "Organisation", "Group")
    silent = [
        f"{section}.{key}"
        for section, body in schema["$defs"].items()
        for key, value in body.get("properties", {}).items()
        if section.endswith(ours) and section != "CommonsOptions" and "$ref" not in value
        if not value.get("description")
    ]
    assert silent == []


def unresolved(part: object, schema: dict[str, Any]) -> list[str]:
    """References that lead nowhere."""
    if isinstance(part, list):
        return [each for inner in part for each in unresolved(inner, schema)]
    if not isinstance(part, dict):
        return []
    reference = part.get("$ref")
    here = []
    if isinstance(reference, str) and reference.removeprefix("#/$defs/") not in schema["$defs"]:
        here = [reference]
    return here + [each for inner in part.values() for each in unresolved(inner, schema)]


async def test_split_and_join_correct_threads_and_take_it_back(
    unchain: Run, config: Path, shop: Workshop
) -> None:
    shop.receive_talk(3)
    await shop.work()

    parted = unchain("split", "1@acme.example", "--json").record["threads"]
    assert len(parted) == 2
    explained = unchain("explain", "1@acme.example", "--json").record
    assert explained["thread"] == parted[0]
    assert [each["joined"] for each in explained["messages"]] == ["manual", "reference"]
    assert len(unchain("split", "1@acme.example", "--undo", "--json").record["threads"]) == 1

    shop.receive(mail(40, subject="Tea"))
    await shop.work()
    assert "one thread" in unchain("join", "0@acme.example", "<40@acme.example>").out
    assert len(shop.all_threads()) == 1
    assert "two threads" in unchain("join", "0@acme.example", "40@acme.example", "--undo").out
    assert len(shop.all_threads()) == 2


def test_a_correction_that_cannot_be_made_is_told_in_a_sentence(unchain: Run, config: Path) -> None:
    assert_one_sentence(unchain("split", "none@acme.example"), 1, "none@acme.example")
    assert_one_sentence(unchain("join", "one@acme.example", "two@acme.example"), 1, "one@acme.example")
