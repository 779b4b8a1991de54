"""docs/mail.md tells each option and each reply."""

import re
from pathlib import Path

import pytest

from ingest.sources.imap import ImapOptions
from ingest.sources.maildir_options import MaildirOptions
from ingest.sources.oauth2 import Oauth2Options
from ingest.sources.smtp import SmtpOptions
from ingest.sources.smtp_limits import RateLimitOptions
from ingest.sources.smtp_security import SmtpUser, TlsOptions

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "mail.md").read_text(encoding="utf-8")
SECTIONS = (SmtpOptions, TlsOptions, SmtpUser, RateLimitOptions, ImapOptions, Oauth2Options, MaildirOptions)
OPTIONS = {option for section in SECTIONS for option in section.model_fields}
REPLIES = {
    reply
    for file in (ROOT / "ingest" / "sources").glob("smtp*.py")
    for reply in re.findall(r'"([245]\d\d [245]\.\d+\.\d+) ', file.read_text(encoding="utf-8"))
}


@pytest.mark.parametrize("option", sorted(OPTIONS))
def test_every_option_is_on_the_page(option: str) -> None:
    assert f"`{option}`" in PAGE


@pytest.mark.parametrize("reply", sorted(REPLIES - {"501 5.5.4", "502 5.5.1", "503 5.5.1"}))
def test_every_reply_but_those_to_broken_clients_is_on_the_page(reply: str) -> None:
    assert f"`{reply}`" in PAGE


def test_the_page_names_no_option_that_does_not_exist() -> None:
    table = PAGE.partition("## Options")[2].partition("## LMTP")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == set(SmtpOptions.model_fields)
