"""The first tables: users, consortia, orders, tariffs, pooled shipments, jobs, the audit trail."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    "appuser",
    "consortium",
    "auditevent",
    "departure",
    "job",
    "member",
    "pooledshipment",
    "tariff",
    "usersession",
    "charge",
    "orders",
    "product",
    "rolegrant",
    "storedplan",
    "consignment",
    "costshare",
    "orderline",
)
"""In the order in which they refer to one another."""

TYPES = ("consortiumkind", "jobstate", "memberkind", "orderstate", "role", "shipmentstate")
"""What PostgreSQL keeps beside the tables."""


def upgrade() -> None:
    _appuser()
    _consortium()
    _auditevent()
    _departure()
    _job()
    _member()
    _pooledshipment()
    _tariff()
    _usersession()
    _charge()
    _orders()
    _product()
    _rolegrant()
    _storedplan()
    _consignment()
    _costshare()
    _orderline()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        for name in TYPES:
            op.execute(f"DROP TYPE {name}")


def _appuser() -> None:
    op.create_table(
        "appuser",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(length=100), nullable=False),
        sa.Column("display_name", sa.String(length=200), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("is_administrator", sa.Boolean(), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("disabled_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_appuser_username", "appuser", ["username"], unique=True)


def _consortium() -> None:
    op.create_table(
        "consortium",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.Enum("PROMOTIONAL", "SALES", name="consortiumkind"), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("time_zone", sa.String(length=60), nullable=False),
        sa.Column("allocation_rule", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )


def _auditevent() -> None:
    op.create_table(
        "auditevent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("consortium_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["consortium_id"], ["consortium.id"]),
        sa.ForeignKeyConstraint(["user_id"], ["appuser.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_auditevent_consortium_id", "auditevent", ["consortium_id"])
    op.create_index("ix_auditevent_user_id", "auditevent", ["user_id"])


def _departure() -> None:
    op.create_table(
        "departure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consortium_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("origin", sa.String(length=5), nullable=False),
        sa.Column("destination", sa.String(length=5), nullable=False),
        sa.Column("carrier", sa.String(length=200), nullable=False),
        sa.Column("cut_off", sa.Date(), nullable=False),
        sa.Column("departure", sa.Date(), nullable=False),
        sa.Column("arrival", sa.Date(), nullable=False),
        sa.Column("container_limits", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["consortium_id"], ["consortium.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("consortium_id", "code"),
    )
    op.create_index("ix_departure_consortium_id", "departure", ["consortium_id"])


def _job() -> None:
    op.create_table(
        "job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("consortium_id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=True),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column(
            "state", sa.Enum("QUEUED", "RUNNING", "DONE", "FAILED", "CANCELLED", name="jobstate"), nullable=False
        ),
        sa.Column("progress", sa.JSON(), nullable=False),
        sa.Column("cancel_requested", sa.Boolean(), nullable=False),
        sa.Column("error", sa.JSON(), nullable=False),
        sa.Column("result_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=True),
        sa.Column("heartbeat_at", sa.DateTime(), nullable=True),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["consortium_id"], ["consortium.id"]),
        sa.ForeignKeyConstraint(["owner_id"], ["appuser.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_job_consortium_id", "job", ["consortium_id"])
    op.create_index("ix_job_owner_id", "job", ["owner_id"])
    op.create_index("ix_job_state", "job", ["state"])


def _member() -> None:
    op.create_table(
        "member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consortium_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.Enum("FIRM", "ASSOCIATION", "COOPERATIVE", name="memberkind"), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("tax_id", sa.String(length=40), nullable=False),
        sa.Column("sector", sa.String(length=200), nullable=False),
        sa.Column("represented_units", sa.Integer(), nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["consortium_id"], ["consortium.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("consortium_id", "code"),
    )
    op.create_index("ix_member_consortium_id", "member", ["consortium_id"])


def _pooledshipment() -> None:
    op.create_table(
        "pooledshipment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consortium_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("cut_off_at", sa.DateTime(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("OPEN", "FROZEN", "PLANNED", "AGREED", "SHIPPED", "SETTLED", name="shipmentstate"),
            nullable=False,
        ),
        sa.Column("allocation_rule", sa.String(length=40), nullable=False),
        sa.Column("container_types", sa.JSON(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=True),
        sa.Column("opened_by", sa.Integer(), nullable=True),
        sa.Column("opened_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["consortium_id"], ["consortium.id"]),
        sa.ForeignKeyConstraint(["opened_by"], ["appuser.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("consortium_id", "code"),
    )
    op.create_index("ix_pooledshipment_consortium_id", "pooledshipment", ["consortium_id"])


def _tariff() -> None:
    op.create_table(
        "tariff",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consortium_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["consortium_id"], ["consortium.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("consortium_id", "code"),
    )
    op.create_index("ix_tariff_consortium_id", "tariff", ["consortium_id"])


def _usersession() -> None:
    op.create_table(
        "usersession",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["appuser.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_usersession_token_sha256", "usersession", ["token_sha256"], unique=True)
    op.create_index("ix_usersession_user_id", "usersession", ["user_id"])


def _charge() -> None:
    op.create_table(
        "charge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tariff_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("description", sa.String(length=300), nullable=False),
        sa.Column("basis", sa.String(length=20), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("rate_ppm", sa.Integer(), nullable=False),
        sa.Column("minimum_minor", sa.BigInteger(), nullable=False),
        sa.Column("maximum_minor", sa.BigInteger(), nullable=True),
        sa.Column("gross_mass_over_g", sa.Integer(), nullable=True),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("filters", sa.JSON(), nullable=False),
        sa.Column("incoterm_stage", sa.String(length=20), nullable=True),
        sa.Column("allocation_key", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["tariff_id"], ["tariff.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tariff_id", "code"),
    )
    op.create_index("ix_charge_tariff_id", "charge", ["tariff_id"])


def _orders() -> None:
    op.create_table(
        "orders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consortium_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("buyer", sa.String(length=200), nullable=False),
        sa.Column("origin", sa.String(length=5), nullable=False),
        sa.Column("destination", sa.String(length=5), nullable=False),
        sa.Column("ready_date", sa.Date(), nullable=False),
        sa.Column("due_date", sa.Date(), nullable=True),
        sa.Column("cargo_class", sa.String(length=30), nullable=False),
        sa.Column("incoterm", sa.String(length=3), nullable=True),
        sa.Column("named_place", sa.String(length=200), nullable=False),
        sa.Column("value_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("delay_cost_ppm_per_day", sa.Integer(), nullable=False),
        sa.Column("divisible", sa.Boolean(), nullable=False),
        sa.Column("volume_cm3", sa.Integer(), nullable=True),
        sa.Column("mass_g", sa.Integer(), nullable=True),
        sa.Column("state", sa.Enum("ENTERED", "GATHERED", "SHIPPED", "WITHDRAWN", name="orderstate"), nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.Column("entered_by", sa.Integer(), nullable=True),
        sa.Column("entered_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["consortium_id"], ["consortium.id"]),
        sa.ForeignKeyConstraint(["entered_by"], ["appuser.id"]),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("member_id", "code"),
    )
    op.create_index("ix_orders_consortium_id", "orders", ["consortium_id"])
    op.create_index("ix_orders_member_id", "orders", ["member_id"])


def _product() -> None:
    op.create_table(
        "product",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("hs", sa.String(length=12), nullable=False),
        sa.Column("cargo_class", sa.String(length=30), nullable=False),
        sa.Column("package_length_mm", sa.Integer(), nullable=False),
        sa.Column("package_width_mm", sa.Integer(), nullable=False),
        sa.Column("package_height_mm", sa.Integer(), nullable=False),
        sa.Column("package_mass_g", sa.Integer(), nullable=False),
        sa.Column("vertical", sa.JSON(), nullable=False),
        sa.Column("max_load_g", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("member_id", "code"),
    )
    op.create_index("ix_product_member_id", "product", ["member_id"])


def _rolegrant() -> None:
    op.create_table(
        "rolegrant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("consortium_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.Enum("MANAGER", "MEMBER", "AGENCY", "AUDITOR", name="role"), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["consortium_id"], ["consortium.id"]),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"]),
        sa.ForeignKeyConstraint(["user_id"], ["appuser.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("user_id", "consortium_id", "role", "member_id"),
    )
    op.create_index("ix_rolegrant_consortium_id", "rolegrant", ["consortium_id"])
    op.create_index("ix_rolegrant_user_id", "rolegrant", ["user_id"])


def _storedplan() -> None:
    op.create_table(
        "storedplan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shipment_id", sa.Integer(), nullable=False),
        sa.Column("problem", sa.JSON(), nullable=False),
        sa.Column("problem_sha256", sa.String(length=64), nullable=False),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("plan_sha256", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("cost_minor", sa.BigInteger(), nullable=False),
        sa.Column("lower_bound_minor", sa.BigInteger(), nullable=False),
        sa.Column("comparison", sa.JSON(), nullable=False),
        sa.Column("allocation", sa.JSON(), nullable=False),
        sa.Column("certificate", sa.JSON(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["appuser.id"]),
        sa.ForeignKeyConstraint(["shipment_id"], ["pooledshipment.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_storedplan_shipment_id", "storedplan", ["shipment_id"])


def _consignment() -> None:
    op.create_table(
        "consignment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shipment_id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("gathered_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"]),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"]),
        sa.ForeignKeyConstraint(["shipment_id"], ["pooledshipment.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("order_id"),
    )
    op.create_index("ix_consignment_member_id", "consignment", ["member_id"])
    op.create_index("ix_consignment_shipment_id", "consignment", ["shipment_id"])


def _costshare() -> None:
    op.create_table(
        "costshare",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("cost_share_minor", sa.BigInteger(), nullable=False),
        sa.Column("pays_minor", sa.BigInteger(), nullable=False),
        sa.Column("buyers_pay_minor", sa.BigInteger(), nullable=False),
        sa.Column("stand_alone_cost_minor", sa.BigInteger(), nullable=True),
        sa.Column("why", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"]),
        sa.ForeignKeyConstraint(["plan_id"], ["storedplan.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("plan_id", "member_id"),
    )
    op.create_index("ix_costshare_member_id", "costshare", ["member_id"])
    op.create_index("ix_costshare_plan_id", "costshare", ["plan_id"])


def _orderline() -> None:
    op.create_table(
        "orderline",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=True),
        sa.Column("description", sa.String(length=300), nullable=False),
        sa.Column("hs", sa.String(length=12), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("length_mm", sa.Integer(), nullable=False),
        sa.Column("width_mm", sa.Integer(), nullable=False),
        sa.Column("height_mm", sa.Integer(), nullable=False),
        sa.Column("mass_g", sa.Integer(), nullable=False),
        sa.Column("vertical", sa.JSON(), nullable=False),
        sa.Column("max_load_g", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"]),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("order_id", "code"),
    )
    op.create_index("ix_orderline_order_id", "orderline", ["order_id"])
