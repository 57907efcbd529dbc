"""The cost-share certificate of one member as PDF: its share, what it is made of, what it would pay alone, the verdict.

It is made of nothing but the member's part (`MemberCertificate`), so that it can tell no more than that.
"""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

from consortium.allocation_texts import CORE_EMPTY, IN_CORE, OWN_VERDICTS, RULE_NAMES
from consortium.documents.paper_words import PaperWords
from consortium.documents.stuffing_sheet import common
from consortium.documents.typesetting import PaperSize, pdf
from consortium.formats.member_certificate_json import MemberCertificate, OwnPlan
from consortium.plan_report import money
from consortium.reference_data import container_types
from optimizer.result import ChargeLine, LooseLot

Pairs = list[tuple[str, str]]


def share_certificate(part: MemberCertificate, words: PaperWords, *, paper: PaperSize) -> bytes:
    """Return the certificate of one member's share."""
    return pdf("share_certificate", certificate_content(part, words, paper))


def certificate_content(part: MemberCertificate, words: PaperWords, paper: PaperSize) -> dict[str, Any]:
    """Return what the template reads."""
    _ = words.gettext
    reference = f"{part.shipment} · {part.member.name}"
    return {
        **common(words, _("Cost-share certificate"), reference, paper),
        "facts": _facts(part, words),
        "sums": list(_sums(part, words)),
        "share": [_("Cost share"), _money(part.cost_share_minor, part, words)],
        "after": list(_after(part, words)),
        "verdict_title": _("What is proven"),
        "verdicts": list(_verdicts(part, words)),
        "alone_title": _("What the goods would cost alone"),
        "alone_note": _("The cheapest plan found for these goods by themselves, under the same charges."),
        "alone_head": [_("Way"), _("Departure"), _("Goods")],
        "alone_lines": list(_ways(part.stand_alone_plan, words)),
        "charges_head": [_("Charge"), _("Units"), _("Amount")],
        "charges_lines": list(_charges(part, words)),
        "check_title": _("How to check it"),
        "checks": list(_checks(part, words)),
        "fingerprint": part.certificate_sha256,
    }


def _money(amount_minor: int | None, part: MemberCertificate, words: PaperWords) -> str:
    return "–" if amount_minor is None else money(amount_minor, part.currency, words.language)


def _facts(part: MemberCertificate, words: PaperWords) -> Pairs:
    _ = words.gettext
    withheld = _("withheld: with so few other firms it would reveal what a rival pays")
    total = withheld if part.total_minor is None else _money(part.total_minor, part, words)
    return [
        (_("Member"), part.member.name),
        (_("Shipment"), part.shipment),
        (_("Rule"), _(RULE_NAMES.get(part.rule, part.rule))),
        (_("Cost of the whole shipment"), total),
    ]


def _sums(part: MemberCertificate, words: PaperWords) -> Iterator[tuple[str, str]]:
    _ = words.gettext
    yield _("Charges of its own"), _money(part.direct_minor, part, words)
    yield _("Share of the joint cost, by the rule"), _money(part.optimised_minor, part, words)


def _after(part: MemberCertificate, words: PaperWords) -> Iterator[tuple[str, str]]:
    _ = words.gettext
    yield _("of which the member pays"), _money(part.pays_minor, part, words)
    yield _("of which its buyers pay, by Incoterms rule"), _money(part.buyers_pay_minor, part, words)
    yield _("Cost alone"), _money(part.stand_alone_minor, part, words)
    yield _("Saving"), _money(part.saving_minor, part, words)


def _verdicts(part: MemberCertificate, words: PaperWords) -> Iterator[str]:
    _ = words.gettext
    if part.individually_rational is None and part.in_core is None:
        yield _("Nothing: what groups of members would pay alone was not worked out for this shipment.")
    if part.individually_rational is not None:
        yield _(OWN_VERDICTS[part.individually_rational.value])
    if part.in_core is not None:
        yield _(IN_CORE[part.in_core.value])
    if part.core_empty is not None and part.in_core is not None and part.in_core.value == "refuted":
        yield _(CORE_EMPTY[part.core_empty.value])


def _ways(plan: OwnPlan | None, words: PaperWords) -> Iterator[list[str]]:
    if plan is None:
        return
    _ = words.gettext
    names = container_types(words.texts.language)
    for load in plan.containers:
        kind = names.get(load.container_type)
        way = f"{load.container_type} · {kind.name}" if kind else load.container_type
        yield [way, load.departure, ", ".join(part.consignment for part in load.contents)]
    for way, lots in ((_("LCL"), plan.lcl), (_("parcel"), plan.postal)):
        yield from ([way, lot.departure, _lot(lot, words)] for lot in lots)


def _lot(lot: LooseLot, words: PaperWords) -> str:
    return f"{lot.part.consignment} ({words.cubic_metres(lot.volume_mm3)} m³, {words.kg(lot.mass_g)} kg)"


def _charges(part: MemberCertificate, words: PaperWords) -> Iterator[list[str]]:
    if part.stand_alone_plan is None:
        return
    for line in part.stand_alone_plan.charges:
        yield [line.code, _units(line, words), _money(line.amount_minor, part, words)]
    waiting = sum(one.amount_minor for one in part.stand_alone_plan.delay_costs)
    if waiting:
        yield [words.gettext("Cost of waiting"), "", _money(waiting, part, words)]
    yield [words.gettext("Cost alone"), "", _money(part.stand_alone_plan.cost_minor, part, words)]


def _units(line: ChargeLine, words: PaperWords) -> str:
    exact = Fraction(line.units)
    return words.number(Decimal(exact.numerator) / exact.denominator)


def _checks(part: MemberCertificate, words: PaperWords) -> Iterator[str]:
    _ = words.gettext
    yield _("Add the charges of its own and the share of the joint cost: that is the cost share.")
    if part.stand_alone_plan is not None:
        yield _("Add the charges alone: that is the cost alone. Compare it with the cost share.")
    yield _("Save the part as JSON and run: consortium verify FILE. It adds up the same figures.")
    if part.certificate_sha256:
        yield _(
            "Whoever holds the whole certificate can confirm this part: its fingerprint is the one below, and "
            "consortium verify compares every figure."
        )
