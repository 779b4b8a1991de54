"""Tables of people: what they chose, how they signed in, and the key that signs links and forms."""

from datetime import datetime
from typing import ClassVar

from sqlmodel import Field, SQLModel

from store.types import Instant


class PersonRow(SQLModel, table=True):
    """An internal person whom Unchain has met."""

    __tablename__: ClassVar[str] = "person"

    email: str = Field(primary_key=True)  # lower case
    handle: str = Field(unique=True)  # random, stands for the address in links
    name: str = ""
    language: str = ""  # "" = the organisation's default
    opted_out_at: datetime | None = Field(default=None, sa_type=Instant)
    # When a notice to them came back for good, until they write again, and what was said.
    unreachable_at: datetime | None = Field(default=None, sa_type=Instant, index=True)
    unreachable_why: str = Field(default="", sa_column_kwargs={"server_default": ""})
    met_at: datetime = Field(sa_type=Instant)


class SignInToken(SQLModel, table=True):
    """A link sent by mail; only its hash is kept."""

    __tablename__: ClassVar[str] = "sign_in_token"

    digest: str = Field(primary_key=True)
    email: str = Field(index=True)
    client: str = Field(index=True)  # hashed network address that asked
    asked_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant, index=True)
    used_at: datetime | None = Field(default=None, sa_type=Instant)


class WebSession(SQLModel, table=True):
    """A signed-in browser; only the hash of its cookie is kept."""

    __tablename__: ClassVar[str] = "web_session"

    digest: str = Field(primary_key=True)
    email: str = Field(index=True)
    begun_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant, index=True)


class SigningKey(SQLModel, table=True):
    """A random key that never leaves the database."""

    __tablename__: ClassVar[str] = "signing_key"

    purpose: str = Field(primary_key=True)
    secret: bytes
    made_at: datetime = Field(sa_type=Instant)
