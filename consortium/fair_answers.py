"""From a question about fairs to its answer as a document: every kind calls its rule and writes what it found."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from consortium.errors import InputError, InputFault
from consortium.formats.fair_answer_json import ANSWER_FORMAT, ANSWERS_FORMAT
from consortium.formats.fair_json import FairQuestion
from consortium.formats.game_json import EXACT, GameDocument, game_of
from consortium.formats.kinds import child
from optimizer.allocation.shapley import shapley
from optimizer.apportion import round_to_minor
from optimizer.fairs import contracts, cost_sharing
from optimizer.fairs.equal_shares import Choice, equal_shares
from optimizer.fairs.participation import by_levels, by_weights, participation
from optimizer.fairs.public_money import AidRule, Claim, aid_of, headroom
from optimizer.fairs.settling import settle
from optimizer.fairs.voting import most_votes, phragmen, supporters

Values = Mapping[str, Any]
Exact = Fraction | int


@dataclass(frozen=True, slots=True, kw_only=True)
class Undefined:
    """A question that has no answer, and the stable code of the reason."""

    reason: str


def answer_fair_question(question: FairQuestion, *, tie_key: str = "") -> dict[str, Any]:
    """Return the document ``consortium/fair-answer@1`` of a question.

    Parameters
    ----------
    tie_key
        Rotates whose turn it is to take an odd minor unit where remainders are equal.

    Raises
    ------
    InputError
        When the numbers contradict each other in a way that only shows while they are worked out.
    """
    found = _ANSWERS[question.record](question.values, tie_key)
    head = {"format": ANSWER_FORMAT, "kind": question.kind}
    if isinstance(found, Undefined):
        return {**head, "status": "undefined", "reason": found.reason}
    answer, status = found if isinstance(found, tuple) else (found, "exact")
    return {**head, "status": status, "answer": answer}


def several(answers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the document of several answers, in their order."""
    return {"format": ANSWERS_FORMAT, "answers": list(answers)}


Found = dict[str, Any] | tuple[dict[str, Any], str] | Undefined


def _text(amounts: Mapping[str, Exact]) -> dict[str, str]:
    return {name: str(Fraction(amount)) for name, amount in amounts.items()}


def _both(key: str, amounts: Mapping[str, Exact], tie_key: str) -> dict[str, Any]:
    """Return amounts exactly, and in whole minor units beside them."""
    return {key: _text(amounts), f"{key}_minor": round_to_minor(amounts, tie_key=tie_key)}


def _scores(values: Values) -> dict[str, dict[str, int]]:
    """Return project -> members who support it -> score > 0, the members in the order of the endowments."""
    given = values.get("scores")
    if given is None:
        given = {member: dict.fromkeys(approved, 1) for member, approved in values["approvals"].items()}
    return {
        project: {
            member: given[member][project] for member in values["endowments"] if given.get(member, {}).get(project)
        }
        for project in values["projects"]
    }


def _equal_shares(values: Values, tie_key: str) -> Found:
    costs, weights, utility = values["projects"], values.get("weights", {}), values["utility"]
    net = {project: cost - values.get("tied_co_financing", {}).get(project, 0) for project, cost in costs.items()}

    def worth(project: str, member: str, score: int) -> Exact:
        if utility == "cardinality":
            return 1
        if utility == "score":
            return score
        if utility == "cost":
            return score * int(costs[project])
        return score * max(0, int(net[project])) * Fraction(weights.get(member, 1))

    utilities = {
        project: {member: worth(project, member, score) for member, score in scores.items()}
        for project, scores in _scores(values).items()
    }
    return _choice(equal_shares(net, values["endowments"], utilities), tie_key)


def _own_money(values: Values, tie_key: str) -> Found:
    stated = values["willingness_to_pay"]
    utilities = {
        project: {
            member: stated[member][project] for member in values["annual_caps"] if _states(stated, member, project)
        }
        for project in values["projects"]
    }
    return _choice(equal_shares(values["projects"], values["annual_caps"], utilities, highest_rho=1), tie_key)


def _states(stated: Mapping[str, Mapping[str, int]], member: str, project: str) -> bool:
    return bool(stated.get(member, {}).get(project))


def _choice(choice: Choice, tie_key: str) -> dict[str, Any]:
    return {
        "selected": list(choice.selected),
        "rounds": [
            {"project": one.project, "rho": str(one.rho), **_both("payments", one.payments, tie_key)}
            for one in choice.purchases
        ],
        "left": _text(choice.left),
        "rejected": {project: {"missing": str(Fraction(amount))} for project, amount in choice.missing.items()},
    }


def _phragmen(values: Values, _tie_key: str) -> Found:
    found = phragmen(values["projects"], values["budget"], values["approvals"])
    return {
        "selected": [project for project, _ in found.purchases],
        "rounds": [{"project": project, "time": str(time)} for project, time in found.purchases],
        "spent": found.spent_minor,
        "loads": _text(found.loads),
    }


def _most_votes(values: Values, _tie_key: str) -> Found:
    selected, spent = most_votes(values["projects"], values["budget"], values["approvals"])
    votes = {project: len(members) for project, members in supporters(values["projects"], values["approvals"]).items()}
    return {"selected": selected, "votes": votes, "spent": spent}


def _participation(values: Values, tie_key: str) -> Found:
    if "levels" in values:
        share_out = by_levels(values["levels"])
    else:
        weights = dict.fromkeys(values["bids"], Fraction(1)) | values.get("weights", {})
        share_out = by_weights(values["common_cost"], values.get("own_costs", {}), weights)
    found = participation(values["bids"], share_out, minimum_group=values.get("minimum_group", 1))
    return {
        "participants": list(found.shares),
        **_both("shares", found.shares, tie_key),
        "rounds": [{"shares": _text(one.shares), "dropped": list(one.dropped)} for one in found.rounds],
    }


def _shared(shares: Mapping[str, Exact] | None, tie_key: str, **more: Any) -> Found:
    if shares is None:
        return Undefined(reason="no_weights")
    total = sum(shares.values(), start=Fraction(0))
    return {**_both("shares", shares, tie_key), "total": str(total), **more}


def _per_head(values: Values, tie_key: str) -> Found:
    weights: dict[str, Exact] = dict.fromkeys(values["members"], 1)
    return _shared(cost_sharing.in_proportion(values["common_cost"], weights), tie_key)


def _area(values: Values, tie_key: str) -> Found:
    return _shared(cost_sharing.in_proportion(values["common_cost"], values["areas"]), tie_key)


def _airport(values: Values, tie_key: str) -> Found:
    return _shared(cost_sharing.airport(values["levels"]), tie_key)


def _serial(values: Values, tie_key: str) -> Found:
    function = values["cost_function"]
    if "coefficients" in function:
        cost = cost_sharing.polynomial_cost(function["coefficients"])
    else:
        cost = cost_sharing.block_cost((one["from"], one["unit_price"]) for one in function["blocks"])
    return _shared(cost_sharing.serial(values["demands"], cost), tie_key)


def _players(costs: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.strip() for key in costs for name in key.split(",")))


def _shapley(values: Values, tie_key: str) -> Found:
    game = GameDocument(kind="cost", players=_players(values["costs"]), coalitions=values["costs"])
    try:
        found = shapley(game_of(game))
    except InputError as error:
        raise InputError(_moved(error.faults)) from error
    return _shared(found.shares, tie_key)


def _moved(faults: Iterable[InputFault]) -> list[InputFault]:
    """Return faults of a game where the question has them: its coalitions are the costs here."""
    return [replace(one, path=one.path.replace("coalitions", "input.costs", 1)) for one in faults]


def _scrb(values: Values, tie_key: str) -> Found:
    costs = {frozenset(name.strip() for name in key.split(",")): cost for key, cost in values["costs"].items()}
    players = _players(values["costs"])
    everybody = frozenset(players)
    wanted = [everybody, *(frozenset([one]) for one in players), *(everybody - {one} for one in players)]
    missing = [
        InputFault(
            child("input.costs", ",".join(one for one in players if one in group)), "missing", EXACT.expected, "nothing"
        )
        for group in dict.fromkeys(wanted)
        if group and group not in costs
    ]
    if missing:
        raise InputError(missing)
    costs.setdefault(frozenset(), Fraction(0))
    separable = {one: costs[everybody] - costs[everybody - {one}] for one in players}
    alone = {one: costs[frozenset([one])] for one in players}
    return _by_benefits(costs[everybody], alone, separable, tie_key)


def _scrb_separable(values: Values, tie_key: str) -> Found:
    return _by_benefits(values["total"], values["alone"], values["separable"], tie_key)


def _by_benefits(total: Exact, alone: Mapping[str, Exact], separable: Mapping[str, Exact], tie_key: str) -> Found:
    shares = cost_sharing.remaining_benefits(total, alone, separable)
    return _shared(shares, tie_key, separable=_text(separable))


def _overhead(values: Values, tie_key: str) -> Found:
    cap = values.get("cap_per_member")
    shares = cost_sharing.overhead(values["total"], values["equal_part"], values["driver"], cap)
    if shares is None:
        return Undefined(reason="no_weights" if not any(values["driver"].values()) else "caps_too_low")
    capped = [member for member, share in shares.items() if share == cap]
    return {**_both("shares", shares, tie_key), "capped": capped}


def _apportion(values: Values, tie_key: str) -> Found:
    quotas = cost_sharing.in_proportion(values["total"], values["weights"])
    if quotas is None:
        return Undefined(reason="no_weights")
    return {"quotas": _text(quotas), "shares_minor": round_to_minor(quotas, tie_key=tie_key)}


def _settle(values: Values, _tie_key: str) -> Found:
    found = settle(values["balances"])
    transfers = [{"from": one.payer, "to": one.payee, "amount": one.amount_minor} for one in found.transfers]
    return {"transfers": transfers}, "exact" if found.fewest else "heuristic"


def _co_financing(values: Values, _tie_key: str) -> Found:
    given = {"cap_minor" if key == "cap" else key: value for key, value in values["rule"].items()}
    rule = AidRule(**given)
    claims = []
    for claim in values["claims"]:
        stated = {"eligible_cost_minor" if key == "eligible_cost" else key: value for key, value in claim.items()}
        found = aid_of(rule, Claim(**stated))
        claims.append(
            {
                "aid": found.aid_minor,
                "handling_fee": found.handling_fee_minor,
                "net_benefit": found.net_benefit_minor,
                "bound_by": list(found.bound_by),
            }
        )
    return {"claims": claims}


def _de_minimis(values: Values, _tie_key: str) -> Found:
    granted = [(one["date"], one["amount"]) for one in values["granted"]]
    requests = []
    for request in values["requests"]:
        found = headroom(values["ceiling"], values["years"], granted, request["date"])
        requests.append(
            {
                "window_from": found.window_from.isoformat(),
                "headroom": found.headroom_minor,
                "allowed": request["amount"] <= found.headroom_minor,
            }
        )
    return {"requests": requests}


def _budget_control(values: Values, _tie_key: str) -> Found:
    stages = contracts.Stages(budget_minor=values["budget"])
    after = []
    for index, event in enumerate(values["events"]):
        try:
            stages = contracts.after_event(stages, event)
        except contracts.StageError as error:
            path, most = f"input.events[{index}].{error.key}", max(0, error.held_minor)
            fault = InputFault(path, "out_of_range", f"at most {most}, what the stage holds", str(error.amount_minor))
            raise InputError([fault]) from error
        after.append(
            {
                "requested": stages.requested_minor,
                "ordered": stages.ordered_minor,
                "actual": stages.actual_minor,
                "available": stages.available_minor,
                "allowed": stages.available_minor >= 0,
            }
        )
    return {"after_each": after}


def _exchange_entry(values: Values, _tie_key: str) -> Found:
    total = sum(line["base_amount"] for line in values["lines"])
    return {"balanced": total == 0, "base_total": total}


def _exchange_variance(values: Values, _tie_key: str) -> Found:
    found = contracts.exchange_variance(
        values["budget_foreign"], values["budget_rate"], values["actual_foreign"], values["actual_rate"]
    )
    return {
        "budget_base": found.budget_base_minor,
        "actual_base": found.actual_base_minor,
        "variance": found.variance_minor,
        "price_part": found.price_part_minor,
        "rate_part": found.rate_part_minor,
    }


def _cancellation(values: Values, _tie_key: str) -> Found:
    found = contracts.cancelled(
        values["contract"], values["instalments"], values["penalty"], values["paid_instalments"]
    )
    return {
        "instalments": list(found.instalments_minor),
        "penalty": found.penalty_minor,
        "refund": found.refund_minor,
        "still_due": found.still_due_minor,
    }


def _cancellation_scale(values: Values, _tie_key: str) -> Found:
    scale = [(row["minimum_days"], row["rate"]) for row in values["scale"]]
    return {"fees": [contracts.cancellation_fee(values["contract"], scale, days) for days in values["days_before"]]}


def _deposit(values: Values, _tie_key: str) -> Found:
    found = contracts.with_deposit(
        values["fee"],
        values["deposit"],
        values.get("late_surcharge", Fraction(0)),
        late=values["late"],
        report_delivered=values["report_delivered"],
    )
    return {"due": found.due_minor, "income": found.income_minor, "refund": found.refund_minor}


def _withdrawal(values: Values, _tie_key: str) -> Found:
    leaver, weights, common = values["withdraws"], values["weights"], values["common_cost"]
    if common and not any(weights.values()):
        return Undefined(reason="no_weights")
    caused, replaced = values.get("caused_cost", 0), values["replaced"]
    return {
        "owed": contracts.owed_on_withdrawal(common, weights, leaver, caused, replaced=replaced),
        "avoided": values.get("own_costs", {}).get(leaver, 0),
        "others_change": {member: 0 for member in weights if member != leaver},
    }


_ANSWERS: dict[str, Callable[[Values, str], Found]] = {
    "equal_shares": _equal_shares,
    "equal_shares_own_money": _own_money,
    "phragmen": _phragmen,
    "most_votes": _most_votes,
    "participation": _participation,
    "participation/levels": _participation,
    "share_stand/per_head": _per_head,
    "share_stand/area": _area,
    "share_stand/airport": _airport,
    "share_stand/serial": _serial,
    "share_stand/shapley": _shapley,
    "share_stand/scrb": _scrb,
    "share_stand/scrb/separable": _scrb_separable,
    "overhead": _overhead,
    "apportion": _apportion,
    "settle": _settle,
    "co_financing": _co_financing,
    "de_minimis": _de_minimis,
    "budget_control": _budget_control,
    "exchange_entry": _exchange_entry,
    "exchange_variance": _exchange_variance,
    "cancellation": _cancellation,
    "cancellation/scale": _cancellation_scale,
    "deposit": _deposit,
    "withdrawal": _withdrawal,
}
"""Name of a record of questions -> what answers it."""
