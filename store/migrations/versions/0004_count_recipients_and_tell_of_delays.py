"""Count the balance without reading each mail, and remember whose sender has heard of a delay."""

import sqlalchemy as sa
from alembic import op

import store.types

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Keep the number of recipients beside their list, and index what is counted over all mails."""
    op.add_column("raw_mail", sa.Column("recipient_count", sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE raw_mail SET recipient_count = json_array_length(recipients)")
    op.add_column("raw_mail", sa.Column("delay_told_at", store.types.Instant(timezone=True), nullable=True))
    op.drop_index("ix_raw_mail_source", table_name="raw_mail")
    op.create_index("ix_raw_mail_accepted", "raw_mail", ["source", "recipient_count"], unique=False)
    op.create_index(
        "ix_raw_mail_set_aside",
        "raw_mail",
        ["id"],
        unique=False,
        sqlite_where=sa.text("set_aside IS NOT NULL"),
    )
    op.create_index("ix_job_owner", "job", ["owner"], unique=False, sqlite_where=sa.text("owner IS NOT NULL"))
    op.drop_index("ix_delivery_state", table_name="delivery")
    op.create_index("ix_delivery_state", "delivery", ["state", "raw_id"], unique=False)
