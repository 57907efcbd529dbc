"""Which rows of a bank file are new: nothing is booked twice, and of two real rows that look alike both are booked.

A row that the bank tells apart (its own reference, or the balance after it) is the same row wherever it turns up. Of
rows that nothing tells apart, the number on a day decides, as far as somebody knows the whole day: a file knows the
days between its first and its last one. Where both files saw only a part of a day, nobody can know whether a row that
looks the same is the same: it is held back as doubtful, for a person to decide, and never dropped in silence.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from consortium.formats.bank_files import BankRow


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRow:
    """What the books keep of a row that was imported."""

    fingerprint: str
    booked_on: date
    amount_minor: int
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRow:
    """A row to be booked, and which of the rows that look like it it is, from 1 on."""

    row: BankRow
    fingerprint: str
    occurrence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """What a file brings: rows to book, how many are booked already, and those that only a person can decide."""

    new: tuple[NewRow, ...]
    known: int
    doubtful: tuple[BankRow, ...]


def fingerprint(row: BankRow) -> str:
    """Return what makes two rows look the same: day, amount, words, the bank's reference and the balance after it."""
    words = " ".join(f"{row.party}|{row.text}".casefold().split())
    parts = (row.booked_on.isoformat(), row.amount_minor, words, row.reference, row.balance_minor)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def match_rows(
    rows: Sequence[BankRow],
    kind: str,
    stored: Iterable[StoredRow],
    *,
    knows_whole_day: Callable[[date], bool],
    knew_whole_day: Callable[[date], bool],
    seen_before: bool = False,
    accepted: Collection[int] = (),
) -> Matched:
    """Compare the rows of a file with those that are booked.

    Parameters
    ----------
    kind
        Of the file: another kind of file words the same row in another way.
    knows_whole_day, knew_whole_day
        Whether this file, or an earlier one, holds all rows of a day.
    seen_before
        Whether the very same file was imported before: then nothing in it is doubtful.
    accepted
        Numbers of doubtful rows that somebody says are new.
    """
    stored = list(stored)
    there = Counter(one.fingerprint for one in stored)
    elsewhere = Counter((one.booked_on, one.amount_minor) for one in stored if one.kind != kind)
    alike: dict[str, list[BankRow]] = defaultdict(list)
    for row in rows:
        alike[fingerprint(row)].append(row)
    new: list[NewRow] = []
    doubtful: list[BankRow] = []
    known = 0
    for key, group in alike.items():
        first, booked = group[0], there[key]
        same = min(booked, len(group))
        unsure = [] if _decided(first, len(group), booked, knows_whole_day, knew_whole_day) else group[:same]
        known += same - len(unsure)
        fresh = group[same:]
        moved = min(elsewhere[first.booked_on, first.amount_minor], len(fresh))
        elsewhere[first.booked_on, first.amount_minor] -= moved
        unsure, fresh = unsure + fresh[:moved], fresh[moved:]
        taken = [row for row in unsure if row.number in accepted]
        if seen_before:
            known += len(unsure) - len(taken)
        else:
            doubtful += [row for row in unsure if row.number not in accepted]
        new += [
            NewRow(row=row, fingerprint=key, occurrence=booked + place)
            for place, row in enumerate(sorted(fresh + taken, key=lambda row: row.number), start=1)
        ]
    new.sort(key=lambda one: one.row.number)
    return Matched(new=tuple(new), known=known, doubtful=tuple(sorted(doubtful, key=lambda row: row.number)))


def _decided(
    row: BankRow,
    here: int,
    booked: int,
    knows_whole_day: Callable[[date], bool],
    knew_whole_day: Callable[[date], bool],
) -> bool:
    """Say whether it is certain that rows that look alike, here and in the books, are the same rows."""
    told_apart = bool(row.reference or row.balance_minor is not None) and here <= 1 and booked <= 1
    return told_apart or booked == 0 or knows_whole_day(row.booked_on) or knew_whole_day(row.booked_on)
