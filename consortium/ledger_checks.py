"""The judge of the books: reads the tables afresh and names every place where they are not what was once written.

It shares no code with what writes (`consortium.ledger`, `consortium.services`): every sum and every hash is computed
again here, from the form that docs/books.md publishes. It needs no triggers and trusts no foreign key.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, text

ZERO = "0" * 64
GUARDS = 2 + 8 * 2
"""How many triggers a PostgreSQL database has at least; SQLite has one more for each of the eight tables."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was written.

    Parameters
    ----------
    code
        Stable name of what is wrong, such as ``entry_changed``.
    place
        Where: ``books CAFE, entry 12`` or ``audit event 40``.
    expected, found
        As texts; empty where there is nothing to compare.
    """

    code: str
    place: str
    expected: str = ""
    found: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain: note it down elsewhere, and later checks prove that nothing up to it was rewritten."""

    chain: str
    links: int
    hash: str


@dataclass(slots=True)
class Checked:
    """What the judge found; `findings` in the order of the chains, so that the first is the first broken link."""

    findings: list[Finding] = field(default_factory=list)
    heads: list[Head] = field(default_factory=list)
    entries: int = 0
    postings: int = 0
    events: int = 0


def check_books(connection: Connection, known: Mapping[str, tuple[int, str]] | None = None) -> Checked:
    """Check the books of every consortium and the audit trail.

    Parameters
    ----------
    connection
        Of a database with the tables of this version; only read, within one transaction.
    known
        Chain (``audit``, or a consortium's code) -> number and hash of a link that was noted down earlier.
    """
    result = Checked()
    rows = connection.execute(text("SELECT id, code, currency FROM consortium ORDER BY id")).all()
    result.findings += _guards(connection)
    for key, code, currency in rows:
        _Books(connection, key, code, currency, result).check(known or {})
    result.findings += _strays(connection, {row[0] for row in rows})
    _audit_trail(connection, {row[0]: row[1] for row in rows}, result, known or {})
    return result


class _Books:
    """One consortium's books, read in the order in which they were written."""

    def __init__(self, connection: Connection, key: int, code: str, currency: str, result: Checked) -> None:
        self.connection, self.key, self.code, self.currency, self.result = connection, key, code, currency, result
        self.hashes = {0: ZERO}
        self.sources: dict[str, int] = {}
        self.mirrored: dict[int, int] = {}
        self.kinds: dict[int, str] = {}

    def check(self, known: Mapping[str, tuple[int, str]]) -> None:
        """Add what is wrong, and the head, to the result."""
        postings = self._postings()
        before, last = ZERO, 0
        for row in self._rows(
            "SELECT seq, kind, is_memo, value_date, due_on, booked_at, user_id, text, cites, topic, source_key,"
            " reverses, prev_hash, hash FROM ledgerentry WHERE consortium_id = :key ORDER BY seq"
        ):
            if row.seq != last + 1:
                self._say("entry_missing", last + 1, f"entry {last + 1}", f"entry {row.seq}")
            lines = postings.pop(row.seq, [])
            self._check_entry(row, lines, before)
            before, last = row.hash, row.seq
        for seq in sorted(postings):
            self._say("posting_without_entry", seq)
        self._head(before, last)
        if last:
            self.result.heads.append(Head(self.code, last, before))
        if (noted := known.get(self.code)) and self.hashes.get(noted[0]) != noted[1]:
            self._say("not_as_noted", noted[0], noted[1], self.hashes.get(noted[0], ""))

    def _postings(self) -> dict[int, list[list[Any]]]:
        """Return entry -> its lines as they are hashed; a gap in their numbers is a line that is missing."""
        rows = self._rows(
            "SELECT p.seq, p.line, a.consortium_id, p.account_id, a.code, a.kind, a.member_id, a.currency,"
            " p.amount_minor, p.base_minor FROM ledgerposting p LEFT JOIN ledgeraccount a ON a.id = p.account_id"
            " WHERE p.consortium_id = :key ORDER BY p.seq, p.line"
        )
        found: dict[int, list[list[Any]]] = {}
        for seq, group in groupby(rows, key=itemgetter(0)):
            lines = [tuple(row) for row in group]
            self.result.postings += len(lines)
            if [row[1] for row in lines] != list(range(len(lines))):
                self._say("posting_missing", seq)
            if any(row[2] != self.key for row in lines):
                self._say("account_elsewhere", seq)
            found[seq] = [list(row[3:]) for row in lines]
        return found

    def _check_entry(self, row: Any, lines: list[list[Any]], before: str) -> None:
        self.result.entries += 1
        self.hashes[row.seq], self.kinds[row.seq] = row.hash, row.kind
        if row.prev_hash != before:
            self._say("link_broken", row.seq, before, row.prev_hash)
        if (digest := _sha256(self._content(row, lines))) != row.hash:
            self._say("entry_changed", row.seq, row.hash, digest)
        self._check_sums(row, lines)
        first = row.seq if row.source_key is None else self.sources.setdefault(row.source_key, row.seq)
        if first != row.seq:
            self._say("booked_twice", row.seq, row.source_key, f"entry {first}")
        if row.reverses is not None:
            self._check_reversal(row, lines)

    def _check_sums(self, row: Any, lines: list[list[Any]]) -> None:
        if len(lines) < 2:
            self._say("entry_without_postings", row.seq, "2", str(len(lines)))
        if any(type(number) is not int for line in lines for number in line[5:]):
            self._say("amount_is_no_integer", row.seq)
            return
        base = sum(line[6] for line in lines)
        sums: Counter[str] = Counter()
        for *_, currency, amount, base_minor in lines:
            sums[currency] += amount
            if currency == self.currency and amount != base_minor:
                self._say("base_differs", row.seq, str(amount), str(base_minor))
        exchanges = row.kind == "exchange" or (row.kind == "reversal" and self.kinds.get(row.reverses) == "exchange")
        if base or (not exchanges and any(sums.values())):
            self._say("entry_unbalanced", row.seq, "0", str(base or {key: one for key, one in sums.items() if one}))
        if any((line[2] or "").startswith("memo") != bool(row.is_memo) for line in lines):
            self._say("journals_mixed", row.seq)

    def _check_reversal(self, row: Any, lines: list[list[Any]]) -> None:
        sums: Counter[tuple[Any, str]] = Counter()
        for line in [*lines, *self._lines_again(row.reverses)]:
            if all(type(number) is int for number in line[5:]):
                sums[line[0], "amount"] += line[5]
                sums[line[0], "base"] += line[6]
        if any(sums.values()) or not 0 < row.reverses < row.seq:
            self._say("reversal_differs", row.seq, f"entry {row.reverses}", "")
        if (first := self.mirrored.setdefault(row.reverses, row.seq)) != row.seq:
            self._say("reversed_twice", row.seq, f"entry {row.reverses}", f"entry {first}")

    def _lines_again(self, seq: int) -> list[list[Any]]:
        rows = self.connection.execute(
            text(
                "SELECT account_id, amount_minor, base_minor FROM ledgerposting"
                " WHERE consortium_id = :key AND seq = :seq"
            ),
            {"key": self.key, "seq": seq},
        )
        return [[one.account_id, None, None, None, None, one.amount_minor, one.base_minor] for one in rows]

    def _content(self, row: Any, lines: list[list[Any]]) -> dict[str, Any]:
        return {
            "consortium": self.key,
            "seq": row.seq,
            "prev": row.prev_hash,
            "kind": row.kind,
            "memo": bool(row.is_memo),
            "date": _day(row.value_date),
            "due": _day(row.due_on),
            "at": _moment(row.booked_at),
            "user": row.user_id,
            "text": row.text,
            "cites": _json(row.cites),
            "topic": row.topic,
            "source": row.source_key,
            "reverses": row.reverses,
            "lines": lines,
        }

    def _head(self, before: str, last: int) -> None:
        head = self.connection.execute(
            text("SELECT seq, hash FROM chainhead WHERE chain = :chain"), {"chain": f"books/{self.key}"}
        ).first()
        if head is None and last:
            self._say("head_missing", last)
        elif head is not None and (head.seq, head.hash) != (last, before):
            self._say("tail_missing", last, f"{head.seq} entries, {head.hash}", f"{last} entries, {before}")

    def _rows(self, sql: str) -> Any:
        return self.connection.execute(text(sql), {"key": self.key})

    def _say(self, code: str, seq: int, expected: str = "", found: str = "") -> None:
        self.result.findings.append(Finding(code, f"books {self.code}, entry {seq}", expected, found))


def _strays(connection: Connection, consortia: set[int]) -> Iterator[Finding]:
    """Yield entries and postings of no consortium."""
    for table in ("ledgerentry", "ledgerposting"):
        for key, seq in connection.execute(text(f"SELECT DISTINCT consortium_id, seq FROM {table}")):  # noqa: S608
            if key not in consortia:
                yield Finding("consortium_missing", f"books of consortium {key}, entry {seq}")


def _guards(connection: Connection) -> Iterator[Finding]:
    """Say so when triggers are missing: whatever was written since was not held to the rules."""
    tables = (
        "('auditevent', 'auditseal', 'bankimport', 'exchangerate', 'ledgeraccount', 'ledgerentry', 'ledgerposting',"
        " 'periodclose')"
    )
    if connection.dialect.name == "sqlite":
        query = f"SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN {tables}"  # noqa: S608
        expected = GUARDS + 8
    else:
        query = (
            "SELECT count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal"  # noqa: S608
            f" AND t.tgenabled <> 'D' AND c.relname IN {tables}"
        )
        expected = GUARDS
    found = connection.execute(text(query)).scalar_one()
    if found < expected:
        yield Finding("guards_missing", "triggers of the database", str(expected), str(found))


def _audit_trail(
    connection: Connection, codes: Mapping[int, str], result: Checked, known: Mapping[str, tuple[int, str]]
) -> None:
    """Check the seals of the audit trail, and what the trail says of the books."""
    events = {
        row.id: row
        for row in connection.execute(
            text("SELECT id, at, user_id, consortium_id, action, subject, detail FROM auditevent ORDER BY id")
        )
    }
    result.events = len(events)
    said = _Said(connection, codes)
    before, last, hashes, sealed = ZERO, 0, {0: ZERO}, set()
    for seal in connection.execute(text("SELECT seq, event_id, prev_hash, hash FROM auditseal ORDER BY seq")):
        place = f"audit event {seal.event_id}"
        if seal.seq != last + 1:
            result.findings.append(Finding("seal_missing", f"audit seal {last + 1}", "", f"audit seal {seal.seq}"))
        if seal.prev_hash != before:
            result.findings.append(Finding("audit_link_broken", place, before, seal.prev_hash))
        event = events.get(seal.event_id)
        sealed.add(seal.event_id)
        if event is None:
            result.findings.append(Finding("audit_event_missing", place))
        else:
            if (digest := _sha256(_audit_content(event, seal.seq, seal.prev_hash))) != seal.hash:
                result.findings.append(Finding("audit_event_changed", place, seal.hash, digest))
            result.findings += said.check(event)
        before, last = seal.hash, seal.seq
        hashes[last] = before
    for key in sorted(set(events) - sealed):
        result.findings.append(Finding("audit_event_unsealed", f"audit event {key}"))
    head = connection.execute(text("SELECT seq, hash FROM chainhead WHERE chain = 'audit'")).first()
    if head is None or (head.seq, head.hash) != (last, before):
        expected = "" if head is None else f"{head.seq} seals, {head.hash}"
        result.findings.append(Finding("audit_tail_missing", "audit trail", expected, f"{last} seals, {before}"))
    if (noted := known.get("audit")) and hashes.get(noted[0]) != noted[1]:
        found = hashes.get(noted[0], "")
        result.findings.append(Finding("not_as_noted", f"audit seal {noted[0]}", noted[1], found))
    result.findings += said.unsaid()
    if last:
        result.heads.append(Head("audit", last, before))


class _Said:
    """What the audit trail says of the books and of what they cite, compared with what is there."""

    def __init__(self, connection: Connection, codes: Mapping[int, str]) -> None:
        self.codes, self.connection = codes, connection
        rows = connection.execute(text("SELECT consortium_id, seq, hash FROM ledgerentry"))
        self.hashes = {(row[0], row[1]): row[2] for row in rows}
        closes = connection.execute(text("SELECT consortium_id, closed_until FROM periodclose"))
        self.closes = Counter((key, _day(until)) for key, until in closes)
        self.reached: defaultdict[int, int] = defaultdict(int)

    def check(self, event: Any) -> Iterator[Finding]:
        """Yield where the books are not what one event says that it wrote."""
        detail = _json(event.detail)
        detail = detail if isinstance(detail, dict) else {}
        said = detail.get("books")
        code = self.codes.get(event.consortium_id, "")
        if isinstance(said, dict) and {"seq", "hash"} <= set(said):
            self.reached[event.consortium_id] = max(self.reached[event.consortium_id], said["seq"])
            found = self.hashes.get((event.consortium_id, said["seq"]), "")
            if found != said["hash"]:
                yield Finding("entry_not_as_recorded", f"books {code}, entry {said['seq']}", said["hash"], found)
        if event.action == "close_period":
            closed = event.consortium_id, str(detail.get("closed_until"))
            self.closes[closed] -= 1
            if self.closes[closed] < 0:
                yield Finding("close_missing", f"books {code}, closed until {closed[1]}")

    def unsaid(self) -> Iterator[Finding]:
        """Yield entries and closed periods that no event of the audit trail wrote, and citations that do not hold."""
        last: dict[int, int] = {}
        for key, seq in self.hashes:
            last[key] = max(last.get(key, 0), seq)
        for key, seq in sorted(last.items()):
            if seq > self.reached[key]:
                yield Finding("entry_not_recorded", f"books {self.codes.get(key, key)}, entry {self.reached[key] + 1}")
        for (key, until), count in sorted(self.closes.items()):
            if count > 0:
                yield Finding("close_not_recorded", f"books {self.codes.get(key, key)}, closed until {until}")
        yield from self._citations()

    def _citations(self) -> Iterator[Finding]:
        """Yield plans and shares that are no longer those that an entry cites."""
        rows = self.connection.execute(
            text("SELECT consortium_id, seq, cites FROM ledgerentry WHERE topic LIKE 'shipment/%' ORDER BY 1, 2")
        ).all()
        digests: dict[int, tuple[str, str]] = {}
        for key, seq, written in rows:
            cites = _json(written)
            if (plan := cites.get("plan")) is None:
                continue
            if plan not in digests:
                digests[plan] = self._digests(plan)
            for name, found in zip(("plan_sha256", "shares_sha256"), digests[plan], strict=True):
                if cites.get(name) != found:
                    place = f"books {self.codes.get(key, key)}, entry {seq}, plan {plan}"
                    yield Finding(f"cited_{name.removesuffix('_sha256')}_changed", place, cites.get(name, ""), found)

    def _digests(self, plan: int) -> tuple[str, str]:
        found = self.connection.execute(text("SELECT plan FROM storedplan WHERE id = :id"), {"id": plan}).scalar()
        shares = self.connection.execute(
            text(
                "SELECT member_id, cost_share_minor, pays_minor, buyers_pay_minor FROM costshare"
                " WHERE plan_id = :id ORDER BY member_id"
            ),
            {"id": plan},
        ).all()
        return _sha256(_json(found)), _sha256([list(row) for row in shares])


def _audit_content(event: Any, seq: int, before: str) -> dict[str, Any]:
    return {
        "seq": seq,
        "prev": before,
        "id": event.id,
        "at": _moment(event.at),
        "user": event.user_id,
        "consortium": event.consortium_id,
        "action": event.action,
        "subject": event.subject,
        "detail": _json(event.detail),
    }


def _sha256(content: Any) -> str:
    written = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()


def _json(value: Any) -> Any:
    """Return a JSON column: SQLite hands its text over, PostgreSQL its value; what is no JSON stays text."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _day(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _moment(value: Any) -> Any:
    """Return a moment as it is hashed; SQLite keeps it as text, and what is no moment stays what it is."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    except (AttributeError, ValueError):
        return value
