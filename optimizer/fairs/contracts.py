"""The arithmetic of budgets and contracts: commitments, exchange, cancellation, deposits and withdrawal."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from optimizer.apportion import apportion
from optimizer.units import round_half_up

ENTERING = ("request", "order", "actual")
MOVING = ("request_to_order", "order_to_actual")
CANCELLING = ("cancel_request", "cancel_order")
EVENT_KEYS = (*ENTERING, *MOVING, "invoiced", *CANCELLING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages:
    """A budget line: every amount stands in exactly one stage, in minor units."""

    budget_minor: int
    requested_minor: int = 0
    ordered_minor: int = 0
    actual_minor: int = 0

    @property
    def available_minor(self) -> int:
        """What is left of the budget; negative when it is overdrawn."""
        return self.budget_minor - self.requested_minor - self.ordered_minor - self.actual_minor


class StageError(ValueError):
    """More leaves a stage than is in it."""

    def __init__(self, key: str, amount_minor: int, held_minor: int) -> None:
        super().__init__(f"{key}: expected at most {held_minor}, found {amount_minor}")
        self.key = key
        self.amount_minor = amount_minor
        self.held_minor = held_minor


def after_event(stages: Stages, event: Mapping[str, int]) -> Stages:
    """Return the stages after one event; what enters does so before anything moves or is cancelled.

    Parameters
    ----------
    event
        Keys of `EVENT_KEYS` -> amount in minor units. With `invoiced` an order is released by `order_to_actual` and
        the actual grows by `invoiced`.

    Raises
    ------
    StageError
        When more is moved or cancelled than the stage holds.
    """
    requested = stages.requested_minor + event.get("request", 0)
    moved, billed = event.get("request_to_order", 0), event.get("order_to_actual", 0)
    _within("request_to_order", moved, requested)
    _within("cancel_request", event.get("cancel_request", 0), requested - moved)
    ordered = stages.ordered_minor + event.get("order", 0) + moved
    _within("order_to_actual", billed, ordered)
    _within("cancel_order", event.get("cancel_order", 0), ordered - billed)
    return replace(
        stages,
        requested_minor=requested - moved - event.get("cancel_request", 0),
        ordered_minor=ordered - billed - event.get("cancel_order", 0),
        actual_minor=stages.actual_minor + event.get("actual", 0) + event.get("invoiced", billed),
    )


def _within(key: str, amount_minor: int, held_minor: int) -> None:
    if amount_minor > held_minor:
        raise StageError(key, amount_minor, held_minor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variance:
    """Budget against actual in base currency, in minor units: `price_part` + `rate_part` is the variance exactly."""

    budget_base_minor: int
    actual_base_minor: int
    price_part_minor: int

    @property
    def variance_minor(self) -> int:
        """What was spent beyond the budget."""
        return self.actual_base_minor - self.budget_base_minor

    @property
    def rate_part_minor(self) -> int:
        """What the rate did: the rest, so that the parts sum to the variance."""
        return self.variance_minor - self.price_part_minor


def exchange_variance(
    budget_foreign_minor: int, budget_rate: Fraction, actual_foreign_minor: int, actual_rate: Fraction
) -> Variance:
    """Split what a line in foreign money costs beyond its budget into price and rate.

    Parameters
    ----------
    budget_rate, actual_rate
        Minor units of base currency for one minor unit of foreign money.
    """
    return Variance(
        budget_base_minor=round_half_up(budget_foreign_minor * budget_rate),
        actual_base_minor=round_half_up(actual_foreign_minor * actual_rate),
        price_part_minor=round_half_up((actual_foreign_minor - budget_foreign_minor) * budget_rate),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancellation:
    """What leaving a contract costs, in minor units; of `refund` and `still_due` one at least is 0."""

    instalments_minor: tuple[int, ...]
    penalty_minor: int
    refund_minor: int
    still_due_minor: int


def cancelled(contract_minor: int, instalments: Sequence[Fraction], penalty: Fraction, paid: int) -> Cancellation:
    """Return what comes back, or is still owed, when a contract is left after some instalments.

    Parameters
    ----------
    instalments
        Parts of the contract that sum to 1.
    penalty
        Part of the contract that leaving costs.
    paid
        How many instalments were paid.
    """
    amounts = tuple(apportion(contract_minor, {str(index): one for index, one in enumerate(instalments)}).values())
    fine = round_half_up(contract_minor * penalty)
    over = sum(amounts[:paid]) - fine
    return Cancellation(
        instalments_minor=amounts, penalty_minor=fine, refund_minor=max(0, over), still_due_minor=max(0, -over)
    )


def cancellation_fee(contract_minor: int, scale: Iterable[tuple[int, Fraction]], days_before: int) -> int | None:
    """Return the fee of the row with the largest minimum of days that the days before the fair reach; None: no row."""
    rows = [(minimum_days, rate) for minimum_days, rate in scale if minimum_days <= days_before]
    return round_half_up(contract_minor * max(rows)[1]) if rows else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Participating:
    """What a firm owes for taking part, what of it is income, and what comes back; the deposit is never income."""

    due_minor: int
    income_minor: int
    refund_minor: int


def with_deposit(
    fee_minor: int, deposit_minor: int, late_surcharge: Fraction, *, late: bool, report_delivered: bool
) -> Participating:
    """Return what is due with a deposit that is given back for the report; the surcharge is on the fee alone."""
    income = fee_minor + (round_half_up(fee_minor * late_surcharge) if late else 0)
    return Participating(
        due_minor=income + deposit_minor,
        income_minor=income,
        refund_minor=deposit_minor if report_delivered else 0,
    )


def owed_on_withdrawal(
    common_minor: int, weights: Mapping[str, Fraction | int], member: str, caused_minor: int, *, replaced: bool
) -> int:
    """Return what a firm owes that leaves after it has committed itself, in minor units.

    It keeps its part of the common cost and bears what it caused; once another firm takes its place only the latter.
    Either way nobody else pays more.
    """
    return caused_minor + (0 if replaced else apportion(common_minor, weights)[member])
