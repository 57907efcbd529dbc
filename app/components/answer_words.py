"""Answers about a plan in plain words: why not, what would help, what a wish is worth."""

from collections.abc import Iterable, Sequence

from app.formats import day, mass, money, volume
from app.labels import CARGO_CLASSES, MODES, capital, word
from app.texts import _, mark, plural
from consortium.views_answers import (
    CureView,
    FillerView,
    LegView,
    MemberDaysView,
    OwnWishView,
    WhyNotView,
    WishPriceView,
    WishView,
)

WISHES = {
    "fewest_departures": mark("Fewest departures"),
    "waiting_at_most": mark("Nobody waits more than {days}"),
    "no_splits": mark("No order divided"),
    "only_lcl": mark("Everything as LCL"),
    "no_lcl": mark("Nothing as LCL"),
    "fewest_containers": mark("Fewest containers and loose lots"),
    "one_container_type": mark("Only containers of type {type}"),
}
"""What another plan was asked for."""

CHANGES = {
    "due_later": mark("Buyers accept the goods {days} later"),
    "due_earlier": mark("Buyers want the goods {days} earlier"),
    "ready_earlier": mark("All goods are ready {days} earlier"),
    "ready_later": mark("All goods are ready {days} later"),
    "more_containers": mark("One container {type} more on {date}"),
    "more_departures": mark("One more departure, on {date}"),
}
"""What would be different on a lane."""

OWN_CHANGES = {
    "leave_first": mark("Leave on the first departure"),
    "due_later": mark("Be accepted {days} later"),
    "ready_earlier": mark("Be ready {days} earlier"),
}
"""What one order wishes."""

NO_CURE = {
    "incompatible_classes": mark("Only a container without such goods would do."),
    "cargo_class": mark("Only another type of container would do."),
    "package_size": mark("Only smaller packages would do."),
    "volume": mark("Nothing short of leaving most of it behind."),
    "mass": mark("Nothing short of leaving most of it behind."),
}
"""What is said of a limit that no change of dates or size cures."""


def days_words(number: int) -> str:
    """Return a number of days in words."""
    return plural("{number} day", "{number} days", number)


def leg_words(legs: Iterable[LegView]) -> str:
    """Say how an order travels."""
    said = [
        f"{leg.container_type or word(MODES, leg.mode)}, {day(leg.departs)}" if leg.mode == "fcl" else _loose(leg)
        for leg in legs
    ]
    return "; ".join(dict.fromkeys(said)) or _("does not travel")


def _loose(leg: LegView) -> str:
    mode = _("LCL") if leg.mode == "lcl" else _("post")
    return f"{mode}, {day(leg.departs)}"


def change_words(change_minor: int, currency: str) -> str:
    """Say what a change of the plan's cost means."""
    if change_minor < 0:
        return _("the shipment costs {amount} less", amount=money(-change_minor, currency))
    if change_minor > 0:
        return _("the shipment costs {amount} more", amount=money(change_minor, currency))
    return _("the shipment costs the same")


def why_words(one: WhyNotView, currency: str) -> str:
    """Say what keeps an order out of a shared container."""
    if one.reason == "cost":
        return _cost_words(one, currency)
    if one.reason == "no_container_with_goods_of_others":
        return _("No container on this lane carries goods of other members.")
    if one.reason == "cut_off":
        return _("Ready {days} too late for the container of {date}.", days=days_words(one.days), date=day(one.departs))
    if one.reason == "due_date":
        return _(
            "The container of {date} arrives {days} after its due date.",
            days=days_words(one.days),
            date=day(one.departs),
        )
    return _goods_words(one)


def _goods_words(one: WhyNotView) -> str:
    names = ", ".join(one.names)
    classes = ", ".join(word(CARGO_CLASSES, name) for name in one.names)
    if one.reason == "cargo_class":
        return _("The container cannot take this class of cargo: {classes}.", classes=classes)
    if one.reason == "contained_in":
        return _("The order allows only containers of type {types}.", types=names)
    if one.reason == "incompatible_classes":
        if not classes:
            return _("It may not travel with the goods inside.")
        return _("It may not travel with the goods inside: {classes}.", classes=classes)
    if one.reason == "package_size":
        return _("Packages do not pass the door: {names}.", names=names)
    if one.reason == "container_limits":
        return _("The departure of {date} has no larger container left.", date=day(one.departs))
    lacks = mass(one.mass_g) if one.reason == "mass" else volume(one.volume_cm3)
    if one.mass_g is None or one.volume_cm3 is None:
        return _("The container of {date} is too full.", date=day(one.departs))
    return _("The container of {date} is too full: {lacks} are missing.", date=day(one.departs), lacks=lacks)


def _cost_words(one: WhyNotView, currency: str) -> str:
    change_minor = one.change_minor or 0
    if change_minor < 0 and not one.is_new:
        return _(
            "There is room in the container of {date}: planning again with more time may use it.", date=day(one.departs)
        )
    if one.is_new:
        said = _("A new container on {date}, shared with goods that travel loose", date=day(one.departs))
    else:
        said = _("There is room in the container of {date}", date=day(one.departs))
    said += ", " + _("but then {change}", change=change_words(change_minor, currency))
    parts = [f"{each.charge or _('waiting')} {_signed(each.amount_minor, currency)}" for each in one.because]
    return said + (f" ({'; '.join(parts)})." if parts else ".")


def _signed(amount_minor: int, currency: str) -> str:
    return ("+" if amount_minor > 0 else "") + money(amount_minor, currency)


def cure_words(one: WhyNotView, currency: str) -> str:
    """Say the cheapest change that would let an order in, and its price."""
    cure = one.cure
    if cure is None:
        return _(NO_CURE[one.reason]) if one.reason in NO_CURE else ""
    return capital("; ".join(_needs(cure))) + " → " + change_words(cure.change_minor, currency)


def _needs(cure: CureView) -> list[str]:
    said = []
    if cure.days_ready_earlier:
        said.append(
            _("ready by {date}, {days} earlier", date=day(cure.ready_date), days=days_words(cure.days_ready_earlier))
        )
    if cure.days_due_later:
        said.append(_("due by {date}, {days} later", date=day(cure.due_date), days=days_words(cure.days_due_later)))
    if cure.is_smaller:
        if cure.smaller_by_cm3 is None:
            said.append(_("less of it"))
        else:
            said.append(
                _("{volume} and {mass} less of it", volume=volume(cure.smaller_by_cm3), mass=mass(cure.lighter_by_g))
            )
    if cure.container_type:
        said.append(_("a container {type} in its place", type=cure.container_type))
    if cure.raised_limit:
        said.append(_("one more such container on the departure"))
    if cure.allowed_type:
        said.append(_("allowed in {type}", type=cure.allowed_type))
    return said


def wish_words(wishes: Sequence[WishView]) -> str:
    """Say what another plan was asked for; of several limits of waiting the strictest."""
    limits = [one.days for one in wishes if one.kind == "waiting_at_most" and one.days is not None]
    shown = [one for one in wishes if one.kind != "waiting_at_most" or one.days == min(limits)]
    return capital(" · ".join(_one_wish(one) for one in shown))


def _one_wish(one: WishView) -> str:
    if one.kind == "waiting_at_most" and one.days == 0:
        return _("Everything leaves on its first departure")
    known = word(WISHES, one.kind)
    return known.format(days=days_words(one.days or 0), type=one.container_type or "")


def lane_change_words(one: WishPriceView) -> str:
    """Say what would be different on a lane."""
    known = word(CHANGES, one.change)
    return known.format(days=days_words(one.days), type=one.container_type or "", date=day(one.departs))


def lane_effect_words(one: WishPriceView, currency: str) -> str:
    """Say what that would be worth."""
    if one.saving_minor is not None:
        return change_words(-one.saving_minor, currency)
    said = []
    if one.left_behind:
        said.append(_("these orders could no longer travel: {orders}", orders=", ".join(one.left_behind)))
    if one.newly_carried:
        said.append(_("these orders could travel too: {orders}", orders=", ".join(one.newly_carried)))
    return "; ".join(said)


def members_words(members: Iterable[MemberDaysView], *, changed: bool = True) -> str:
    """Say who waits longer or less and, where `changed`, who travels differently but waits as long."""
    listed = list(members)
    more = [f"{one.member_name} +{days_words(one.days_added)}" for one in listed if one.days_added > 0]
    less = [f"{one.member_name} −{days_words(-one.days_added)}" for one in listed if one.days_added < 0]
    same = [one.member_name for one in listed if not one.days_added] if changed else []
    said = []
    if more:
        said.append(_("Wait longer: {list}.", list=_names(more)))
    if less:
        said.append(_("Wait less: {list}.", list=_names(less)))
    if same:
        said.append(_("Travel differently, waiting as long: {list}.", list=_names(same)))
    return " ".join(said)


def _names(found: Iterable[str]) -> str:
    """Return a list that ends a sentence: many a firm's name has a full stop of its own."""
    return ", ".join(found).removesuffix(".")


def own_wish_words(one: OwnWishView, currency: str) -> str:
    """Say what a wish of one order would change; empty when nothing would be better than now."""
    if one.leg is None:
        return ""
    wish = word(OWN_CHANGES, one.change).format(days=days_words(one.days))
    how = leg_words([one.leg]) + (f", {_('with others')}" if one.with_others else "")
    moved = ""
    if one.days_added < 0:
        moved = ", " + _("{days} sooner than now", days=days_words(-one.days_added))
    elif one.days_added > 0:
        moved = ", " + _("{days} later than now", days=days_words(one.days_added))
    return f"{wish} ({how}{moved}): {change_words(one.change_minor, currency)}"


def filler_words(one: FillerView, currency: str) -> str:
    """Say which order could fill room left, and on what terms."""
    size = f"{volume(one.volume_cm3)}, {mass(one.mass_g)}"
    where = (
        _("in no shipment yet") if one.waits else _("travels otherwise now") if one.travels else _("stays behind now")
    )
    return f"{one.member_name} {one.order_code} ({size}; {where}): {change_words(one.change_minor, currency)}"
