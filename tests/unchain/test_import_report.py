"""The rows of an import's last table."""

from datetime import UTC, datetime

from domain.decision import Decision, Outcome, TrailStep
from unchain.cli.archives import fate_of


def decision(
    outcome: Outcome, *, rule: str | None = None, shut: tuple[str, ...] = (), reason: str
) -> Decision:
    gates = ("content", "sensitive", "outsiders", "two people")
    return Decision(
        thread_id="t",
        outcome=outcome,
        rule=rule,
        space="wiki" if rule else None,
        reason=reason,
        trail=tuple(
            TrailStep(name=f"gate: {gate}", passed=gate not in shut, sentence=reason) for gate in gates
        ),
        config_version="1",
        decided_at=datetime(2026, 3, 2, tzinfo=UTC),
    )


def test_threads_kept_by_one_gate_share_a_row_whatever_its_sentence_says() -> None:
    kept = [
        decision(Outcome.STAY, shut=("sensitive", "outsiders"), reason=f"It is sensitive ({why}).")
        for why in ("salary", "health, salary")
    ]
    assert {fate_of(one) for one in kept} == {"stays in the mail: sensitive"}


def test_a_thread_that_no_rule_wants_has_a_row_of_its_own() -> None:
    assert fate_of(decision(Outcome.STAY, reason="Nothing fits.")) == "stays in the mail: no rule applies"


def test_a_thread_that_goes_somewhere_is_told_by_space_and_rule() -> None:
    moved = decision(Outcome.MOVE, rule="Questions", reason="It moves.")
    assert fate_of(moved) == "move: wiki by “Questions”"
