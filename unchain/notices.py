"""The mails that Unchain writes into chains: claimed in the database first, so that nobody gets one twice.

A notice is one transaction with what it tells of: claim, Message-ID known to the threader, mail queued.
"""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from domain.decision import Decision
from domain.mail import Address, RawMail, Thread
from domain.space import Space
from router.budget import Allowance, Sent, Traffic, allow
from router.etiquette import redirect_recipients
from router.redirect import (
    Home,
    Letter,
    choose_language,
    compose_recall,
    compose_redirect,
    compose_suggestion,
)
from store import mails, notices, people, reachability, threads
from store.publications import Planned
from unchain.rulebook import Rulebook
from web.links import opt_out_url, suggestion_url

logger = logging.getLogger(__name__)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PORTION = 25  # redirect replies in one transaction: accepting mail waits as long as we write
REDIRECT, SUGGESTION, RECALL = "redirect", "suggestion", "recall"


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """When and about what a notice is written, within one transaction."""

    session: Session
    thread: Thread
    language: str  # of the thread, ISO 639-1
    now: datetime


class Notices:
    """Writes notices in the words and within the budget of one rulebook."""

    def __init__(self, rulebook: Rulebook) -> None:
        self._rulebook = rulebook

    def recipients(self, thread: Thread, left_out: frozenset[str] = frozenset()) -> tuple[Address, ...]:
        """Who would get a redirect reply."""
        return redirect_recipients(thread, self._rulebook.organisation, self._rulebook.groups, left_out)

    def redirect(self, occasion: Occasion, planned: Planned) -> datetime | None:
        """One redirect reply to each who has had none; answers when to come again for those held back."""
        assert planned.receipt is not None
        home = Home(space=self._rulebook.spaces[planned.space], url=planned.receipt.url)
        told = notices.notified(occasion.session, occasion.thread.id, REDIRECT)
        untold = [person for person in self._willing(occasion) if person.email not in told]
        again_at, sent = None, 0
        for person in untold:
            if sent == PORTION:
                return occasion.now
            allowance = self._allowance(occasion, person)
            if allowance.allowed:
                letter = self._letter(occasion, person, REDIRECT)
                self._send(occasion, letter, REDIRECT, compose_redirect(letter, [home]))
                sent += 1
                continue
            until = allowance.silent_until or occasion.now + HOUR
            again_at = max(again_at or until, until)
            if not allowance.only_person:
                break
        return again_at

    def suggest(self, occasion: Occasion, decision: Decision) -> datetime | None:
        """Ask the thread's starter, once, whether it may move; answers when to come again if held back."""
        starter = occasion.thread.messages[0].message.sender.email
        person = next((each for each in self._willing(occasion) if each.email == starter), None)
        asked = notices.notified(occasion.session, occasion.thread.id, SUGGESTION)
        if person is None or decision.space is None or starter in asked:
            return None
        allowance = self._allowance(occasion, person)
        if not allowance.allowed:
            return allowance.silent_until or occasion.now + HOUR
        letter = self._letter(occasion, person, SUGGESTION)
        url = suggestion_url(self._rulebook.organisation.url, occasion.thread.id)
        content = compose_suggestion(letter, self._rulebook.spaces[decision.space], decide_url=url)
        self._send(occasion, letter, SUGGESTION, content)
        return None

    def recalled(self, occasion: Occasion, planned: Planned) -> None:
        """Tell those who had a redirect reply that the page is gone."""
        told = notices.notified(occasion.session, occasion.thread.id, REDIRECT)
        space = self._rulebook.spaces.get(planned.space, Space(name=planned.space))
        for person in self._willing(occasion):
            if person.email in told:
                letter = self._letter(occasion, person, RECALL)
                self._send(occasion, letter, RECALL, compose_recall(letter, space))

    def _willing(self, occasion: Occasion) -> tuple[Address, ...]:
        opted_out = people.opted_out(occasion.session, occasion.thread.addresses)
        lost = reachability.among(occasion.session, occasion.thread.addresses)
        return self.recipients(occasion.thread, opted_out | lost)

    def _letter(self, occasion: Occasion, person: Address, sort: str) -> Letter:
        organisation, session, now = self._rulebook.organisation, occasion.session, occasion.now
        people.meet(session, person.email, at=now, name=person.name)
        chosen = people.person(session, person.email).language
        mark = hashlib.sha256(person.email.encode()).hexdigest()[:12]
        return Letter(
            organisation=organisation,
            to=person,
            thread=occasion.thread,
            message_id=f"{sort}.{occasion.thread.id}.{mark}@{organisation.domains[0]}",
            sent_at=now,
            language=choose_language(chosen or None, occasion.language, organisation),
            unsubscribe_url=opt_out_url(session, organisation.url, person.email, at=now),
        )

    def _send(self, occasion: Occasion, letter: Letter, sort: str, content: bytes) -> None:
        claimed = notices.claim(
            occasion.session,
            thread_id=occasion.thread.id,
            email=letter.to.email,
            sort=sort,
            message_id=letter.message_id,
            now=occasion.now,
        )
        if not claimed:
            return
        threads.mention(occasion.session, occasion.thread.id, [letter.message_id])
        raw = RawMail(
            content=content,
            mail_from="",  # RFC 3834 section 3.3: no machine may answer a machine's answer
            rcpt_to=(letter.to.email,),
            source=mails.OWN,
            received_at=occasion.now,
        )
        mails.accept(occasion.session, [raw])

    def _allowance(self, occasion: Occasion, person: Address) -> Allowance:
        """Whether the budget allows one more mail now."""
        allowance = allow(
            self._traffic(occasion, person),
            self._rulebook.budget,
            silent_until=notices.silent_until(occasion.session),
            now=occasion.now,
        )
        if allowance.tripped and allowance.silent_until is not None:
            notices.fall_silent(occasion.session, allowance.silent_until, allowance.reason)
            logger.error("ALARM: %s No notice goes out until %s.", allowance.reason, allowance.silent_until)
        return allowance

    def _traffic(self, occasion: Occasion, person: Address) -> Traffic:
        session, thread_id = occasion.session, occasion.thread.id

        def sent(count: Callable[[datetime], int]) -> Sent:
            return Sent(hour=count(occasion.now - HOUR), day=count(occasion.now - DAY))

        return Traffic(
            thread=sent(lambda since: notices.sent_to_thread(session, thread_id, since)),
            recipient=sent(lambda since: notices.sent_to_person(session, person.email, since)),
            domain=sent(lambda since: notices.sent_to_domain(session, person.domain, since)),
            system=sent(lambda since: notices.sent(session, since)),
        )
