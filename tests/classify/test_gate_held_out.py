"""Threads that no training has seen: no sensitive one moves, and not every look-alike is held."""

from collections import Counter

import pytest

from classify.additions import NONE
from classify.sensitive import weigh
from classify.spacy_classifier import SpacyClassifier
from tests.classify.held_out import Case, cases


@pytest.fixture(scope="module")
def classifier() -> SpacyClassifier:
    return SpacyClassifier.load()


def _leaks(classifier: SpacyClassifier, name: str) -> list[str]:
    told = ((case, classifier.classify(case.thread)) for case in cases(name))
    return [case.thread.subject for case, said in told if said.moves or not said.sensitive]


def test_there_are_two_hundred_sensitive_threads_and_a_hundred_look_alikes() -> None:
    sensitive = cases("sensitive_en") + cases("sensitive_fr")

    assert len(sensitive) >= 200
    assert len(cases("harmless_en") + cases("harmless_fr")) >= 100
    assert min(Counter(case.reason for case in sensitive).values()) >= 10


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_sensitive_thread_is_let_through(classifier: SpacyClassifier, language: str) -> None:
    assert _leaks(classifier, f"sensitive_{language}") == []


@pytest.mark.parametrize("language", ["en", "fr"])
def test_rules_that_are_certain_hold_hardly_any_look_alike(language: str) -> None:
    held = [case.thread.subject for case in cases(f"harmless_{language}") if weigh(case.thread, NONE).certain]

    assert len(held) <= 1  # the bins for confidential papers have it in their subject


def test_some_look_alikes_still_move(classifier: SpacyClassifier) -> None:
    everything = [*cases("harmless_en"), *cases("harmless_fr")]

    assert sum(classifier.classify(case.thread).moves for case in everything) >= len(everything) // 10


@pytest.mark.parametrize("language", ["en", "fr"])
def test_certain_secrets_are_found_by_rules_alone(language: str) -> None:
    missed = [_told(case) for case in cases(f"sensitive_{language}") if case.reason == "identity"]

    assert [subject for subject, reasons in missed if not reasons] == []


def _told(case: Case) -> tuple[str, set[str]]:
    return case.thread.subject, {hit.reason for hit in weigh(case.thread).hits}
