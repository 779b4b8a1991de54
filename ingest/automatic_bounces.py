"""Whether a mail is a delivery report in plain words, by its sender, subject, beginning and what it returns.

No sign alone is enough: people ask about mail that came back, and pass reports on. Not for reports after
RFC 3464, which say themselves what they are.
"""

from ingest import automatic_fields as fields
from ingest import automatic_senders as senders
from ingest import automatic_subjects as subjects
from ingest import automatic_texts as texts
from ingest.automatic_signs import RETURNED, Signs
from ingest.fields import Header


def is_bounce(header: Header, signs: Signs) -> bool:
    """Whether the signs together say that a mail system wrote of a mail that has not arrived."""
    system = senders.is_mail_system(signs.sender)
    failed = subjects.tells_of_failure(signs.subject)
    returns = bool(signs.part_types & RETURNED)
    if not (system or failed or returns or signs.null_sender):
        return _is_few_words(header, signs)
    if subjects.is_answer(signs.subject) and not (failed or signs.null_sender or system):
        return False  # a person who passes it on
    told = texts.says_undelivered(signs.opening)
    if system:
        daemon = senders.is_daemon(signs.sender) and (returns or signs.null_sender)
        by_address = failed and senders.is_postmaster(signs.sender)
        return daemon or by_address or (told and not _is_postmasters_answer(signs))
    begins = texts.begins_undelivered(signs.opening)
    returns = returns or texts.returns_mail(signs.opening)
    return (
        (signs.null_sender and (failed or begins))
        or (senders.is_robot(signs.sender) and told and (failed or returns))
        or (failed and begins)
        or (failed and told and returns and not fields.is_typed(header))
        or (begins and returns and not fields.is_written(header))
    )


def tells_of_failure(signs: Signs) -> bool:
    """Whether the subject or the beginning says that a mail has not arrived."""
    return subjects.tells_of_failure(signs.subject) or texts.says_undelivered(signs.opening)


def begins_with_failure(signs: Signs) -> bool:
    """Whether both the subject and the first words say that a mail has not arrived."""
    return subjects.tells_of_failure(signs.subject) and texts.begins_undelivered(signs.opening)


def _is_postmasters_answer(signs: Signs) -> bool:
    return subjects.is_answer(signs.subject) and not signs.null_sender and not senders.is_daemon(signs.sender)


def _is_few_words(header: Header, signs: Signs) -> bool:
    """A gateway's few words under a name of its own, with the lost mail's subject."""
    if fields.is_written(header) or subjects.is_answer(signs.subject):
        return False
    return texts.begins_undelivered(signs.opening) and texts.returns_mail(signs.opening)
