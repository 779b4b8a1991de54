"""Remember whose address takes no mail from us."""

import sqlalchemy as sa
from alembic import op

import store.types

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make room for when and why a notice to a person came back for good."""
    op.add_column("person", sa.Column("unreachable_at", store.types.Instant(timezone=True), nullable=True))
    op.add_column("person", sa.Column("unreachable_why", sa.String(), nullable=False, server_default=""))
    op.create_index("ix_person_unreachable_at", "person", ["unreachable_at"], unique=False)
