"""Remember what people say of threads against the classifier, and their vetoes."""

import sqlalchemy as sa
from alembic import op

import store.types

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make room for lessons; wishes to keep a thread in the mail that were said before are lessons too."""
    op.create_table(
        "lesson",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("thread_id", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("sort", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=True),
        sa.Column("sensitive", sa.Boolean(), nullable=True),
        sa.Column("moves", sa.Boolean(), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", store.types.Instant(timezone=True), nullable=False),
        sa.Column("seen", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["thread_id"], ["thread.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("thread_id", "about", "sort", "by", "at"),
    )
    op.create_index("ix_lesson_thread_id", "lesson", ["thread_id"], unique=False)
    op.execute(
        'INSERT INTO lesson (thread_id, about, sort, moves, "by", at, seen) '
        "SELECT id, id, 'veto', 0, vetoed_by, last_at, '[]' FROM thread WHERE vetoed_by IS NOT NULL"
    )
