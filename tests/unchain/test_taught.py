"""A person's word goes before the classifier's, but not against what is certain, nor for mails yet unread."""

from dataclasses import replace

import pytest

from domain.classification import Classification, Kind, SensitiveHit
from domain.lesson import Taught
from domain.mail import Joined, Thread, ThreadMessage
from tests.classify.threads import message
from unchain.taught import classify_taught

PLAIN = Classification(
    kind=Kind.UPDATE,
    scores={kind: 0.65 if kind is Kind.UPDATE else 0.05 for kind in Kind},
    sensitive=False,
    moves=True,
    would_move=True,
    language="en",
)


def of_words(*texts: str) -> Thread:
    entries = (
        ThreadMessage(message=replace(message(number, text), digest=text), joined=Joined.REFERENCE)
        for number, text in enumerate(texts)
    )
    return Thread(id="t", subject="S", messages=tuple(entries))


def classify(thread: Thread) -> Classification:
    """Words of health are a suggestion, and "a" and "b" only together; a label is certain."""
    words = {entry.message.own_words for entry in thread.messages}
    hits = [
        SensitiveHit(reason=word, detail=word, by_words=word != "label")
        for word in ("health", "staff", "label")
        if word in words
    ]
    if {"a", "b"} <= words:
        hits.append(SensitiveHit(reason="legal", detail="together", by_words=True))
    return replace(PLAIN, sensitive=bool(hits), sensitive_hits=tuple(hits), moves=not hits)


def test_nothing_said_changes_nothing() -> None:
    thread = of_words("health")
    assert classify_taught(classify, thread, Taught()) == classify(thread)


def test_a_told_kind_is_certain() -> None:
    found = classify_taught(classify, of_words("tea"), Taught(kind=Kind.QUESTION))
    assert (found.kind, found.confidence, found.moves) == (Kind.QUESTION, 1.0, True)
    assert found.corrected == ("kind",)


def test_what_is_told_to_be_personal_does_not_move_by_the_classifier_alone() -> None:
    assert not classify_taught(classify, of_words("tea"), Taught(kind=Kind.PERSONAL)).moves
    assert classify_taught(classify, of_words("tea"), Taught(kind=Kind.PERSONAL, moves=True)).moves


def test_told_sensitive_holds_whatever_else_was_said() -> None:
    found = classify_taught(classify, of_words("tea"), Taught(sensitive=True, moves=True))
    assert (found.sensitive, found.moves) == (True, False)
    assert [hit.reason for hit in found.sensitive_hits] == ["correction"]


def test_told_not_sensitive_lifts_what_words_suggest_and_lets_it_move() -> None:
    found = classify_taught(
        classify, of_words("health"), Taught(sensitive=False, cleared=frozenset({"health"}))
    )
    assert (found.sensitive, found.moves) == (False, True)


@pytest.mark.parametrize(
    ("texts", "cleared", "reasons"),
    [
        pytest.param(("label",), {"label"}, ["label"], id="a label"),
        pytest.param(("health", "label"), {"health", "label"}, ["label"], id="a label beside words"),
        pytest.param(("health", "staff"), {"health"}, ["staff"], id="another topic came since"),
        pytest.param(("health", "tea"), {"health"}, [], id="nothing came since"),
        pytest.param(("a", "b"), {"a"}, ["legal"], id="old and new only together"),
        pytest.param(("health",), set(), ["health"], id="said of other mails"),
    ],
)
def test_told_not_sensitive_lifts_neither_what_is_certain_nor_what_came_since(
    texts: tuple[str, ...], cleared: set[str], reasons: list[str]
) -> None:
    taught = Taught(sensitive=False, moves=True, cleared=frozenset(cleared))
    found = classify_taught(classify, of_words(*texts), taught)
    assert [hit.reason for hit in found.sensitive_hits] == reasons
    assert found.sensitive == bool(reasons)
    assert found.moves == (not reasons)


def test_an_abstention_moves_only_where_a_person_said_so() -> None:
    def unsure(thread: Thread) -> Classification:
        return replace(PLAIN, abstained=True, moves=False, would_move=False, language="und")

    assert not classify_taught(unsure, of_words("x"), Taught(kind=Kind.QUESTION, sensitive=False)).moves
    assert classify_taught(unsure, of_words("x"), Taught(moves=True)).moves
