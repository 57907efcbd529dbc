"""Chains of hashes: each link names the one before it, so that no row can be changed, lost or slipped in unseen.

Whoever adds a link holds the row of the chain's head until the commit: two writers at once follow each other, and
neither can fork the chain. `consortium.ledger_checks` re-computes every link with code of its own.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from consortium.models import ChainHead

BEGINNING = "0" * 64
"""What the first link follows."""

AUDIT = "audit"
"""The chain over the audit trail of the whole installation."""


def books_of(consortium_id: int) -> str:
    """Return the name of the chain over a consortium's entries."""
    return f"books/{consortium_id}"


def hold(chain: str, session: Session) -> tuple[int, str]:
    """Return the number and the hash of a chain's last link, kept from other writers until the commit."""
    heads = ChainHead.__table__  # type: ignore[attr-defined]
    claim = update(heads).where(heads.c.chain == chain).values(seq=heads.c.seq)
    if session.execute(claim).rowcount == 0:  # type: ignore[attr-defined]
        try:
            with session.begin_nested():
                session.execute(insert(heads).values(chain=chain, seq=0, hash=BEGINNING))
        except IntegrityError:  # somebody else began the chain meanwhile
            session.execute(claim)
    return tuple(session.execute(select(heads.c.seq, heads.c.hash).where(heads.c.chain == chain)).one())


def move_on(chain: str, seq: int, digest: str, session: Session) -> None:
    """Note the new last link of a chain that is held."""
    heads = ChainHead.__table__  # type: ignore[attr-defined]
    session.execute(update(heads).where(heads.c.chain == chain).values(seq=seq, hash=digest))


def digest_of(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of plain values: JSON with sorted keys, without spaces, in UTF-8."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def plain(value: Any) -> Any:
    """Return what the database will give back for a JSON value: keys are texts, tuples are lists."""
    return json.loads(json.dumps(value))


def moment_text(moment: datetime) -> str:
    """Return a moment as it is hashed: UTC, to the microsecond."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
