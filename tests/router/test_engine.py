"""Deciding: the first fitting rule wins, gates stand above all, everything is in the trail."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.classification import Kind
from domain.decision import Decision, Outcome, TrailStep
from domain.mail import Address, Automatic
from router.audience import GATES
from router.engine import decide
from router.facts import Facts
from router.options import RuleOptions
from tests.router.samples import INES, MAYA, NOW, OTTO, OUTSIDER, SPACES, classification, facts, message, rule

NEVER = [{"messages": {"min": 99}}]
ALWAYS = [{"messages": {"min": 1}}]


def decided(*rules: RuleOptions, seen: Facts | None = None) -> Decision:
    return decide(seen or facts(), rules, SPACES, config_version="abc123", now=NOW)


def step(decision: Decision, name: str) -> TrailStep:
    return next(found for found in decision.trail if found.name == name)


def test_a_fitting_rule_moves_the_thread() -> None:
    decision = decided(rule())

    assert (decision.outcome, decision.rule, decision.space) == (Outcome.MOVE, "Questions", "wiki")
    assert decision.reason == "The rule “Questions” moves it to Wiki."
    assert (decision.thread_id, decision.config_version, decision.decided_at) == ("thread-1", "abc123", NOW)


@pytest.mark.parametrize(
    ("stage", "outcome", "words"),
    [
        ("observe", Outcome.OBSERVE, "would move it"),
        ("suggest", Outcome.SUGGEST, "suggests to move it"),
        ("move", Outcome.MOVE, "moves it"),
    ],
)
def test_the_stage_says_how_far_a_rule_goes(stage: str, outcome: Outcome, words: str) -> None:
    decision = decided(rule(stage=stage))

    assert decision.outcome is outcome
    assert words in decision.reason


def test_a_rule_without_a_stage_only_observes() -> None:
    assert RuleOptions.model_validate({"name": "r", "when": ALWAYS, "to": "wiki"}).stage == "observe"


def test_without_a_fitting_rule_it_stays() -> None:
    decision = decided(rule(when=NEVER))

    assert (decision.outcome, decision.rule, decision.space) == (Outcome.STAY, None, None)
    assert decision.reason == "No rule applies, so it stays in the mail."


def test_without_rules_it_stays() -> None:
    assert decided().outcome is Outcome.STAY


def test_the_first_fitting_rule_wins_and_later_ones_are_shown() -> None:
    decision = decided(rule("miss", when=NEVER), rule("first"), rule("second", to="blog"))

    assert (decision.rule, decision.space) == ("first", "wiki")
    assert step(decision, "rule: second").passed
    assert step(decision, "rule: second").sentence == "It applies, but an earlier rule has decided."


def test_unless_excludes_on_any_hit() -> None:
    excepted = rule(unless=[{"group": "sales"}, {"sender": "ines@boreal.example"}])

    decision = decided(excepted)

    assert decision.outcome is Outcome.STAY
    unless = step(decision, "rule: Questions").steps[1]
    assert (unless.name, [found.passed for found in unless.steps]) == ("unless", [False, True])


def test_every_table_of_when_must_hold() -> None:
    assert decided(rule(when=[{"kind": "question"}, {"messages": {"min": 3}}])).outcome is Outcome.STAY


def test_to_mail_leaves_the_thread_where_it_is_and_ends_the_search() -> None:
    decision = decided(rule("stay", to="mail"), rule("later"))

    assert (decision.outcome, decision.rule, decision.space) == (Outcome.STAY, "stay", None)
    assert decision.reason == "The rule “stay” keeps it in the mail."


def test_a_rule_with_also_adds_its_space_to_that_of_the_deciding_rule() -> None:
    decision = decided(rule("extra", to="blog", also=True), rule("main"))

    assert (decision.rule, decision.space, decision.also) == ("main", "wiki", ("blog",))
    assert decision.reason == "The rule “main” moves it to Wiki and Journal."


def test_a_rule_with_also_alone_decides() -> None:
    decision = decided(rule("extra", to="blog", also=True), rule("more", to="circle", also=True))

    assert (decision.rule, decision.space, decision.also) == ("extra", "blog", ("circle",))


def test_a_rule_with_also_after_the_deciding_one_adds_nothing() -> None:
    assert decided(rule("main"), rule("extra", to="blog", also=True)).also == ()


def test_a_rule_with_also_that_only_observes_publishes_nothing() -> None:
    assert decided(rule("extra", to="blog", also=True, stage="observe"), rule("main")).also == ()


def test_the_same_space_is_named_once() -> None:
    assert decided(rule("extra", also=True), rule("main")).also == ()


def test_a_rule_whose_space_may_not_show_it_ends_in_the_mail_without_asking_later_rules() -> None:
    decision = decided(rule("narrow", to="room"), rule("wide", to="wiki"))

    assert (decision.outcome, decision.rule, decision.space) == (Outcome.STAY, "narrow", None)
    assert "Not all participants" in decision.reason
    assert step(decision, "rule: narrow").passed


def test_a_rule_with_also_whose_space_may_not_show_it_is_left_out() -> None:
    decision = decided(rule("narrow", to="room", also=True), rule("wide", to="wiki"))

    assert (decision.space, decision.also) == ("wiki", ())
    assert "may not show" in step(decision, "rule: narrow").sentence


def test_an_unknown_space_takes_nothing() -> None:
    assert decided(rule(to="nowhere")).outcome is Outcome.STAY


def test_a_pilot_applies_to_threads_started_by_a_member() -> None:
    by_ines = decided(rule(groups=["it"]))
    by_maya = decided(rule(groups=["it"]), seen=facts(message(sender=MAYA, to=(INES, OTTO)), message(2)))

    assert (by_ines.outcome, by_maya.outcome) == (Outcome.MOVE, Outcome.STAY)


def test_a_pilot_of_a_group_that_is_not_configured_applies_to_nobody() -> None:
    assert decided(rule(groups=["sales"])).outcome is Outcome.STAY


def test_a_shut_gate_keeps_it_but_the_rules_are_shown() -> None:
    decision = decided(rule(), seen=facts(vetoed=True))

    assert (decision.outcome, decision.rule, decision.space) == (Outcome.STAY, None, None)
    assert decision.reason == "A participant wants it kept in the mail."
    assert step(decision, "rule: Questions").passed
    assert (
        step(decision, "rule: Questions").sentence == "It applies, but a gate keeps the thread in the mail."
    )


def test_the_trail_holds_every_gate_and_every_rule_in_order() -> None:
    decision = decided(rule("a"), rule("b", when=NEVER))

    assert [found.name for found in decision.trail] == [
        *(f"gate: {name}" for name in GATES),
        "rule: a",
        "rule: b",
    ]


def test_the_trail_goes_down_to_the_sub_conditions() -> None:
    nested = rule(when=[{"any": [{"kind": "update"}, {"kind": "question", "confidence": 0.99}]}])

    (when, audience) = step(decided(nested), "rule: Questions").steps

    (any_of,) = when.steps
    assert [found.name for found in any_of.steps] == ["kind", "all of"]
    assert [found.passed for found in any_of.steps[1].steps] == [True, False]
    assert audience.name == "audience: wiki"


def test_the_same_facts_give_the_same_decision() -> None:
    assert decided(rule()) == decided(rule())


def test_also_cannot_point_to_the_mail() -> None:
    with pytest.raises(ValueError, match="also = true needs a space"):
        rule(to="mail", also=True)


addresses = st.sampled_from(
    [
        INES,
        OTTO,
        MAYA,
        OUTSIDER,
        Address(email=""),
        Address(email="it@boreal.example"),
        Address(email="no-reply@boreal.example"),
        Address(email="é@ü.example"),
    ]
)
texts = st.text(max_size=40)
messages = st.builds(
    message,
    st.integers(1, 5),
    message_id=st.none() | texts,
    subject=texts,
    sender=addresses,
    to=st.lists(addresses, max_size=3).map(tuple),
    cc=st.lists(addresses, max_size=2).map(tuple),
    bcc=st.lists(addresses, max_size=1).map(tuple),
    own_words=texts,
    list_id=st.none() | texts,
    headers=st.lists(st.tuples(st.sampled_from(["list-post", "x-a"]), texts), max_size=2).map(tuple),
    in_reply_to=st.lists(st.sampled_from(["m1@boreal.example", ""]), max_size=2).map(tuple),
    automatic=st.sampled_from(list(Automatic)),
    sensitivity=st.lists(texts, max_size=1).map(tuple),
    encrypted=st.booleans(),
    signed=st.booleans(),
    date=st.sampled_from([NOW, NOW + timedelta(days=3), NOW - timedelta(days=9000)]),
)
sayings = st.builds(
    classification,
    kind=st.sampled_from(list(Kind)),
    scores=st.just({}),
    sensitive=st.booleans(),
    moves=st.booleans(),
    abstained=st.booleans(),
)
tables = st.recursive(
    st.sampled_from(
        [
            {"kind": "question"},
            {"confidence": 0.5},
            {"moves": True},
            {"messages": {"min": 1}},
            {"participants": {"min": 2}},
            {"list": "it@boreal.example"},
            {"subject": {"regex": "a.*b"}},
            {"subject": "vpn"},
            {"group": "it"},
            {"domain": "example"},
            {"depth": {"min": 1}},
            {"age": {"min": "1d"}},
            {"quiet": {"max": "4w"}},
            {"header": {"field": "X-A", "words": "b"}},
            {"time": {"days": ["mon", "thu"]}},
        ]
    ),
    lambda inner: st.builds(
        lambda key, value: {key: value},
        st.sampled_from(["all", "any", "none"]),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=5,
)
rules = st.lists(
    st.builds(
        rule,
        when=st.lists(tables, min_size=1, max_size=2),
        unless=st.lists(tables, max_size=1),
        to=st.sampled_from(["wiki", "blog", "room", "circle", "nowhere"]),
        stage=st.sampled_from(["observe", "suggest", "move"]),
        also=st.booleans(),
        groups=st.sampled_from([[], ["it"], ["sales"]]),
    ),
    max_size=4,
)
whatever = st.builds(
    lambda mails, said, vetoed: facts(*mails, said=said, vetoed=vetoed),
    st.lists(messages, min_size=1, max_size=4),
    sayings,
    st.booleans(),
)


@settings(deadline=None)
@given(seen=whatever, tried=rules)
def test_deciding_never_raises_gives_a_reason_and_moves_nothing_while_a_gate_is_shut(
    seen: Facts, tried: list[RuleOptions]
) -> None:
    decision = decided(*tried, seen=seen)

    assert decision.reason.endswith(".")
    assert len(decision.trail) == len(GATES) + len(tried)
    assert (decision.outcome is Outcome.STAY) == (decision.space is None)
    shut = [found for found in decision.trail if found.name.startswith("gate: ") and not found.passed]
    assert not (shut and (decision.outcome is not Outcome.STAY or decision.also))


@settings(deadline=None, max_examples=60)
@given(seen=whatever, tried=rules, change=st.sampled_from(["vetoed", "hidden", "opted_out", "outsiders"]))
def test_one_more_reason_to_stay_never_moves_a_thread(
    seen: Facts, tried: list[RuleOptions], change: str
) -> None:
    stricter = {
        "vetoed": replace(seen, vetoed=True),
        "hidden": replace(seen, hidden=True),
        "opted_out": replace(seen, opted_out=frozenset({"ines@boreal.example"})),
        "outsiders": replace(seen, outsiders=frozenset({"kim@partner.example"})),
    }[change]

    assert decided(*tried, seen=stricter).outcome is Outcome.STAY


@settings(deadline=None, max_examples=60)
@given(seen=whatever, tried=rules)
def test_rules_that_come_later_change_nothing(seen: Facts, tried: list[RuleOptions]) -> None:
    first = rule("first", when=ALWAYS)

    assert decided(first, *tried, seen=seen).outcome is decided(first, seen=seen).outcome
    assert decided(first, *tried, seen=seen).also == ()
