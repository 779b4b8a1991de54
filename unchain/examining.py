"""Finding out about a thread and applying the rules to it; nothing is written here."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.classification import Classification
from domain.decision import Decision
from domain.lesson import Taught
from domain.mail import Thread
from router.addresses import mailbox
from router.audience import admits, gates
from router.engine import decide
from router.facts import Facts, facts_of
from store import lessons, people, threads
from store.database import Database
from unchain.publishing import in_order
from unchain.rulebook import Rulebook
from unchain.taught import classify_taught


class Classifier(Protocol):
    """What is needed of a classifier; it never raises and abstains where it does not know."""

    @property
    def version(self) -> str:
        """Name and version of the trained pipeline."""
        ...

    def classify(self, thread: Thread) -> Classification:
        """The kind of a thread, whether it is sensitive and whether it should move."""
        ...


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """A thread with what was found out about it."""

    thread: Thread  # in the conversation's order
    classification: Classification
    facts: Facts


class Examiner:
    """Classifies threads and tries one version of the rules on them."""

    def __init__(
        self,
        *,
        database: Database,
        rulebook: Rulebook,
        classifier: Classifier,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._rulebook = rulebook
        self._classifier = classifier
        self._clock = clock

    def examine(self, thread_id: str) -> Judgement | None:
        """Classify a stored thread as it stands now; None where there is no such thread."""
        with self._database.read() as session:
            thread = threads.load(session, thread_id)
            if thread is None or not thread.messages:
                return None
            taught = lessons.taught(session, thread.id)
            vetoed = threads.is_vetoed(session, thread.id) or taught.moves is False
            reached = threads.people_of(session, thread.id)
            opted_out = people.opted_out(session, {*reached, *map(mailbox, reached)})
        return self.examine_thread(
            in_order(thread), opted_out=opted_out, vetoed=vetoed, reached=reached, taught=taught
        )

    def examine_thread(
        self,
        thread: Thread,
        *,
        opted_out: frozenset[str] = frozenset(),
        vetoed: bool = False,
        reached: frozenset[str] = frozenset(),
        taught: Taught | None = None,
    ) -> Judgement:
        """Classify a thread that may be in no database; `reached` is who got a mail of it by any envelope."""
        classification = classify_taught(self._classifier.classify, thread, taught or Taught())
        facts = facts_of(
            thread,
            classification,
            organisation=self._rulebook.organisation,
            groups=self._rulebook.groups,
            opted_out=opted_out,
            vetoed=vetoed,
            reached=reached,
            now=self._clock(),
        )
        return Judgement(thread=thread, classification=classification, facts=facts)

    def decide(self, found: Judgement) -> Decision:
        """Apply the gates and the rules."""
        return decide(
            found.facts,
            self._rulebook.rules,
            self._rulebook.spaces,
            config_version=self._rulebook.version,
            now=self._clock(),
        )

    def shut(self, found: Judgement, space: str) -> str | None:
        """Why a thread may not be shown in a space, asked of all gates; None where it may."""
        steps = (*gates(found.facts), admits(self._rulebook.spaces[space], found.facts))
        return next((step.sentence for step in steps if not step.passed), None)
