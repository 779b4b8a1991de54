"""Trying the rules on a thread's facts: gates, then every rule in order, then one Decision with its trail.

Pure: the same facts, rules and spaces always give the same Decision. Publishes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.decision import Decision, Outcome, Stage, TrailStep
from domain.space import Space
from router.audience import admits, gates
from router.combine import every, not_one
from router.facts import Facts
from router.options import MAIL, RuleOptions
from router.wording import one_of, quoted

_REACH = {Stage.OBSERVE: 0, Stage.SUGGEST: 1, Stage.MOVE: 2}


@dataclass(frozen=True, kw_only=True)
class _Tried:
    """A rule that was tried: whether it fits the thread, and whether its space may take it."""

    rule: RuleOptions
    fits: bool
    admission: TrailStep
    steps: tuple[TrailStep, ...]


def decide(
    facts: Facts,
    rules: Sequence[RuleOptions],
    spaces: Mapping[str, Space],
    *,
    config_version: str,
    now: datetime,
) -> Decision:
    """Where the thread goes, and why: all gates and all rules are in the trail, whichever decided.

    The first fitting rule without `also` wins. Where its space may not show the thread, the thread stays
    in the mail: no later rule is asked, lest it be shown to more people than the first would have.
    """
    gate_steps = gates(facts)
    shut = [gate for gate in gate_steps if not gate.passed]
    tried = [_try(rule, facts, spaces) for rule in rules]
    chosen = _chosen(tried)
    steps = (*gate_steps, *(_rule_step(one, chosen, gated=bool(shut)) for one in tried))
    outcome, also = (Outcome.STAY, ()) if shut or chosen is None else _outcome(chosen, tried)
    deciding = chosen if chosen is not None and not shut else None
    return Decision(
        thread_id=facts.thread_id,
        outcome=outcome,
        rule=deciding.rule.name if deciding else None,
        space=deciding.rule.to if deciding and outcome is not Outcome.STAY else None,
        also=also,
        reason=shut[0].sentence if shut else _reason(deciding, outcome, also, spaces),
        trail=steps,
        config_version=config_version,
        decided_at=now,
    )


def _try(rule: RuleOptions, facts: Facts, spaces: Mapping[str, Space]) -> _Tried:
    steps = [every("when", rule.when, facts)]
    if rule.unless:
        steps.append(not_one("unless", rule.unless, facts))
    if rule.groups:
        steps.append(_pilot(rule, facts))
    admission = _admission(rule, facts, spaces)
    return _Tried(
        rule=rule,
        fits=all(step.passed for step in steps),
        admission=admission,
        steps=(*steps, admission),
    )


def _pilot(rule: RuleOptions, facts: Facts) -> TrailStep:
    """The rule's `groups`: a thread belongs to the pilot where its starter is a member."""
    groups = [group for name in rule.groups if (group := facts.group(name)) is not None]
    passed = any(facts.is_member(facts.starter, group) for group in groups)
    belongs = "belongs" if passed else "does not belong"
    return TrailStep(
        name="groups",
        passed=passed,
        sentence=f"The person who started it {belongs} to the group {one_of(quoted(rule.groups))}.",
    )


def _admission(rule: RuleOptions, facts: Facts, spaces: Mapping[str, Space]) -> TrailStep:
    if rule.to == MAIL:
        return TrailStep(name="audience: mail", passed=True, sentence="In the mail nobody else reads it.")
    if rule.to not in spaces:
        sentence = f"There is no space named “{rule.to}”."
        return TrailStep(name=f"audience: {rule.to}", passed=False, sentence=sentence)
    return admits(spaces[rule.to], facts)


def _chosen(tried: Sequence[_Tried]) -> _Tried | None:
    """The rule that decides: the first without `also` that fits, else the first `also` that may be used."""
    for one in tried:
        if one.fits and not one.rule.also:
            return one
    return next((one for one in tried if one.fits and one.admission.passed), None)


def _outcome(chosen: _Tried, tried: Sequence[_Tried]) -> tuple[Outcome, tuple[str, ...]]:
    if chosen.rule.to == MAIL or not chosen.admission.passed:
        return Outcome.STAY, ()
    also = dict.fromkeys(
        one.rule.to
        for one in _before(chosen, tried)
        if one.admission.passed and _REACH[one.rule.stage] >= _REACH[chosen.rule.stage]
    )
    also.pop(chosen.rule.to, None)
    return Outcome(chosen.rule.stage), tuple(also)


def _before(chosen: _Tried, tried: Sequence[_Tried]) -> list[_Tried]:
    """The fitting `also` rules that count: those before the deciding rule, or all where it is one of them."""
    end = len(tried) if chosen.rule.also else tried.index(chosen)
    return [one for one in tried[:end] if one.fits and one.rule.also and one is not chosen]


def _rule_step(one: _Tried, chosen: _Tried | None, *, gated: bool) -> TrailStep:
    return TrailStep(
        name=f"rule: {one.rule.name}", passed=one.fits, sentence=_fate(one, chosen, gated), steps=one.steps
    )


def _fate(one: _Tried, chosen: _Tried | None, gated: bool) -> str:
    if not one.fits:
        return "It does not apply."
    if gated:
        return "It applies, but a gate keeps the thread in the mail."
    if not one.admission.passed:
        return f"It applies, but the space “{one.rule.to}” may not show the thread."
    if one is chosen or one.rule.also:
        return f"It applies: {one.rule.to} ({one.rule.stage})."
    return "It applies, but an earlier rule has decided."


def _reason(
    deciding: _Tried | None, outcome: Outcome, also: tuple[str, ...], spaces: Mapping[str, Space]
) -> str:
    if deciding is None:
        return "No rule applies, so it stays in the mail."
    rule = deciding.rule
    if outcome is Outcome.STAY and rule.to == MAIL:
        return f"The rule “{rule.name}” keeps it in the mail."
    if outcome is Outcome.STAY:
        return f"The rule “{rule.name}” applies, but: {deciding.admission.sentence}"
    titles = " and ".join(spaces[name].title or name for name in (rule.to, *also))
    verb = {
        Outcome.MOVE: f"moves it to {titles}",
        Outcome.SUGGEST: f"suggests to move it to {titles}",
        Outcome.OBSERVE: f"would move it to {titles} (observing only)",
    }[outcome]
    return f"The rule “{rule.name}” {verb}."
