"""Keep what people write in the spaces themselves, and proposals to add a thread to a page there."""

import sqlalchemy as sa
from alembic import op

import store.types

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make room for answers, for how far they were read, and for proposals."""
    op.create_table(
        "answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("publication_key", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("author_key", sa.String(), nullable=False),
        sa.Column("at", store.types.Instant(timezone=True), nullable=False),
        sa.Column("markdown", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("first_seen", store.types.Instant(timezone=True), nullable=False),
        sa.Column("changed_at", store.types.Instant(timezone=True), nullable=True),
        sa.Column("gone_at", store.types.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["publication_key"], ["publication.key"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("publication_key", "key"),
    )
    op.create_table(
        "answers_read",
        sa.Column("publication_key", sa.String(), nullable=False),
        sa.Column("read_at", store.types.Instant(timezone=True), nullable=False),
        sa.Column("whole_at", store.types.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["publication_key"], ["publication.key"]),
        sa.PrimaryKeyConstraint("publication_key"),
    )
    op.create_table(
        "proposal",
        sa.Column("publication_key", sa.String(), nullable=False),
        sa.Column("entry_id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("proposed_at", store.types.Instant(timezone=True), nullable=False),
        sa.Column("answered_by", sa.String(), nullable=False),
        sa.Column("answered_at", store.types.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["publication_key"], ["publication.key"]),
        sa.PrimaryKeyConstraint("publication_key"),
    )
