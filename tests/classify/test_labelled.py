"""Labelled threads are read as domain types; a wrong line is named by file and line."""

import gzip
import json
from pathlib import Path

import pytest

from classify.labelled import read_labels, read_threads
from domain.classification import Kind
from domain.errors import ClassifierError
from domain.mail import TextPart, Trim

ROW = {
    "id": "a",
    "subject": "Re: Menu",
    "messages": [
        {
            "message_id": "<1@example.com>",
            "from": "Ann <Ann@Example.com>",
            "to": ["bob@example.com"],
            "date": "2026-03-02T09:00:00Z",
            "subject": "Menu",
            "text": "Soup?\n> old",
            "headers": {"List-Id": "<menu.example.com>"},
        },
        {"in_reply_to": "<1@example.com>", "from": "bob@example.com", "text": "Yes."},
    ],
}


def test_a_thread_is_read_with_its_messages(tmp_path: Path) -> None:
    path = tmp_path / "threads.jsonl.gz"
    path.write_bytes(gzip.compress(json.dumps(ROW).encode()))

    [(id_, thread)] = read_threads(path, lambda text: text.split("\n>")[0])

    first, second = (joined.message for joined in thread.messages)
    assert (id_, thread.subject) == ("a", "Re: Menu")
    assert (first.sender.email, first.own_words, first.trimmed) == ("ann@example.com", "Soup?", "> old")
    assert first.list_id == "<menu.example.com>"
    assert second.in_reply_to == ("1@example.com",)


def test_a_split_tells_quotes_and_disclaimers_apart(tmp_path: Path) -> None:
    path = tmp_path / "threads.jsonl"
    path.write_text(json.dumps(ROW) + "\n")

    def split(text: str) -> tuple[TextPart, ...]:
        return (TextPart(text="own"), TextPart(text="notice", trim=Trim.DISCLAIMER))

    [(_, thread)] = read_threads(path, split=split)

    assert thread.messages[0].message.own_words == "own"
    assert thread.messages[0].message.parts[1].trim is Trim.DISCLAIMER


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("{", "not a JSON object"),
        ("[]", "a JSON object is needed"),
        ('{"subject": "x", "messages": []}', "'id' is missing"),
        ('{"id": "a", "messages": "x"}', "'messages' must be a list"),
    ],
)
def test_a_wrong_thread_is_named_by_file_and_line(tmp_path: Path, line: str, sentence: str) -> None:
    path = tmp_path / "threads.jsonl"
    path.write_text(json.dumps(ROW) + "\n" + line + "\n")

    with pytest.raises(ClassifierError, match=rf"threads\.jsonl:2: .*{sentence}"):
        list(read_threads(path))


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"id": "a", "kind": "gossip", "sensitive": False, "moves": True}, "unknown kind 'gossip'"),
        ({"id": "a", "kind": "update", "sensitive": "no", "moves": True}, "'sensitive' must be"),
        ({"id": "a", "kind": "update", "sensitive": False, "moves": True, "sure": 7}, "'sure' must be"),
        ({"kind": "update", "sensitive": False, "moves": True}, "'id' is missing"),
    ],
)
def test_a_wrong_label_is_named_by_file_and_line(
    tmp_path: Path, row: dict[str, object], sentence: str
) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text(json.dumps(row) + "\n")

    with pytest.raises(ClassifierError, match=rf"labels\.jsonl:1: .*{sentence}"):
        read_labels(path)


def test_labels_without_certainty_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    label = {"kind": "update", "sensitive": False, "moves": True}
    path.write_text("\n".join(json.dumps({"id": i, "sure": s, **label}) for i, s in (("a", 0), ("b", 0.6))))

    labels = read_labels(path)

    assert list(labels) == ["b"]
    assert labels["b"].kind is Kind.UPDATE


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ClassifierError, match=r"none\.jsonl: cannot be read"):
        list(read_threads(tmp_path / "none.jsonl"))
