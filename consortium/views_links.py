"""What a manager sees of the links to load plans."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class LinkState(StrEnum):
    """Whether a link opens."""

    OPEN = "open"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedLinkView:
    """A link to load plans, without its token.

    Parameters
    ----------
    container
        Id of the container in its plan; empty: all containers.
    firms
        ``names`` or ``letters``.
    is_in_force
        False when the plan that it shows has been replaced.
    """

    id: int
    container: str
    firms: str
    language: str
    made_by: str
    created_at: datetime
    expires_at: datetime
    state: LinkState
    is_in_force: bool
    openings: int
    last_opened_at: datetime | None
