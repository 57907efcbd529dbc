"""Who may see and do what: one table, pure functions, no database.

Every service and every query asks here with the acting user. An action on a member's own things is
written ``own``: a member has it for its own firm only; a manager for every firm of the consortium.
"""

from dataclasses import dataclass
from enum import StrEnum

from consortium.models.access import Role


class Action(StrEnum):
    """Everything that somebody may be allowed to do in a consortium."""

    SEE_CONSORTIUM = "see_consortium"
    SEE_MEMBERS = "see_members"
    MANAGE_MEMBERS = "manage_members"
    SEE_ORDERS = "see_orders"
    SEE_OWN_ORDERS = "see_own_orders"
    ENTER_ORDERS = "enter_orders"
    SEE_DEPARTURES = "see_departures"
    SEE_TARIFFS = "see_tariffs"
    MANAGE_TARIFFS = "manage_tariffs"
    SEE_SHIPMENTS = "see_shipments"
    MANAGE_SHIPMENTS = "manage_shipments"
    SEE_PLANS = "see_plans"
    SEE_COST_SHARES = "see_cost_shares"
    SEE_OWN_COST_SHARE = "see_own_cost_share"
    SEE_RULES = "see_rules"
    MANAGE_RULES = "manage_rules"
    SEE_AGGREGATES = "see_aggregates"
    SEE_AUDIT_TRAIL = "see_audit_trail"
    SEE_OWN_STATEMENT = "see_own_statement"
    SEE_BOOKS = "see_books"
    KEEP_BOOKS = "keep_books"


_A = Action
ALLOWED: dict[Role, frozenset[Action]] = {
    Role.MANAGER: frozenset(_A) - {_A.SEE_AUDIT_TRAIL},
    Role.MEMBER: frozenset(
        {
            _A.SEE_CONSORTIUM,
            _A.SEE_OWN_ORDERS,
            _A.ENTER_ORDERS,
            _A.SEE_DEPARTURES,
            _A.SEE_SHIPMENTS,
            _A.SEE_OWN_COST_SHARE,
            _A.SEE_RULES,
            _A.SEE_OWN_STATEMENT,
        }
    ),
    Role.AGENCY: frozenset({_A.SEE_CONSORTIUM, _A.SEE_AGGREGATES}),
    Role.AUDITOR: frozenset(
        {
            _A.SEE_CONSORTIUM,
            _A.SEE_MEMBERS,
            _A.SEE_ORDERS,
            _A.SEE_OWN_ORDERS,
            _A.SEE_DEPARTURES,
            _A.SEE_TARIFFS,
            _A.SEE_SHIPMENTS,
            _A.SEE_PLANS,
            _A.SEE_COST_SHARES,
            _A.SEE_OWN_COST_SHARE,
            _A.SEE_RULES,
            _A.SEE_AGGREGATES,
            _A.SEE_AUDIT_TRAIL,
            _A.SEE_OWN_STATEMENT,
            _A.SEE_BOOKS,
        }
    ),
}
"""The table: role -> what it may do in its own consortium. Nobody may do anything in another's."""

OWN_ONLY = frozenset({Action.SEE_OWN_ORDERS, Action.ENTER_ORDERS, Action.SEE_OWN_COST_SHARE, Action.SEE_OWN_STATEMENT})
"""Actions that a member may do for its own firm only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A role in a consortium; `member_id` is the firm that a member acts for."""

    consortium_id: int
    role: Role
    member_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The acting user as every service and query receives it."""

    user_id: int
    username: str
    display_name: str = ""
    language: str = "es"
    is_administrator: bool = False
    grants: tuple[Grant, ...] = ()

    def roles_in(self, consortium_id: int) -> frozenset[Role]:
        """Return this user's roles in a consortium."""
        return frozenset(grant.role for grant in self.grants if grant.consortium_id == consortium_id)

    def member_in(self, consortium_id: int) -> int | None:
        """Return the firm that this user acts for as a member of a consortium, if any."""
        for grant in self.grants:
            if grant.consortium_id == consortium_id and grant.role is Role.MEMBER:
                return grant.member_id
        return None


def may(actor: Actor, action: Action, consortium_id: int, member_id: int | None = None) -> bool:
    """Say whether the actor may do something in a consortium, for a firm where the action is about one.

    The administrator of the installation manages users and consortia (see `may_administer`), and has no
    view of any consortium's trade.
    """
    for grant in actor.grants:
        if grant.consortium_id != consortium_id or action not in ALLOWED[grant.role]:
            continue
        if grant.role is not Role.MEMBER or action not in OWN_ONLY:
            return True
        if member_id is not None and member_id == grant.member_id:
            return True
    return False


def may_administer(actor: Actor) -> bool:
    """Say whether the actor may manage users and create consortia."""
    return actor.is_administrator


class ForbiddenError(PermissionError):
    """The actor may not do this; says what, never why another could."""

    def __init__(self, action: str) -> None:
        self.action = action
        super().__init__(f"not allowed: {action}")


def authorise(actor: Actor, action: Action, consortium_id: int, member_id: int | None = None) -> None:
    """Raise `ForbiddenError` unless the actor may do this."""
    if not may(actor, action, consortium_id, member_id):
        raise ForbiddenError(action.value)


def authorise_administration(actor: Actor) -> None:
    """Raise `ForbiddenError` unless the actor administers the installation."""
    if not may_administer(actor):
        raise ForbiddenError("administer")
