"""Links to load plans for people without a user; loads that are changed by hand."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sharedlink",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("consortium_id", sa.Integer(), nullable=False),
        sa.Column("shipment_id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("container", sa.String(length=60), nullable=False),
        sa.Column("firms", sa.String(length=10), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(), nullable=True),
        sa.Column("openings", sa.Integer(), nullable=False),
        sa.Column("last_opened_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["consortium_id"], ["consortium.id"]),
        sa.ForeignKeyConstraint(["shipment_id"], ["pooledshipment.id"]),
        sa.ForeignKeyConstraint(["plan_id"], ["storedplan.id"]),
        sa.ForeignKeyConstraint(["created_by"], ["appuser.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_sharedlink_token_sha256", "sharedlink", ["token_sha256"], unique=True)
    for column in ("consortium_id", "shipment_id", "plan_id", "created_by"):
        op.create_index(f"ix_sharedlink_{column}", "sharedlink", [column])
    op.create_table(
        "manualload",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("container", sa.String(length=60), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=20), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["storedplan.id"]),
        sa.ForeignKeyConstraint(["user_id"], ["appuser.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    for column in ("plan_id", "user_id"):
        op.create_index(f"ix_manualload_{column}", "manualload", [column])


def downgrade() -> None:
    op.drop_table("manualload")
    op.drop_table("sharedlink")
