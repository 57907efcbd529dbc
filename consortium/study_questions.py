"""Questions about cost shares, checked at the border."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from consortium.draft_kinds import Code, Draft, ShortCode, optional
from consortium.errors import Fault, InputError


class StudyKind(StrEnum):
    """What is asked: every rule; one member leaves, joins, is late, ships less; all joinings; prices and volumes."""

    METHODS = "methods"
    LEAVES = "leaves"
    JOINS = "joins"
    DELAYS = "delays"
    SHIPS_LESS = "ships_less"
    JOININGS = "joinings"
    SENSITIVITY = "sensitivity"


ABOUT_ONE_MEMBER = frozenset({StudyKind.LEAVES, StudyKind.JOINS, StudyKind.DELAYS, StudyKind.SHIPS_LESS})
"""Questions that name one member."""

OWN_QUESTIONS = frozenset({StudyKind.LEAVES, StudyKind.DELAYS, StudyKind.SHIPS_LESS})
"""Questions that a member may ask about itself."""

MOST_SUBJECTS = 20
"""Charges and members that one study of sensitivity may move: each is planned twice."""


class StudyDraft(Draft):
    """A question about the shares of the plan in force.

    Parameters
    ----------
    member
        Code of the member that leaves, joins, is late or ships less.
    days
        Days that its goods are ready later, 1 to 120.
    percent
        How much less it ships, or by how much prices and volumes move, 1 to 90.
    charges, members
        Codes of charges and of members whose volume moves.
    """

    kind: StudyKind
    member: Annotated[ShortCode | None, BeforeValidator(optional)] = None
    days: Annotated[int, Field(strict=True, ge=1, le=120)] = 7
    percent: Annotated[int, Field(strict=True, ge=1, le=90)] = 10
    charges: tuple[Code, ...] = ()
    members: tuple[ShortCode, ...] = ()

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if found := list(self._faults()):
            raise InputError(found)
        return self

    def _faults(self) -> Iterator[Fault]:
        if self.kind in ABOUT_ONE_MEMBER and self.member is None:
            yield Fault("member", "missing", "a firm of the consortium", "nothing")
        if self.kind is StudyKind.SENSITIVITY:
            subjects = len(self.charges) + len(self.members)
            if not subjects:
                yield Fault("charges", "missing", "a charge or a member", "nothing")
            elif subjects > MOST_SUBJECTS:
                yield Fault("charges", "too_long", f"at most {MOST_SUBJECTS} charges and members", str(subjects))
        for name in ("charges", "members"):
            given = getattr(self, name)
            if len(set(given)) < len(given):
                yield Fault(name, "duplicate", "each only once", repr(given))
