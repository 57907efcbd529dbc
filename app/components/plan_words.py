"""What a plan's proof means, why something stays behind and what would help: in plain words."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from app.components.choices import port_name
from app.formats import day, mass, money, percent_ppm, volume
from app.labels import CARGO_CLASSES, MODES, PLAN_STATUSES, VERDICTS, capital, word
from app.texts import _, current_language
from consortium import plan_texts
from consortium.texts import translate
from consortium.views_plans import CertificateView, MemberPlanView, PlanView, UnplannedView


def bound_sentence(gap_ppm: int) -> str:
    """Say what the gap between cost and bound means."""
    if gap_ppm == 0:
        return _("Proven: no plan for these orders can cost less.")
    return _("No plan can be more than {gap} cheaper than this one.", gap=percent_ppm(gap_ppm))


def proof_sentence(plan: PlanView | MemberPlanView) -> str:
    """Say what is proven of a plan's cost, and what is not."""
    if plan.gap_ppm and plan.is_cheapest_by_volume:
        return _(
            "Proven cheapest with containers filled up to their usable volume. Only a plan that packs them more "
            "tightly could cost less, by {gap} at most; none that really loads was found.",
            gap=percent_ppm(plan.gap_ppm),
        )
    return f"{word(PLAN_STATUSES, plan.status)}. {bound_sentence(plan.gap_ppm)}"


def stage_words(stage: str) -> str:
    """Say what a running job is doing."""
    known = plan_texts.STAGES.get(stage)
    return capital(_(known)) if known else _("At work")


def reason_sentence(left: UnplannedView) -> str:
    """Say why something cannot travel."""
    return capital(plan_texts.reason_sentence(left.reason, _spoken(left.detail), translate(current_language())))


def cure_sentence(left: UnplannedView, currency: str) -> str:
    """Say the cheapest single change that would let it travel, and what it would then cost alone."""
    said = capital(plan_texts.cure_sentence(_spoken(left.detail), translate(current_language())))
    if not said:
        return _("Plan again with more time.") if left.reason == "time_limit" else ""
    cost_minor = left.detail["cure"].get("cost_minor")
    if cost_minor:
        said += ". " + _("Alone it would then cost {price}.", price=money(cost_minor, currency))
    return said


def _spoken(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers behind a reason as people read them: places by name, dates and sizes in words."""
    return {
        name: _spoken(value) if isinstance(value, Mapping) else _one(name, value)
        for name, value in values.items()
        if value is not None
    }


def _one(name: str, value: Any) -> Any:
    if name in ("origin", "destination"):
        return port_name(str(value))
    if name == "cargo_class":
        return word(CARGO_CLASSES, value)
    if name in ("add", "modes") and isinstance(value, list):
        return [word(MODES, mode) for mode in value]
    if name.endswith("_mm3"):
        return volume(value // 1000)
    if name.endswith("_g"):
        return mass(value)
    if isinstance(value, str) and len(value) == len("2026-03-02"):
        try:
            return day(date.fromisoformat(value))
        except ValueError:
            return value
    return value


def verdict_sentences(certificate: CertificateView, currency: str) -> list[str]:
    """Say what the certificate of the shares found, one sentence a line; names of groups only where they are given."""
    lines = [word(VERDICTS, certificate.verdict.lower())]
    if certificate.coalitions_compared:
        lines.append(
            _(
                "The shares were compared with what each of {groups} groups of the {members} members would pay alone.",
                groups=certificate.coalitions_compared,
                members=certificate.members,
            )
        )
    if certificate.individually_rational == "proven":
        lines.append(_("No member pays more than it would alone."))
    elif certificate.individually_rational == "refuted":
        lines.append(_("At least one member pays more than it would alone."))
    if certificate.worst_coalition and certificate.largest_excess_minor and certificate.largest_excess_minor > 0:
        lines.append(
            _(
                "The group {names} pays {amount} more than it would on its own.",
                names=" + ".join(certificate.worst_coalition),
                amount=money(certificate.largest_excess_minor, currency),
            )
        )
    if certificate.verdict.lower() == "refuted" and certificate.core_empty.lower() == "refuted":
        lines.append(_("Some way of sharing this cost would satisfy every group; this rule does not give it."))
    if certificate.verdict.lower() == "refuted" and certificate.core_empty.lower() == "proven":
        lines.append(_("No way of sharing this cost would satisfy every group: that is proven too."))
    return lines
