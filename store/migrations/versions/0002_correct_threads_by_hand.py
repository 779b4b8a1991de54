"""Let mails be found by subject and thread links be corrected by hand."""

import sqlalchemy as sa
from alembic import op

import store.types

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Give each mail its base subject (of earlier mails: their thread's), and make room for corrections."""
    op.add_column("message", sa.Column("base_subject", sa.String(), nullable=False, server_default=""))
    op.execute(
        "UPDATE message SET base_subject = "
        "(SELECT thread.base_subject FROM thread WHERE thread.id = message.thread_id)"
    )
    op.drop_index("ix_message_message_id", table_name="message")
    op.create_index("ix_message_id_at", "message", ["message_id", "date"], unique=False)
    op.create_index("ix_message_subject_at", "message", ["base_subject", "date"], unique=False)
    op.drop_index("ix_thread_base_subject", table_name="thread")
    op.drop_column("thread", "base_subject")
    op.create_table(
        "correction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sort", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("other_digest", sa.String(), nullable=False),
        sa.Column("thread_id", sa.String(), nullable=False),
        sa.Column("other_thread_id", sa.String(), nullable=False),
        sa.Column("made_at", store.types.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["thread_id"], ["thread.id"]),
        sa.ForeignKeyConstraint(["other_thread_id"], ["thread.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("sort", "digest", "other_digest"),
    )
    op.create_index("ix_correction_thread_id", "correction", ["thread_id"], unique=False)
    op.create_index("ix_correction_other_thread_id", "correction", ["other_thread_id"], unique=False)
