"""Evaluating condition tables: each becomes a step of the trail with the steps below it.

Nothing is cut short: what did not decide is shown as well.
"""

from collections.abc import Sequence

from domain.decision import TrailStep
from router.conditions.base import Condition
from router.conditions.registry import ConditionTable
from router.facts import Facts


def evaluate(table: ConditionTable, facts: Facts) -> TrailStep:
    """One table as a step: it holds where every condition and nested list in it holds."""
    steps = [_step(condition, facts) for condition in table.conditions()]
    if table.all:
        steps.append(every("all", table.all, facts))
    if table.any:
        steps.append(_some("any", table.any, facts))
    if table.none:
        steps.append(not_one("none", table.none, facts))
    return steps[0] if len(steps) == 1 else _all_of("all of", tuple(steps))


def every(name: str, tables: Sequence[ConditionTable], facts: Facts) -> TrailStep:
    """A step that holds where every table holds."""
    return _all_of(name, tuple(evaluate(table, facts) for table in tables))


def not_one(name: str, tables: Sequence[ConditionTable], facts: Facts) -> TrailStep:
    """A step that holds where no table holds."""
    steps = tuple(evaluate(table, facts) for table in tables)
    hits = sum(step.passed for step in steps)
    sentence = f"{hits} of {len(steps)} exceptions apply." if hits else "No exception applies."
    return TrailStep(name=name, passed=not hits, sentence=sentence, steps=steps)


def _step(condition: Condition, facts: Facts) -> TrailStep:
    match = condition.matches(facts)
    return TrailStep(name=condition.name, passed=match.passed, sentence=match.sentence)


def _some(name: str, tables: Sequence[ConditionTable], facts: Facts) -> TrailStep:
    steps = tuple(evaluate(table, facts) for table in tables)
    hits = sum(step.passed for step in steps)
    return TrailStep(
        name=name, passed=hits > 0, sentence=f"{hits} of {len(steps)} hold; one is enough.", steps=steps
    )


def _all_of(name: str, steps: tuple[TrailStep, ...]) -> TrailStep:
    hits = sum(step.passed for step in steps)
    passed = hits == len(steps)
    sentence = "All hold." if passed else f"{hits} of {len(steps)} hold; all must."
    return TrailStep(name=name, passed=passed, sentence=sentence, steps=steps)
