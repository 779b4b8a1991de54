"""Decisions told in French: no sentence that the code writes is missing from the catalogue."""

from collections.abc import Iterator

import pytest

from domain.decision import Decision, TrailStep
from router.audience import admits, gates
from router.combine import evaluate
from router.conditions.registry import ConditionTable
from router.engine import decide
from router.french import SENTENCES
from router.options import RuleOptions
from router.telling import decision_in, sentence_in
from tests.router.conditions.test_conditions import CASES
from tests.router.samples import NOW, SPACES, facts, message, rule
from tests.router.test_audience import ADMISSIONS
from tests.router.test_audience import CASES as GATE_CASES

NEVER = [{"messages": {"min": 99}}]
RULES = [
    rule("jamais", when=NEVER),
    rule("pilote", groups=["it", "sales"]),
    rule("autre pilote", groups=["sales"]),
    rule("sauf", unless=[{"kind": "question"}, {"kind": "update"}]),
    rule("sauf rien", unless=[{"kind": "update"}]),
    rule("étroite", to="room"),
    rule("nulle part", to="nowhere"),
    rule("courriel", to="mail"),
    rule("aussi", to="blog", also=True),
    rule("observe", stage="observe"),
    rule("propose", stage="suggest"),
]


def decided(*rules: RuleOptions, **seen: bool) -> Decision:
    return decide(facts(**seen), rules, SPACES, config_version="x", now=NOW)  # type: ignore[arg-type]


def written() -> Iterator[str]:
    """Every sentence that the cases of all the router's tests bring about."""
    for _, table, seen, _ in CASES:
        yield from sentences(evaluate(ConditionTable.model_validate(table), seen))
    for _, seen, _ in GATE_CASES:
        for step in gates(seen):
            yield step.sentence
    for _, space, seen, _ in ADMISSIONS:
        yield admits(space, seen).sentence
    for decision in (
        decided(),
        *(decided(one) for one in RULES),
        decided(*RULES),
        decided(*RULES, vetoed=True),
        decided(RULES[-3], rule()),
    ):
        yield decision.reason
        for step in decision.trail:
            yield from sentences(step)
    yield from sentences(
        evaluate(ConditionTable.model_validate({"participants": {"min": 2}}), facts(message(to=())))
    )


def sentences(step: TrailStep) -> Iterator[str]:
    yield step.sentence
    for below in step.steps:
        yield from sentences(below)


@pytest.mark.parametrize("sentence", sorted(set(written())))
def test_every_sentence_has_its_french(sentence: str) -> None:
    french = sentence_in("fr", sentence)

    assert french != sentence
    assert french.endswith(".")
    assert not {"wanted", "takes", "rule", "least", "ago"} & set(french.replace(",", " ").split())


def test_the_catalogue_holds_nothing_that_is_never_said() -> None:
    said = {sentence_in("fr", sentence) for sentence in written()}
    plain = {english for english in SENTENCES if "{" not in english}

    assert {english for english in plain if sentence_in("fr", english) not in said} == set()


@pytest.mark.parametrize(
    ("english", "french"),
    [
        (
            "The kind is question, not knowledge or update.",
            "C’est une question, et non du savoir-faire ou un point de situation.",
        ),
        ("It has 3 messages; wanted from 2 to 5.", "Il compte 3 messages\u00a0; voulu\u00a0: de 2 à 5."),
        (
            "It began 1 day ago; wanted at least 2d.",
            "Il a commencé il y a 1 jour\u00a0; voulu\u00a0: au moins 2d.",
        ),
        ("It is sensitive (health, money).", "Le contenu est sensible (santé, finances)."),
        (
            "The rule “A or B” applies, but: It has no messages.",
            "La règle «\u00a0A or B\u00a0» s’applique, mais\u00a0: Il n’a aucun message.",
        ),
        (
            "Nobody of the group “it” or “hr” takes part.",
            "Personne du groupe «\u00a0it\u00a0» ou «\u00a0hr\u00a0» n’y participe.",
        ),
        (
            "The rule “R” moves it to Wiki and Journal.",
            "La règle «\u00a0R\u00a0» le déplace vers Wiki et Journal.",
        ),
    ],
)
def test_what_stands_in_a_sentence_is_kept_or_translated(english: str, french: str) -> None:
    assert sentence_in("fr", english) == french


def test_other_languages_and_unknown_sentences_stay_as_they_are() -> None:
    assert sentence_in("en", "All hold.") == "All hold."
    assert sentence_in("fr", "Something new.") == "Something new."
    assert sentence_in("fr", "x" * 5000) == "x" * 5000


def test_a_whole_decision_is_told_with_the_names_of_its_steps() -> None:
    decision = decided(rule())

    told = decision_in("fr", decision)

    assert told.reason == "La règle «\u00a0Questions\u00a0» le déplace vers Wiki."
    assert told.trail[0].name == "filtre\u00a0: contenu"
    assert told.trail[-1].name == "règle\u00a0: Questions"
    assert [step.passed for step in told.trail] == [step.passed for step in decision.trail]
    assert not [step.name for step in told.trail if step.name.startswith(("gate", "rule"))]


def test_in_english_a_decision_is_unchanged() -> None:
    decision = decided(rule())

    assert decision_in("en", decision) is decision
