"""The books: accounts, entries, postings, exchange rates, closed periods; chains over entries and audit trail.

The triggers hold against whoever writes, also by hand: what is written stays, an entry balances, follows the one
before it, and is not dated into a closed period. Postings are written before their entry, which seals them; the
foreign key between them is checked at the commit. Events of the audit trail that exist already are sealed here.
"""

import hashlib
import json

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KEPT = (
    "auditevent",
    "auditseal",
    "bankimport",
    "exchangerate",
    "ledgeraccount",
    "ledgerentry",
    "ledgerposting",
    "periodclose",
)
"""Tables whose rows stay as they were written."""

BEFORE_POSTING = (
    (
        "posting_after_entry",
        "EXISTS (SELECT 1 FROM ledgerentry e WHERE e.consortium_id = NEW.consortium_id AND e.seq = NEW.seq)",
    ),
    (
        "posting_account",
        (
            "NOT EXISTS (SELECT 1 FROM ledgeraccount a JOIN consortium c ON c.id = a.consortium_id"
            " WHERE a.id = NEW.account_id AND a.consortium_id = NEW.consortium_id"
            " AND (a.currency <> c.currency OR NEW.amount_minor = NEW.base_minor))"
        ),
    ),
)
LINES = (
    "FROM ledgerposting p JOIN ledgeraccount a ON a.id = p.account_id"
    " WHERE p.consortium_id = NEW.consortium_id AND p.seq = NEW.seq"
)
EXCHANGES = (
    "(NEW.kind = 'exchange' OR (NEW.kind = 'reversal' AND EXISTS (SELECT 1 FROM ledgerentry e WHERE"
    " e.consortium_id = NEW.consortium_id AND e.seq = NEW.reverses AND e.kind = 'exchange')))"
)
UNEQUAL = f"EXISTS (SELECT 1 {LINES} GROUP BY a.currency HAVING sum(p.amount_minor) <> 0)"
BEFORE_ENTRY = (
    ("entry_without_postings", f"(SELECT count(*) {LINES}) < 2"),
    ("entry_unbalanced", f"(SELECT sum(p.base_minor) {LINES}) <> 0"),
    ("entry_unbalanced", f"NOT {EXCHANGES} AND {UNEQUAL}"),
    ("entry_mixes_journals", f"EXISTS (SELECT 1 {LINES} AND (a.kind LIKE 'memo%') <> NEW.is_memo)"),
    (
        "reversal_is_no_mirror",
        (
            "NEW.reverses IS NOT NULL AND EXISTS (SELECT 1 FROM ledgerposting p"
            " WHERE p.consortium_id = NEW.consortium_id AND p.seq IN (NEW.seq, NEW.reverses) GROUP BY p.account_id"
            " HAVING sum(p.amount_minor) <> 0 OR sum(p.base_minor) <> 0)"
        ),
    ),
    (
        "entry_out_of_order",
        "NEW.seq <> 1 + COALESCE((SELECT max(e.seq) FROM ledgerentry e WHERE e.consortium_id = NEW.consortium_id), 0)",
    ),
    (
        "entry_breaks_chain",
        "NEW.prev_hash <> COALESCE((SELECT e.hash FROM ledgerentry e"
        " WHERE e.consortium_id = NEW.consortium_id AND e.seq = NEW.seq - 1), '" + "0" * 64 + "')",
    ),
    (
        "period_closed",
        (
            "EXISTS (SELECT 1 FROM periodclose c"
            " WHERE c.consortium_id = NEW.consortium_id AND c.closed_until >= NEW.value_date)"
        ),
    ),
)
"""What an inserted row must not be, as a condition in the SQL of both databases, with the name of the refusal."""


def upgrade() -> None:
    _tables()
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table in KEPT:
        (_keep_on_sqlite if sqlite else _keep_on_postgresql)(table)
    for table, rules in (("ledgerposting", BEFORE_POSTING), ("ledgerentry", BEFORE_ENTRY)):
        (_guard_on_sqlite if sqlite else _guard_on_postgresql)(table, rules)
    _seal_what_is_there()


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table in KEPT:
        for name in ("update", "delete", "replace") if sqlite else ("change", "truncate"):
            op.execute(f"DROP TRIGGER {table}_no_{name}" + ("" if sqlite else f" ON {table}"))
    for table in ("ledgerposting", "ledgerentry"):
        op.execute(f"DROP TRIGGER {table}_rules" + ("" if sqlite else f" ON {table}"))
        if not sqlite:
            op.execute(f"DROP FUNCTION {table}_rules()")
    if not sqlite:
        op.execute("DROP FUNCTION keep_as_written()")
    for table in (
        "auditseal", "chainhead", "bankimport", "periodclose", "exchangerate", "ledgerposting", "ledgerentry",
        "ledgeraccount",
    ):  # fmt: skip
        op.drop_table(table)


def _keep_on_sqlite(table: str) -> None:
    for name in ("update", "delete"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{name} BEFORE {name.upper()} ON {table}"
            f" BEGIN SELECT RAISE(ABORT, 'append_only: {table}'); END"
        )
    # REPLACE deletes without asking the trigger above.
    keys = {"ledgerentry": ("consortium_id", "seq"), "ledgerposting": ("consortium_id", "seq", "line")}
    same = " AND ".join(f"{key} = NEW.{key}" for key in keys.get(table, ("seq" if table == "auditseal" else "id",)))
    already = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608 - names written in this file
    op.execute(
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {already}"
        f" BEGIN SELECT RAISE(ABORT, 'append_only: {table}'); END"
    )


def _keep_on_postgresql(table: str) -> None:
    op.execute(
        "CREATE OR REPLACE FUNCTION keep_as_written() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'append_only: %', TG_TABLE_NAME; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION keep_as_written()"
    )
    op.execute(
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION keep_as_written()"
    )


def _guard_on_sqlite(table: str, rules: tuple[tuple[str, str], ...]) -> None:
    checks = " ".join(f"SELECT RAISE(ABORT, '{name}') WHERE {condition};" for name, condition in rules)
    op.execute(sa.text(f"CREATE TRIGGER {table}_rules BEFORE INSERT ON {table} BEGIN {checks} END"))


def _guard_on_postgresql(table: str, rules: tuple[tuple[str, str], ...]) -> None:
    checks = " ".join(f"IF {condition} THEN RAISE EXCEPTION '{name}'; END IF;" for name, condition in rules)
    op.execute(
        f"CREATE FUNCTION {table}_rules() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {checks} RETURN NEW; END $$"
    )
    op.execute(f"CREATE TRIGGER {table}_rules BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_rules()")


def _tables() -> None:
    op.create_table(
        "ledgeraccount",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consortium_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["consortium_id"], ["consortium.id"]),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("consortium_id", "code", "currency"),
    )
    for column in ("consortium_id", "member_id"):
        op.create_index(f"ix_ledgeraccount_{column}", "ledgeraccount", [column])
    op.create_table(
        "ledgerentry",
        sa.Column("consortium_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("is_memo", sa.Boolean(), nullable=False),
        sa.Column("value_date", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("booked_at", sa.DateTime(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("cites", sa.JSON(), nullable=False),
        sa.Column("topic", sa.String(length=200), nullable=False),
        sa.Column("source_key", sa.String(length=300), nullable=True),
        sa.Column("reverses", sa.Integer(), nullable=True),
        sa.Column("prev_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["consortium_id"], ["consortium.id"]),
        sa.ForeignKeyConstraint(["user_id"], ["appuser.id"]),
        sa.PrimaryKeyConstraint("consortium_id", "seq"),
        sa.UniqueConstraint("consortium_id", "source_key"),
        sa.UniqueConstraint("consortium_id", "reverses"),
    )
    for column in ("topic", "value_date"):
        op.create_index(f"ix_ledgerentry_{column}", "ledgerentry", [column])
    op.create_table(
        "ledgerposting",
        sa.Column("consortium_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("base_minor", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["ledgeraccount.id"]),
        sa.ForeignKeyConstraint(
            ["consortium_id", "seq"],
            ["ledgerentry.consortium_id", "ledgerentry.seq"],
            name="fk_ledgerposting_entry",
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.PrimaryKeyConstraint("consortium_id", "seq", "line"),
    )
    op.create_index("ix_ledgerposting_account_id", "ledgerposting", ["account_id"])
    op.create_table(
        "exchangerate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consortium_id", sa.Integer(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("base", sa.String(length=3), nullable=False),
        sa.Column("quote", sa.String(length=3), nullable=False),
        sa.Column("rate", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["consortium_id"], ["consortium.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("consortium_id", "on_date", "base", "quote", "source"),
    )
    op.create_index("ix_exchangerate_consortium_id", "exchangerate", ["consortium_id"])
    op.create_table(
        "periodclose",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consortium_id", sa.Integer(), nullable=False),
        sa.Column("closed_until", sa.Date(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("closed_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["consortium_id"], ["consortium.id"]),
        sa.ForeignKeyConstraint(["user_id"], ["appuser.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_periodclose_consortium_id", "periodclose", ["consortium_id"])
    op.create_table(
        "bankimport",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consortium_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("whole_days", sa.Boolean(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("imported_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["consortium_id"], ["consortium.id"]),
        sa.ForeignKeyConstraint(["account_id"], ["ledgeraccount.id"]),
        sa.ForeignKeyConstraint(["user_id"], ["appuser.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    for column in ("consortium_id", "account_id"):
        op.create_index(f"ix_bankimport_{column}", "bankimport", [column])
    op.create_table(
        "chainhead",
        sa.Column("chain", sa.String(length=40), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("chain"),
    )
    op.create_table(
        "auditseal",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("prev_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["auditevent.id"]),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("event_id"),
    )


def _seal_what_is_there() -> None:
    """Seal the events written by earlier versions, oldest first; this copy of the form of the seal never changes."""
    bind = op.get_bind()
    bind.execute(sa.text("INSERT INTO chainhead (chain, seq, hash) VALUES ('audit', 0, :zero)"), {"zero": "0" * 64})
    events = sa.table(
        "auditevent",
        sa.column("id", sa.Integer),
        sa.column("at", sa.DateTime),
        sa.column("user_id", sa.Integer),
        sa.column("consortium_id", sa.Integer),
        sa.column("action", sa.String),
        sa.column("subject", sa.String),
        sa.column("detail", sa.JSON),
    )
    before, seq = "0" * 64, 0
    for one in bind.execute(sa.select(events).order_by(events.c.id)).all():
        seq += 1
        content = {
            "seq": seq,
            "prev": before,
            "id": one.id,
            "at": one.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "user": one.user_id,
            "consortium": one.consortium_id,
            "action": one.action,
            "subject": one.subject,
            "detail": one.detail,
        }
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        digest = hashlib.sha256(text.encode()).hexdigest()
        bind.execute(
            sa.text("INSERT INTO auditseal (seq, event_id, prev_hash, hash) VALUES (:seq, :id, :before, :hash)"),
            {"seq": seq, "id": one.id, "before": before, "hash": digest},
        )
        before = digest
    bind.execute(
        sa.text("UPDATE chainhead SET seq = :seq, hash = :hash WHERE chain = 'audit'"), {"seq": seq, "hash": before}
    )
