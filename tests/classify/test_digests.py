"""Invented threads of which question, answer, decision and matter are known: how many are found."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from classify.summary import digest_of
from domain.digest import Digest
from domain.mail import Address, Thread
from tests.classify.threads import thread

ROWS = [
    json.loads(line) for line in (Path(__file__).parent / "digests.jsonl").read_text("utf-8").splitlines()
]


def thread_of(row: dict[str, object]) -> Thread:
    mails = row["mails"]
    assert isinstance(mails, list)
    made = thread(str(row["subject"]), *(text for _, text in mails))
    written = [
        replace(entry, message=replace(entry.message, sender=Address(email=f"{who.lower()}@example.com")))
        for entry, (who, _) in zip(made.messages, mails, strict=True)
    ]
    return replace(made, messages=tuple(written))


def _holds(text: str | None, part: str) -> bool:
    return text is not None and part in text


FOUND: dict[str, Callable[[Digest, dict[str, str]], bool]] = {
    "question": lambda said, row: _holds(said.question and said.question.text, row["question"]),
    "answer": lambda said, row: any(row["answer"] in each.text for each in said.answer),
    "decision": lambda said, row: any(
        row["decision"] in each.text for each in (*said.answer, *([said.decision] if said.decision else ()))
    ),
    "phrases": lambda said, row: any(
        wanted.lower() in each.lower() for wanted in row["phrases"] for each in said.key_phrases
    ),
}


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(
    ("part", "least"), [("question", 0.9), ("answer", 0.9), ("decision", 0.9), ("phrases", 0.9)]
)
def test_what_matters_is_found(part: str, least: float, language: str) -> None:
    rows = [row for row in ROWS if row["language"] == language and row[part]]
    missed = [
        (row["subject"], digest_of(thread_of(row), language))
        for row in rows
        if not FOUND[part](digest_of(thread_of(row), language), row)
    ]

    assert len(ROWS) >= 40
    assert 1 - len(missed) / len(rows) >= least, missed


def test_a_chain_that_asks_nothing_has_no_question() -> None:
    told = [row for row in ROWS if not row["question"]]
    assert told
    assert [row["subject"] for row in told if digest_of(thread_of(row), row["language"]).question] == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["subject"])
def test_all_that_is_shown_stands_in_the_mail_it_names(row: dict[str, str]) -> None:
    made = thread_of(row)
    said = digest_of(made, row["language"])
    words = {entry.message.digest: " ".join(entry.message.own_words.split()) for entry in made.messages}

    shown = [*([said.question] if said.question else []), *said.answer, *said.main]
    shown += [said.decision] if said.decision else []

    assert all(each.text in words[each.key] for each in shown)
    assert len(said.key_phrases) <= 8
