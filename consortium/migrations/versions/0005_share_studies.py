"""Questions about cost shares: what if, the comparison of rules, sensitivity."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sharestudy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shipment_id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("question", sa.JSON(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["shipment_id"], ["pooledshipment.id"]),
        sa.ForeignKeyConstraint(["plan_id"], ["storedplan.id"]),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"]),
        sa.ForeignKeyConstraint(["created_by"], ["appuser.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    for column in ("shipment_id", "plan_id", "member_id", "created_by"):
        op.create_index(f"ix_sharestudy_{column}", "sharestudy", [column])


def downgrade() -> None:
    op.drop_table("sharestudy")
