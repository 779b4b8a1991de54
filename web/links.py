"""Absolute addresses of pages, for mails. No mail address ever stands in one."""

from datetime import datetime

from sqlmodel import Session

from store import people


def suggestion_url(base: str, thread_id: str) -> str:
    """Where the person who began a conversation says yes to a suggested move."""
    return f"{base.rstrip('/')}/suggestion/{thread_id}"


def sign_in_url(base: str, token: str) -> str:
    """The single-use link of a sign-in mail."""
    return f"{base.rstrip('/')}/sign-in/{token}"


def opt_out_url(session: Session, base: str, email: str, *, at: datetime) -> str:
    """The link for List-Unsubscribe with one click (RFC 8058); may write the person's row."""
    return f"{base.rstrip('/')}/opt-out/{people.opt_out_token(session, email, at=at)}"
