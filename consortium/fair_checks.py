"""Judge of answers about fairs, as their document holds them: additions and comparisons, none of the rules' code."""

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from consortium.formats.fair_json import FairQuestion
from optimizer.result import Violation

Values = Mapping[str, Any]
Amounts = Mapping[str, Fraction]


def check_fair_answer(question: FairQuestion, document: Mapping[str, Any]) -> tuple[Violation, ...]:
    """List everything in which an answer contradicts its question or itself."""
    answer = document.get("answer")
    if answer is None:
        return ()
    judge = _JUDGES.get(question.kind, _nothing)
    return (*_minor(answer, "answer"), *judge(question.values, answer))


def _broken(rule: str, subject: str, claimed: object, found: object) -> Violation:
    return Violation(rule=rule, subject=subject, claimed=str(claimed), found=str(found))


def _nothing(_values: Values, _answer: Values) -> Iterator[Violation]:
    yield from ()


def _exact(amounts: Mapping[str, str]) -> dict[str, Fraction]:
    return {name: Fraction(amount) for name, amount in amounts.items()}


def _total(amounts: Mapping[str, Fraction | int]) -> Fraction:
    return Fraction(sum(amounts.values()))


def _minor(found: Any, path: str) -> Iterator[Violation]:
    """Compare amounts in whole minor units with the exact ones beside them, wherever both stand."""
    if isinstance(found, list):
        for index, one in enumerate(found):
            yield from _minor(one, f"{path}[{index}]")
    if not isinstance(found, dict):
        return
    for key, value in found.items():
        yield from _minor(value, f"{path}.{key}")
        exact = found.get("quotas" if key == "shares_minor" and "shares" not in found else key.removesuffix("_minor"))
        if key.endswith("_minor") and isinstance(exact, dict):
            yield from _rounded(_exact(exact), value, f"{path}.{key}")


def _rounded(exact: Amounts, minor: Mapping[str, int], path: str) -> Iterator[Violation]:
    if set(exact) != set(minor):
        yield _broken("fair_members", path, ", ".join(minor), ", ".join(exact))
        return
    if abs(_total(exact) - sum(minor.values())) > Fraction(1, 2):
        yield _broken("fair_sum", path, sum(minor.values()), _total(exact))
    for member, amount in minor.items():
        if abs(exact[member] - amount) >= 1:
            yield _broken("fair_rounding", f"{path}.{member}", amount, exact[member])


def _pot(values: Values) -> tuple[dict[str, int], dict[str, Fraction], dict[str, dict[str, Fraction]], bool]:
    """Return net costs, endowments, utilities by project and supporter, and whether these are limits too."""
    costs = values["projects"]
    if "annual_caps" in values:
        stated = values["willingness_to_pay"]
        utilities = {
            project: {member: Fraction(worth[project]) for member, worth in stated.items() if worth.get(project)}
            for project in costs
        }
        return dict(costs), dict(values["annual_caps"]), utilities, True
    aid = values.get("tied_co_financing", {})
    net = {project: cost - aid.get(project, 0) for project, cost in costs.items()}
    scores = values.get("scores") or {m: dict.fromkeys(chosen, 1) for m, chosen in values["approvals"].items()}
    utilities = {
        project: {
            member: _utility(values, net[project], project, member, given[project])
            for member, given in scores.items()
            if given.get(project)
        }
        for project in costs
    }
    return net, dict(values["endowments"]), utilities, False


def _utility(values: Values, net_cost: int, project: str, member: str, score: int) -> Fraction:
    match values["utility"]:
        case "cost":
            return Fraction(score * values["projects"][project])
        case "cardinality":
            return Fraction(1)
        case "score":
            return Fraction(score)
        case _:
            return score * max(0, net_cost) * Fraction(values.get("weights", {}).get(member, 1))


def _equal_shares(values: Values, answer: Values) -> Iterator[Violation]:
    """Replay the purchases: each is paid at one price per utility, and no open project was cheaper."""
    net, left, utilities, limited = _pot(values)
    waiting = dict(utilities)
    for one in answer["rounds"]:
        project, rho, payments = one["project"], Fraction(one["rho"]), _exact(one["payments"])
        worth = waiting.pop(project, {})
        for member in sorted({*worth, *payments}):
            due = min(left[member], rho * worth.get(member, Fraction(0))) if net[project] > 0 else Fraction(0)
            if payments.get(member, Fraction(0)) != due:
                yield _broken("fair_payment", f"{project}.{member}", payments.get(member, 0), due)
        if not worth or _total(payments) != max(0, net[project]):
            yield _broken("fair_sum", project, _total(payments), max(0, net[project]))
        for other, also in waiting.items():
            if also and _cheaper(net[other], left, also, rho):
                yield _broken("fair_order", project, rho, other)
        left = {member: amount - payments.get(member, Fraction(0)) for member, amount in left.items()}
    if left != _exact(answer["left"]) or any(amount < 0 for amount in left.values()):
        yield _broken("fair_left", "left", answer["left"], {member: str(amount) for member, amount in left.items()})
    if list(answer["selected"]) != [one["project"] for one in answer["rounds"]] or set(answer["rejected"]) != set(
        waiting
    ):
        yield _broken("fair_members", "selected", ", ".join(answer["selected"]), ", ".join(answer["rejected"]))
        return
    for project, worth in waiting.items():
        reach = sum((min(left[m], w) if limited else left[m] for m, w in worth.items()), start=Fraction(0))
        missing = Fraction(answer["rejected"][project]["missing"])
        if missing != net[project] - reach or (worth and missing <= 0):
            yield _broken("fair_missing", project, missing, net[project] - reach)


def _cheaper(cost: int, left: Amounts, worth: Amounts, rho: Fraction) -> bool:
    """Say whether the supporters of a project could pay for it at less than a price per utility."""
    if cost <= 0:
        return rho > 0
    paid = sum((min(left[member], rho * one) for member, one in worth.items()), start=Fraction(0))
    return paid > cost or (paid == cost and all(left[member] < rho * one for member, one in worth.items()))


def _participation(values: Values, answer: Values) -> Iterator[Violation]:
    """Replay the rounds: each sums to its cost, just those leave who bid less, and shares follow the weights."""
    bids, inside = values["bids"], list(values["bids"])
    for index, one in enumerate(answer["rounds"]):
        shares, path = _exact(one["shares"]), f"rounds[{index}]"
        if set(shares) != set(inside):
            yield _broken("fair_members", path, ", ".join(shares), ", ".join(inside))
            return
        yield from _carried(values, shares, path)
        leaving = [member for member in inside if bids[member] < shares[member]]
        if sorted(one["dropped"]) != sorted(leaving):
            yield _broken("fair_dropped", path, ", ".join(one["dropped"]), ", ".join(leaving))
        inside = [member for member in inside if member not in leaving]
    held = inside if len(inside) >= values.get("minimum_group", 1) else []
    if set(answer["participants"]) != set(held) or set(answer["shares"]) != set(held):
        yield _broken("fair_members", "participants", ", ".join(answer["participants"]), ", ".join(held))
    elif held and answer["shares"] != answer["rounds"][-1]["shares"]:
        yield _broken("fair_sum", "shares", answer["shares"], answer["rounds"][-1]["shares"])


def _carried(values: Values, shares: Amounts, path: str) -> Iterator[Violation]:
    if "levels" in values:
        highest = max(values["levels"][member] for member in shares)
        if _total(shares) != highest:
            yield _broken("fair_sum", path, _total(shares), highest)
        return
    own, weights = values.get("own_costs", {}), values.get("weights", {})
    common = {member: share - own.get(member, 0) for member, share in shares.items()}
    if _total(common) != values["common_cost"]:
        yield _broken("fair_sum", path, _total(common), values["common_cost"])
    first = next(iter(common))
    for member, part in common.items():
        if part * weights.get(first, 1) != common[first] * weights.get(member, 1):
            yield _broken("fair_weights", f"{path}.{member}", part, common[first])


def _settle(values: Values, answer: Values) -> Iterator[Violation]:
    left = dict(values["balances"])
    payers = {one["from"] for one in answer["transfers"]}
    payees = {one["to"] for one in answer["transfers"]}
    for one in answer["transfers"]:
        if one["amount"] <= 0:
            yield _broken("fair_transfer", one["from"], one["amount"], "> 0")
        left[one["from"]] += one["amount"]
        left[one["to"]] -= one["amount"]
    open_members = [member for member, balance in left.items() if balance]
    if open_members:
        yield _broken("fair_sum", "transfers", "0", ", ".join(open_members))
    if payers & payees:
        yield _broken("fair_transfer", "transfers", ", ".join(sorted(payers & payees)), "payer or payee")
    most = max(0, sum(balance != 0 for balance in values["balances"].values()) - 1)
    if len(answer["transfers"]) > most:
        yield _broken("fair_transfer", "transfers", len(answer["transfers"]), most)


def _stand(_values: Values, answer: Values) -> Iterator[Violation]:
    if _total(_exact(answer["shares"])) != Fraction(answer["total"]):
        yield _broken("fair_sum", "shares", answer["total"], _total(_exact(answer["shares"])))


def _overhead(values: Values, answer: Values) -> Iterator[Violation]:
    shares, cap = _exact(answer["shares"]), values.get("cap_per_member")
    if _total(shares) != values["total"]:
        yield _broken("fair_sum", "shares", _total(shares), values["total"])
    for member, share in shares.items():
        if cap is not None and (share > cap or (share == cap) != (member in answer["capped"])):
            yield _broken("fair_cap", member, share, cap)


def _apportion(values: Values, answer: Values) -> Iterator[Violation]:
    if sum(answer["shares_minor"].values()) != values["total"]:
        yield _broken("fair_sum", "shares_minor", sum(answer["shares_minor"].values()), values["total"])


_JUDGES: dict[str, Callable[[Values, Values], Iterator[Violation]]] = {
    "equal_shares": _equal_shares,
    "equal_shares_own_money": _equal_shares,
    "participation": _participation,
    "settle": _settle,
    "share_stand": _stand,
    "overhead": _overhead,
    "apportion": _apportion,
}
"""Kinds whose answer is more than one sum."""
