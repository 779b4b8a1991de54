"""The account at the end of a bad day: what was accepted against what the next hop has, mail by mail."""

from collections import Counter
from dataclasses import dataclass
from email import message_from_bytes

from sqlalchemy import select
from sqlmodel import col

from domain.delivery import DeliveryState
from store import mails
from store.tables import DeliveryRow, RawMailRow
from tests.unchain.installation import RealInstallation
from tests.unchain.moody_hop import Taken


@dataclass(frozen=True, kw_only=True)
class Account:
    """Recipients of other people's mails, each as sender, address and digest of the mail."""

    delivered: set[tuple[str, str, str]]
    bounced: set[tuple[str, str, str]]
    returned: set[tuple[str, str]]  # Message-ID and address, as told in notifications to senders
    ids: dict[str, str]  # digest → Message-ID
    copies: Counter[str]  # how many times a mail was accepted, by its digest


def account(installation: RealInstallation) -> Account:
    """What the database says."""
    columns = (RawMailRow.id, RawMailRow.digest, RawMailRow.mail_from, DeliveryRow.address, DeliveryRow.state)
    rows = select(*map(col, columns)).join(DeliveryRow, col(DeliveryRow.raw_id) == col(RawMailRow.id))
    found: dict[str, set[tuple[str, str, str]]] = {state: set() for state in DeliveryState}
    with installation.database().read() as session:
        others = rows.where(col(RawMailRow.source) != mails.OWN)
        for _, digest, sender, address, state in session.execute(others):
            found[state].add((sender, address, digest))
        loaded = [
            raw
            for each in session.execute(select(col(RawMailRow.id))).scalars()
            if (raw := mails.load(session, each)) is not None
        ]
    assert not found[DeliveryState.QUEUED]
    taken = [raw for raw in loaded if raw.source != mails.OWN]
    return Account(
        delivered=found[DeliveryState.DELIVERED],
        bounced=found[DeliveryState.BOUNCED],
        returned={each for raw in loaded if raw.source == mails.OWN for each in _failures(raw.content)},
        ids={mails.digest_of(raw.content): message_from_bytes(raw.content)["Message-ID"] for raw in taken},
        copies=Counter(mails.digest_of(raw.content) for raw in taken),
    )


def _failures(content: bytes) -> list[tuple[str, str]]:
    """Message-ID and address of what a notification (RFC 3464) says has failed; nothing for other mails."""
    mail = message_from_bytes(content)
    if mail.get_content_type() != "multipart/report":
        return []
    _, status, returned = mail.get_payload()[:3]
    original = returned.get_payload()
    headers = message_from_bytes(original.encode()) if isinstance(original, str) else original[0]
    blocks = status.get_payload()
    return [
        (headers["Message-ID"], each["Final-Recipient"].partition(";")[2].strip())
        for each in blocks
        if each["Final-Recipient"]
    ]


def assert_nothing_is_lost(
    installation: RealInstallation, taken: Taken, accepted: dict[str, list[str]]
) -> None:
    """Every recipient of every mail that was answered with 250 has it, or its sender knows why not."""
    balance, books = installation.balance(), account(installation)
    assert balance.holds
    assert balance.queued == 0
    settled = {(address, digest) for _, address, digest in books.delivered | books.bounced}
    missing = {(a, digest) for digest, addresses in accepted.items() for a in addresses} - settled
    assert not missing
    # Digests are of what lies below our trace header: what is told delivered is there, byte for byte.
    assert not books.delivered - set(taken.answered)
    arrived = {key for key in (*taken.answered, *taken.unanswered) if key[0]}
    assert not arrived - books.delivered - books.bounced
    assert books.returned == {(books.ids[digest], address) for _, address, digest in books.bounced}


def repeated(taken: Taken) -> int:
    """How many deliveries the next hop had answered with 250 before and got once more."""
    return sum(times - 1 for times in taken.answered.values())


def unsure(taken: Taken) -> int:
    """How many deliveries came more than once after the next hop had kept its answer to itself."""
    return sum(times - (key not in taken.answered) for key, times in taken.unanswered.items())
