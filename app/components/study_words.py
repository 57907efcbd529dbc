"""Questions about cost shares and what came of them, in sentences."""

from app.components.share_way import signed
from app.formats import money, number, percent, plain
from app.texts import _, mark
from consortium import allocation_texts, plan_texts
from consortium.views_studies import JoiningView, OutcomeView, StudyView

KINDS = {
    "leaves": mark("It leaves"),
    "joins": mark("It ships its waiting orders too"),
    "delays": mark("It is late"),
    "ships_less": mark("It ships less"),
}
MISSING = {
    "refused": mark("the goods would fit no container"),
    "judge_found_violations": mark("the plan did not pass its judge"),
}
REASONS = {**plan_texts.MISSING_SHARES, **allocation_texts.REASONS, **MISSING}


def reason_words(code: str) -> str:
    """Say why there are no shares; the code itself where nobody has words for it."""
    return _(REASONS[code]) if code in REASONS else code


def member_name(study: StudyView, code: str) -> str:
    """Return a member's name where the reader may know it."""
    return study.names.get(code) or code


def title(study: StudyView) -> str:
    """Return the question in words."""
    name = member_name(study, study.member)
    match study.kind:
        case "leaves":
            return _("What if {name} leaves?", name=name)
        case "joins":
            return _("What if {name} ships its waiting orders too?", name=name)
        case "delays":
            return _("What if the goods of {name} are ready {days} days later?", name=name, days=number(study.days))
        case "ships_less":
            return _("What if {name} ships {percent} less?", name=name, percent=percent(10 * study.percent))
        case "joinings":
            return _("Does anybody already in pay more when another joins?")
        case "sensitivity":
            return _("What if prices and volumes move by {percent}?", percent=percent(10 * study.percent))
        case _:
            return _("What would each rule charge?")


def outcome_words(after: OutcomeView) -> list[str]:
    """Say what is to be known beside the shares: why there are none, what stays behind."""
    lines = []
    if after.missing:
        lines.append(_("There are no shares then: {reason}.", reason=reason_words(after.missing)))
    if after.unplanned:
        orders = ", ".join(one.partition("/")[2] or one for one in after.unplanned)
        lines.append(_("These orders could no longer travel: {list}.", list=orders))
    return lines


def joining_words(study: StudyView, one: JoiningView) -> list[str]:
    """Say who pays more because a member joined, and whether a correction is possible."""
    name = member_name(study, one.newcomer)
    if not one.worse_off_minor:
        return [_("{name} joins: nobody already in pays more.", name=name)]
    worse = ", ".join(
        f"{member_name(study, code)} {signed(rise, study.currency)}" for code, rise in one.worse_off_minor.items()
    )
    lines = [_("{name} joins, and pay more: {list}.", name=name, list=worse)]
    gap = money(one.gap_minor, study.currency)
    if one.is_possible:
        lines.append(
            _(
                "Correction: nobody already in pays above its share before; {name} bears {gap} and pays {share}.",
                name=name,
                gap=gap,
                share=money(one.corrected_minor[one.newcomer], study.currency),
            )
        )
        return lines
    over = money(one.over_alone_minor, study.currency)
    lines.append(
        _(
            "No such correction: if {name} bore {gap}, it would pay {over} more than alone.",
            name=name,
            gap=gap,
            over=over,
        )
    )
    lines.append(
        _("Only if those who gain by it give up some of that could nobody pay more than before.")
        if one.some_way
        else _("All together cost more than apart: somebody has to pay more.")
    )
    return lines


def bullet(lines: list[str]) -> str:
    """Return sentences as a list in Markdown, typed text made harmless."""
    return "\n".join(f"- {plain(line)}" for line in lines)
