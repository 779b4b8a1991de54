from classify.features import view
from domain.mail import Attachment
from tests.classify.threads import thread

PLAN = Attachment(name="plan.pdf", content_type="application/pdf", size=9)
SIGNATURE = Attachment(name="smime.p7s", content_type="application/pkcs7-signature", size=9, inline=True)


def test_files_count_and_signatures_do_not() -> None:
    with_plan = view(thread("Roof", "The plan is here.", attachments=(PLAN, SIGNATURE)))
    signed = view(thread("Roof", "The plan is here.", attachments=(SIGNATURE,)))

    assert "attachments" in with_plan.marks
    assert "attachments" not in signed.marks
