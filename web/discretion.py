"""What a decision tells its readers: no blind copy, no aside, no opt-out; those are for others to tell."""

from dataclasses import replace

from domain.decision import Decision

# Steps of the trail that tell something of some people which the other participants do not know.
PERSONAL = frozenset({"gate: asides", "gate: blind copy", "gate: opted out"})


def discreet(decision: Decision) -> Decision:
    """A decision without its personal steps; its reason is "" where one of them was the reason."""
    hidden = {step.sentence for step in decision.trail if step.name in PERSONAL}
    return replace(
        decision,
        reason="" if decision.reason in hidden else decision.reason,
        trail=tuple(step for step in decision.trail if step.name not in PERSONAL),
    )
