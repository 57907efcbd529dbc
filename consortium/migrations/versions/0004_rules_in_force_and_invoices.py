"""Decisions on how costs are shared, which of them a shipment uses, replays; invoices and what they change."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _rules()
    _invoices()


def _rules() -> None:
    op.create_table(
        "ruleversion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consortium_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("keys", sa.JSON(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("text", sa.String(length=2000), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("votes_for", sa.Integer(), nullable=True),
        sa.Column("votes_against", sa.Integer(), nullable=True),
        sa.Column("abstentions", sa.Integer(), nullable=True),
        sa.Column("terms_sha256", sa.String(length=64), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.Column("withdrawn_by", sa.Integer(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["consortium_id"], ["consortium.id"]),
        sa.ForeignKeyConstraint(["recorded_by"], ["appuser.id"]),
        sa.ForeignKeyConstraint(["withdrawn_by"], ["appuser.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("consortium_id", "number"),
    )
    op.create_index("ix_ruleversion_consortium_id", "ruleversion", ["consortium_id"])
    with op.batch_alter_table("pooledshipment") as table:
        table.add_column(sa.Column("rule_version_id", sa.Integer(), nullable=True))
        table.create_foreign_key("fk_pooledshipment_rule_version", "ruleversion", ["rule_version_id"], ["id"])
        table.create_index("ix_pooledshipment_rule_version_id", ["rule_version_id"])
    op.create_table(
        "rulereplay",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consortium_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("keys", sa.JSON(), nullable=False),
        sa.Column("recompute", sa.Boolean(), nullable=False),
        sa.Column("results", sa.JSON(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["consortium_id"], ["consortium.id"]),
        sa.ForeignKeyConstraint(["created_by"], ["appuser.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_rulereplay_consortium_id", "rulereplay", ["consortium_id"])


def _invoices() -> None:
    op.create_table(
        "carrierinvoice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shipment_id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("supplier", sa.String(length=200), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("invoice_date", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("booked_minor", sa.BigInteger(), nullable=False),
        sa.Column("replaces_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.Column("entered_by", sa.Integer(), nullable=True),
        sa.Column("entered_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["shipment_id"], ["pooledshipment.id"]),
        sa.ForeignKeyConstraint(["plan_id"], ["storedplan.id"]),
        sa.ForeignKeyConstraint(["replaces_id"], ["carrierinvoice.id"]),
        sa.ForeignKeyConstraint(["entered_by"], ["appuser.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("shipment_id", "number"),
        sa.UniqueConstraint("replaces_id"),
    )
    for column in ("shipment_id", "plan_id"):
        op.create_index(f"ix_carrierinvoice_{column}", "carrierinvoice", [column])
    op.create_table(
        "carrierinvoiceline",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("charge_class", sa.String(length=20), nullable=False),
        sa.Column("charge_code", sa.String(length=130), nullable=False),
        sa.Column("description", sa.String(length=300), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("booked_minor", sa.BigInteger(), nullable=False),
        sa.Column("causes", sa.JSON(), nullable=False),
        sa.Column("closes", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["invoice_id"], ["carrierinvoice.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("invoice_id", "position"),
    )
    op.create_index("ix_carrierinvoiceline_invoice_id", "carrierinvoiceline", ["invoice_id"])
    op.create_table(
        "costdelta",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("delta_minor", sa.BigInteger(), nullable=False),
        sa.Column("pays_minor", sa.BigInteger(), nullable=False),
        sa.Column("buyers_pay_minor", sa.BigInteger(), nullable=False),
        sa.Column("share_minor", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["invoice_id"], ["carrierinvoice.id"]),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("invoice_id", "member_id"),
    )
    for column in ("invoice_id", "member_id"):
        op.create_index(f"ix_costdelta_{column}", "costdelta", [column])


def downgrade() -> None:
    for table in ("costdelta", "carrierinvoiceline", "carrierinvoice", "rulereplay"):
        op.drop_table(table)
    with op.batch_alter_table("pooledshipment") as batch:
        batch.drop_index("ix_pooledshipment_rule_version_id")
        batch.drop_constraint("fk_pooledshipment_rule_version", type_="foreignkey")
        batch.drop_column("rule_version_id")
    op.drop_table("ruleversion")
