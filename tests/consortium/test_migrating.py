"""The stored steps lead to the tables of the models, from empty, once, also when several processes start at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, SQLModel, select

import consortium.models  # noqa: F401
from consortium.database import engine_for
from consortium.errors import StateError
from consortium.ledger_checks import check_books
from consortium.migrating import FOLDER, is_current, migrate
from consortium.models import CostShare, PooledShipment, RuleVersion, ShipmentState, StoredPlan
from tests.consortium.databases import KINDS, empty_postgresql_database, forget


@pytest.fixture(params=KINDS)
def empty(request, tmp_path):
    url = empty_postgresql_database() if request.param == "postgresql" else f"sqlite:///{tmp_path / 'new.sqlite3'}"
    yield url
    forget(url)


def test_an_empty_database_comes_to_have_exactly_the_tables_of_the_models(empty):
    assert not is_current(empty)
    assert migrate(empty)
    assert is_current(empty)
    with engine_for(empty).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_a_second_migration_finds_nothing_to_do(empty):
    migrate(empty)
    assert not migrate(empty)


def test_processes_that_start_at_once_migrate_once(empty):
    with ThreadPoolExecutor(4) as pool:
        did = list(pool.map(migrate, [empty] * 4))
    assert sorted(did) == [False, False, False, True]


def test_a_database_of_a_later_version_is_refused_by_name(empty):
    migrate(empty)
    with engine_for(empty).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StateError) as refused:
        migrate(empty)
    assert refused.value.code == "database_is_newer"
    assert not is_current(empty)


def test_a_step_that_fails_leaves_nothing_behind(empty, monkeypatch):
    def failing_upgrade(config: Config, revision: str) -> None:
        connection = config.attributes["connection"]
        connection.execute(text("CREATE TABLE half_done (id INTEGER PRIMARY KEY)"))
        raise RuntimeError("power cut")

    monkeypatch.setattr(command, "upgrade", failing_upgrade)
    with pytest.raises(RuntimeError, match="power cut"):
        migrate(empty)
    assert inspect(engine_for(empty)).get_table_names() == []


def test_the_steps_go_back_too(empty):
    migrate(empty)
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    with engine_for(empty).begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    assert inspect(engine_for(empty)).get_table_names() == ["alembic_version"]
    assert migrate(empty)


def test_foreign_keys_hold_again_after_migrating(tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'keys.sqlite3'}"
    migrate(url)
    with engine_for(url).connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    forget(url)


def upgrade_to(url: str, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    with engine_for(url).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


OLD_DATA = (
    (
        "INSERT INTO consortium (id, code, name, kind, country, currency, time_zone, allocation_rule, created_at) "
        "VALUES (1, 'old', 'Old', 'PROMOTIONAL', 'CO', 'USD', 'UTC', 'nucleolus', '2026-01-01 00:00:00')"
    ),
    (
        "INSERT INTO member (id, consortium_id, code, name, kind, country, tax_id, sector, represented_units, "
        "joined_on) VALUES (1, 1, 'andina', 'Andina', 'FIRM', 'CO', '', '', 1, '2026-01-01')"
    ),
    (
        "INSERT INTO pooledshipment (id, consortium_id, code, title, cut_off_at, state, allocation_rule, "
        "container_types, settings, plan_id, opened_at) "
        "VALUES (1, 1, 'PS-1', '', '2026-02-01 00:00:00', 'AGREED', 'nucleolus', '[]', '{}', 1, '2026-01-01 00:00:00')"
    ),
    (
        "INSERT INTO storedplan (id, shipment_id, problem, problem_sha256, plan, plan_sha256, status, cost_minor, "
        "lower_bound_minor, comparison, allocation, certificate, created_at) VALUES (1, 1, '{}', '', '{}', '', "
        "'optimal', 9007199254740993, 1, '{}', '{\"rule\": \"nucleolus\"}', '{}', '2026-02-02 00:00:00')"
    ),
    (
        "INSERT INTO costshare (id, plan_id, member_id, cost_share_minor, pays_minor, buyers_pay_minor, why) "
        "VALUES (1, 1, 1, 9007199254740993, 9007199254740993, 0, '{}')"
    ),
)
"""A consortium with an agreed shipment, as every version so far stored it."""


def store(url: str, *statements: str) -> None:
    with engine_for(url).begin() as connection:
        for statement in statements:
            connection.execute(text(statement.replace(":", r"\:")))


@pytest.mark.parametrize("revision", ["0001", "0002", "0003"])
def test_data_of_every_earlier_version_are_carried_over(empty, revision):
    upgrade_to(empty, revision)
    store(empty, *OLD_DATA)
    assert migrate(empty)
    with engine_for(empty).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, SQLModel.metadata) == []
    with Session(engine_for(empty)) as session:
        shipment = session.exec(select(PooledShipment)).one()
        assert (shipment.code, shipment.state, shipment.allocation_rule) == ("PS-1", ShipmentState.AGREED, "nucleolus")
        assert shipment.rule_version_id is None  # nobody recorded a decision then
        assert session.exec(select(StoredPlan.cost_minor)).one() == 2**53 + 1
        assert session.exec(select(CostShare.cost_share_minor)).one() == 2**53 + 1
        decision = RuleVersion(
            consortium_id=1,
            number=1,
            rule="equal",
            decided_on=date(2026, 3, 1),
            valid_from=date(2026, 3, 1),
            text="Equal.",
            terms_sha256="0" * 64,
        )
        session.add(decision)
        session.flush()
        shipment.rule_version_id = decision.id
        session.commit()


def test_a_shipment_cannot_name_a_decision_that_does_not_exist(empty):
    migrate(empty)
    store(empty, *OLD_DATA[:2])
    shipment = OLD_DATA[2].replace("plan_id,", "plan_id, rule_version_id,").replace("'{}', 1,", "'{}', 1, 99,")
    with pytest.raises(DBAPIError, match=r"(?i)foreign key"):
        store(empty, shipment)


def test_the_audit_trail_of_earlier_versions_is_sealed(empty):
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    with engine_for(empty).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        for number in range(3):
            connection.execute(
                text(
                    "INSERT INTO auditevent (at, action, subject, detail)"
                    " VALUES (:at, 'sign_in', 'user é', '{\"é\": [1, null]}')"
                ),
                {"at": f"2026-11-0{number + 1} 10:00:00.000000"},
            )
    assert migrate(empty)
    with engine_for(empty).connect() as connection:
        found = check_books(connection)
    assert (found.events, found.findings, [one.links for one in found.heads]) == (3, [], [3])
