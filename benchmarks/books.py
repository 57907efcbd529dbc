"""How long the books take when they are large: 405 members, five years, 200,000 postings.

Run as ``python -m benchmarks.books`` (``--postings 20000`` for a short look). It fills a database of its own in a
temporary folder, through the same code that services use, and measures the three reads that people wait for.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from benchmarks.tables import decimals, print_table
from consortium import queries
from consortium.database import ENVIRONMENT_NAME, engine, unit_of_work
from consortium.documents.statement import statement_pdf
from consortium.ledger import EntryDraft, Line, account
from consortium.ledger_checks import check_books
from consortium.migrating import migrate
from consortium.models import AccountKind, Consortium, EntryKind, Member, Role
from consortium.permissions import Actor, Grant
from consortium.reach import id_of
from consortium.services.bookkeeping import book

MEMBERS, YEARS, BATCH = 405, 5, 2_000
START = date(2021, 1, 1)


def fill(postings: int, seed: int) -> tuple[int, Actor, int]:
    """Book fees, shares of shipments and payments until there are so many postings; return consortium and manager."""
    rng = random.Random(seed)
    with unit_of_work() as session:
        one = Consortium(code="bench", name="Bench", country="CO", currency="USD")
        session.add(one)
        session.flush()
        key = id_of(one)
        firms = [
            Member(consortium_id=key, code=f"M-{n}", name=f"Member {n}", country="CO", joined_on=START)
            for n in range(MEMBERS)
        ]
        session.add_all(firms)
        session.flush()
        members = [
            account(key, AccountKind.MEMBER, str(id_of(firm)), "USD", session=session, label=firm.name)
            for firm in firms
        ]
        others = [
            account(key, kind, name, "USD", session=session, label=name)
            for kind, name in (
                (AccountKind.INCOME, "dues"),
                (AccountKind.ACCRUED, "shipments"),
                (AccountKind.BANK, "main"),
            )
        ]
    manager = Actor(user_id=0, username="", grants=(Grant(consortium_id=key, role=Role.MANAGER),))
    done = 0
    while done < postings:
        drafts = []
        for _ in range(BATCH):
            draft = _entry(rng, members, others)
            drafts.append(draft)
            done += len(draft.lines)
            if done >= postings:
                break
        with unit_of_work() as session:
            book(key, manager, "run_fee", "benchmark", drafts, {}, session)
    return key, manager, id_of(firms[0])


def _entry(rng: random.Random, members: list[int], others: list[int]) -> EntryDraft:
    """Return one entry: shares of a shipment among eight members, a fee, or a payment."""
    dues, accrued, bank = others
    day = START + timedelta(days=rng.randrange(YEARS * 365))
    kind = rng.choice((EntryKind.SHARES, EntryKind.FEE, EntryKind.PAYMENT, EntryKind.PAYMENT))
    if kind is EntryKind.SHARES:
        lines = [Line(one, rng.randrange(1, 10**6)) for one in rng.sample(members, 8)]
        lines.append(Line(accrued, -sum(line.amount_minor for line in lines)))
    else:
        amount = rng.randrange(1, 10**6)
        one = rng.choice(members)
        lines = (
            [Line(one, amount), Line(dues, -amount)]
            if kind is EntryKind.FEE
            else [Line(bank, amount), Line(one, -amount)]
        )
    return EntryDraft(kind=kind, value_date=day, text="benchmark", lines=lines, topic="benchmark")


def timed(act: Callable[[], Any], times: int = 3) -> tuple[tuple[float, float], Any]:
    """Return the median wall-clock and processor seconds of some runs, and what the last one gave."""
    walls, cpus = [], []
    for _ in range(times):
        start, cpu = time.perf_counter(), time.process_time()
        found = act()
        walls.append(time.perf_counter() - start)
        cpus.append(time.process_time() - cpu)
    return (sorted(walls)[times // 2], sorted(cpus)[times // 2]), found


def main() -> int:
    """Fill, measure, print; fail when the books are not sound."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postings", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ[ENVIRONMENT_NAME] = f"sqlite:///{Path(folder) / 'books.sqlite3'}"
        migrate()
        written, (key, manager, member) = timed(lambda: fill(asked.postings, asked.seed), 1)
        statement, view = timed(lambda: queries.member_statement(manager, member))
        paper, _ = timed(lambda: statement_pdf(view, "es"))
        trial, _ = timed(lambda: queries.trial_balance(manager, key))
        dated, _ = timed(lambda: queries.trial_balance(manager, key, START + timedelta(days=900)))
        late, _ = timed(lambda: queries.arrears(manager, key, START + timedelta(days=YEARS * 365)))

        def check() -> Any:
            with engine().connect() as connection:
                return check_books(connection)

        judged, found = timed(check, 1)
        rows = {
            f"writing {found.postings:,} postings in {found.entries:,} entries": written,
            f"statement of one member ({len(view.sections[0].lines)} lines)": statement,
            "the same as a PDF": paper,
            "trial balance, as it stands": trial,
            "trial balance on a day": dated,
            "arrears of all members": late,
            "integrity check": judged,
        }
        print_table(
            ("what", "seconds", "of processor time"),
            [(name, decimals(wall, 3), decimals(cpu, 3)) for name, (wall, cpu) in rows.items()],
        )
        engine().dispose()
    return len(found.findings)


if __name__ == "__main__":
    sys.exit(main())
