"""A member's part of a certificate: what is in it, who gets it, and what a rival cannot derive from it, by trying."""

import io
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import combinations, product
from pathlib import Path
from typing import Any

import jsonschema
import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consortium.cli import main
from consortium.errors import InputError, NotFoundError
from consortium.formats.canonical import sha256
from consortium.formats.member_certificate_json import (
    MemberCertificate,
    member_certificate_schema,
    member_certificate_to_json,
    read_member_certificate,
)
from consortium.member_part_checks import check_member_part
from consortium.member_parts import PartOf, member_part
from consortium.permissions import Actor, ForbiddenError
from consortium.queries import cost_shares, member_certificate, member_plan
from consortium.services.certificates import MEMBER_CERTIFICATES, member_certificate_file
from consortium.services.documents import shipment_document
from consortium.services.orders import enter_order
from consortium.services.planning import request_plan, work
from consortium.services.shipments import drop, freeze, gather, open_shipment, reopen
from consortium.services.tariffs import register_charge, register_departure, register_tariff
from consortium.views_plans import CertificateView, CostShareView
from optimizer.allocation.registry import RULES
from optimizer.apportion import round_shares
from optimizer.certificate import Verdict, certify
from optimizer.cost_game import CostGame
from optimizer.problem import Party
from tests.consortium.builders import (
    FIRMS,
    World,
    charge_draft,
    departure_draft,
    line,
    make_world,
    order_draft,
    shipment_draft,
    tariff_draft,
)

Json = dict[str, Any]
PALLETS = {"andina": 7, "bahia": 11, "cumbre": 5, "delta": 8, "estero": 3}
FIVE = (*FIRMS, "estero")


def prices(world: World) -> None:
    """Register odd prices, so that no figure is another one by chance."""
    register_departure(world.manager, world.consortium_id, departure_draft())
    tariff = register_tariff(world.manager, world.consortium_id, tariff_draft())
    for code, basis, amount, more in (
        ("OFR", "container", 151_337, {"modes": ["fcl"]}),
        ("LCL", "freight_tonne", 9_113, {"modes": ["lcl"]}),
        ("BL", "bill_of_lading", 5_021, {}),
        ("CUS", "consignment", 2_719, {"allocation_key": "direct"}),
    ):
        register_charge(world.manager, tariff, charge_draft(code=code, basis=basis, amount_minor=amount, **more))


def planned(world: World, firms: Sequence[str], rule: str = "shapley") -> int:
    """Plan a shipment of these firms and return its id."""
    prices(world)
    orders = [
        enter_order(
            world.manager,
            world.consortium_id,
            order_draft(
                member_id=world.members[firm],
                code=f"O-{firm}",
                buyer=f"Buyer of {firm}",
                lines=[line(quantity=PALLETS[firm], mass_g=300_000 + 1_111 * PALLETS[firm])],
            ),
        )
        for firm in firms
    ]
    draft = shipment_draft(settings={"modes": ["fcl", "lcl"]}, allocation_rule=rule)
    shipment = open_shipment(world.manager, world.consortium_id, draft)
    gather(world.manager, shipment, orders)
    freeze(world.manager, shipment)
    plan_again(world, shipment)
    return shipment


def plan_again(world: World, shipment: int) -> None:
    request_plan(world.manager, shipment, with_load_plan=False)
    assert work(once=True) == 1


def part_of(actor: Actor, shipment: int, member: int) -> Json:
    """Return a member's part as its file holds it."""
    found: Json = json.loads(member_certificate_file(actor, shipment, member, "certificate.json", {}).content)
    return found


def paper_of(actor: Actor, shipment: int, member: int) -> str:
    """Return everything that the paper says."""
    reader = pypdf.PdfReader(
        io.BytesIO(member_certificate_file(actor, shipment, member, "certificate.pdf", {}).content)
    )
    said = " ".join(page.extract_text() for page in reader.pages) + str(reader.metadata)
    return re.sub(r"\s+", " ", said)


def figures(value: Any) -> Iterator[int]:
    """Yield every number of a document."""
    if isinstance(value, dict):
        for one in value.values():
            yield from figures(one)
    elif isinstance(value, list):
        for one in value:
            yield from figures(one)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield value
    elif isinstance(value, str) and re.fullmatch(r"[0-9]+(/[0-9]+)?", value):
        yield from map(int, value.split("/"))


def secrets_of(world: World, shipment: int, viewer: str) -> dict[str, int]:
    """Return the rivals' figures and the total: what must not be derived."""
    found = {}
    shares = cost_shares(world.manager, shipment)
    for one in shares:
        if one.member_code != viewer:
            found[f"{one.member_code} share"] = one.cost_share_minor
            found[f"{one.member_code} alone"] = one.stand_alone_cost_minor or 0
            found[f"{one.member_code} saving"] = one.saving_minor or 0
            found[f"{one.member_code} joint"] = one.why["optimised_minor"]
    found["total"] = sum(one.cost_share_minor for one in shares)
    return found


def derived(numbers: Sequence[int]) -> set[int]:
    """Return what sums and differences of up to three figures give, each taken once or twice, either sign."""
    known = sorted({number for number in numbers if number > 1_000})  # amounts: counts and sizes are no money
    reached = set(known)
    for count in (2, 3):
        for chosen in combinations(known, count):
            for factors in product((-2, -1, 1, 2), repeat=count):
                reached.add(sum(factor * number for factor, number in zip(factors, chosen, strict=True)))
    return reached


@pytest.mark.parametrize("firms", [FIVE[:2], FIVE[:3], FIVE[:4], FIVE])
def test_a_part_says_what_is_its_own_and_nothing_of_a_rival(database: str, firms: tuple[str, ...]) -> None:
    world = make_world(firms=FIVE)
    shipment = planned(world, firms)
    part, paper = (look(world.member, shipment, world.members["andina"]) for look in (part_of, paper_of))
    jsonschema.validate(part, member_certificate_schema(), jsonschema.Draft202012Validator)
    (own,) = cost_shares(world.member, shipment)
    assert (part["cost_share_minor"], part["stand_alone_minor"]) == (own.cost_share_minor, own.stand_alone_cost_minor)
    # A charge that is shared by volume tells the volume of all: what tells that stands beside totals only.
    told = (part.get("direct_minor"), part.get("optimised_minor"))
    assert told == ((2_719, part["cost_share_minor"] - 2_719) if len(firms) > 3 else (None, None))
    assert part["stand_alone_plan"]["cost_minor"] == part["stand_alone_minor"]
    assert part["individually_rational"] == "proven"
    assert ("total_minor" in part and part["total_minor"] is not None) == (len(firms) > 3)
    for text in (json.dumps(part), paper):
        assert "andina" in text.casefold()
        assert [firm for firm in FIVE if firm != "andina" and firm in text.casefold()] == []
        assert "sha256" not in text.replace("certificate_sha256", "")
    assert ("reservado" in paper) == (len(firms) <= 3)


@pytest.mark.parametrize("firms", [FIVE[:2], FIVE[:3], FIVE])
@pytest.mark.parametrize("rule", ["shapley", "nucleolus"])
def test_no_rival_s_figure_comes_out_of_sums_and_differences(database: str, firms: tuple[str, ...], rule: str) -> None:
    world = make_world(firms=FIVE)
    shipment = planned(world, firms, rule)
    part = part_of(world.member, shipment, world.members["andina"])
    hidden = secrets_of(world, shipment, "andina")
    if len(firms) > 3:
        assert hidden.pop("total") == part["total_minor"]
    # Between two members, and often under the nucleolus, all save the same: the rule says so, whatever they ship. Of
    # what a rival pays or would pay alone that tells nothing.
    hidden = {
        name: value for name, value in hidden.items() if not (" saving" in name and value == part["saving_minor"])
    }
    reached = derived(list(figures(part)))
    assert {name: value for name, value in hidden.items() if value in reached} == {}


amounts = st.integers(100_000, 900_000)


@st.composite
def games(draw: st.DrawFn) -> CostGame:
    """Return a game of 2 to 5 members in which joining saves something."""
    alone = draw(st.lists(amounts, min_size=2, max_size=5))
    upper = [0]
    for mask in range(1, 1 << len(alone)):
        members = [cost for bit, cost in enumerate(alone) if mask >> bit & 1]
        saved = draw(st.integers(0, 30_000)) if len(members) > 1 else 0
        upper.append(sum(members) - saved * (len(members) - 1))
    return CostGame(players=FIVE[: len(alone)], upper=upper)


def shifted(game: CostGame, changes: dict[str, int]) -> CostGame:
    """Return the game in which rivals ship something else: each costs that much more, whoever it is with."""
    bits = {player: bit for bit, player in enumerate(game.players)}
    upper = [
        cost + sum(change for player, change in changes.items() if mask >> bits[player] & 1)
        for mask, cost in enumerate(game.upper)
    ]
    return CostGame(players=game.players, upper=upper)


def part_in(game: CostGame, rule: str) -> MemberCertificate | None:
    """Return what the first member is told in a game, as the page would take it from plan and shares."""
    found = RULES[rule].function(game)
    if not found.shares:
        return None  # tau, of a game that is not quasi-balanced: of the shifted one neither
    total = int(game.upper[game.grand])
    shares = round_shares(found.shares, total)
    verdict = certify(game, shares, total, exact_shares=found.shares)
    own, alone = shares["andina"], int(game.upper[1])
    view = CostShareView(
        member_id=1, member_code="andina", member_name="Andina", currency="USD", cost_share_minor=own, pays_minor=own,
        buyers_pay_minor=0, stand_alone_cost_minor=alone, saving_minor=alone - own, why={"direct_minor": 0},
    )  # fmt: skip
    seen = CertificateView(
        verdict=verdict.in_core.value, members=0, coalitions_compared=0, largest_excess_minor=None,
        worst_coalition=(), individually_rational=verdict.all_rational.value, core_empty="undecided", rounding_units=0,
    )  # fmt: skip
    inside = {"individually_rational": {one: claim.value for one, claim in verdict.individually_rational.items()}}
    whole = PartOf(
        shipment="PS-1", rule=rule, status="optimal", certificate={"allocation": {"certificate": inside}}, verdict=seen,
        total_minor=total if len(game.players) > 3 else None,
    )  # fmt: skip
    return replace(member_part(view, whole), certificate_sha256="")


@pytest.mark.parametrize("rule", ["shapley", "nucleolus", "least_core", "tau", "separable", "scrb", "equal_saving"])
@settings(deadline=None, max_examples=40)
@given(game=games(), change=amounts)
def test_for_every_game_there_is_another_one_with_the_same_part(rule: str, game: CostGame, change: int) -> None:
    """Rivals' figures can be anything: the part is the same when one ships more, and another less where totals show."""
    rivals = game.players[1:]
    changes = {rivals[0]: change} if len(rivals) < 3 else {rivals[0]: change, rivals[1]: -change}
    other = shifted(game, changes)
    assert other.cost(["bahia"]) == game.cost(["bahia"]) + change
    assert part_in(game, rule) == part_in(other, rule)


def test_exact_shares_that_would_tell_how_many_share_are_left_out(database: str) -> None:
    world = make_world()
    shipment = planned(world, FIRMS[:3])
    whole = json.loads(shipment_document(world.manager, shipment, "certificate.json").content)
    assert any("/" in share for share in whole["allocation"]["shares"].values())
    part = member_certificate(world.member, shipment, world.members["andina"])
    assert not any(isinstance(value, Fraction) for value in vars(part).values())


def test_a_fingerprint_confirms_no_guess(database: str) -> None:
    """Two plans of the same goods have certificates that differ by nothing but a random text."""
    world = make_world()
    shipment = planned(world, FIRMS[:2])
    first = part_of(world.member, shipment, world.members["andina"])
    plan_again(world, shipment)
    second = part_of(world.member, shipment, world.members["andina"])
    assert first.pop("certificate_sha256") != second.pop("certificate_sha256")
    assert first == second


def test_whoever_combines_the_parts_of_its_firms_has_a_total_only_of_three_others(database: str) -> None:
    world = make_world()
    shipment = planned(world, FIRMS)
    both = replace(
        world.member,
        grants=(*world.member.grants, replace(world.member.grants[0], member_id=world.members["bahia"])),
    )
    parts = [part_of(both, shipment, world.members[firm]) for firm in ("andina", "bahia")]
    assert [one.get("total_minor") for one in parts] == [None, None]
    single = part_of(world.member, shipment, world.members["andina"])
    assert single["total_minor"] == sum(one.cost_share_minor for one in cost_shares(world.manager, shipment))


def test_totals_of_two_versions_tell_nothing_of_the_firm_that_left(database: str) -> None:
    world = make_world(firms=FIVE)
    shipment = planned(world, FIVE)
    before = part_of(world.member, shipment, world.members["andina"])
    assert before["total_minor"] is not None
    plan_again(world, shipment)  # the same goods: nothing to be told apart
    assert part_of(world.member, shipment, world.members["andina"])["total_minor"] == before["total_minor"]
    reopen(world.manager, shipment)
    drop(world.manager, shipment, [order_of(world, shipment, "estero")])
    freeze(world.manager, shipment)
    plan_again(world, shipment)
    after = part_of(world.member, shipment, world.members["andina"])
    assert after.get("total_minor") is None
    page = member_plan(world.member, shipment)
    assert page is not None
    assert page.totals is None


def order_of(world: World, shipment: int, firm: str) -> int:
    from consortium import queries

    found = queries.shipment(world.manager, shipment)
    return next(one.order.id for one in found.consignments if one.order.member_code == firm)


def test_who_gets_which_part(database: str) -> None:
    world, other = make_world(), make_world("cacao")
    shipment = planned(world, FIRMS)
    mine, rivals = world.members["andina"], world.members["bahia"]
    for actor in (world.manager, world.auditor):
        for member in (mine, rivals):
            assert part_of(actor, shipment, member)["member"]["id"] in ("andina", "bahia")
    assert member_certificate(world.member, shipment, mine).member.id == "andina"
    for name in (*MEMBER_CERTIFICATES, "plan.json"):
        for actor, member in ((world.member, rivals), (world.rival, mine), (world.member, 10**9)):
            with pytest.raises(NotFoundError):
                member_certificate_file(actor, shipment, member, name, {})
        for actor in (world.agency, world.nobody, world.administrator, other.manager, other.member):
            with pytest.raises((ForbiddenError, NotFoundError)):
                member_certificate_file(actor, shipment, mine, name, {})
    with pytest.raises(NotFoundError):
        member_certificate_file(world.member, shipment, mine, "plan.json", {})
    with pytest.raises(InputError):
        member_certificate_file(world.member, shipment, mine, "certificate.pdf", {"paper": "a3"})
    found = member_certificate_file(world.member, shipment, mine, "certificate.pdf", {"paper": "us-letter"})
    assert (found.filename, found.media_type) == ("PS-1-andina-certificate.pdf", "application/pdf")


def test_the_part_and_the_whole_are_verified_together(database: str, tmp_path: Path) -> None:
    world = make_world()
    shipment = planned(world, FIRMS)
    paths = []
    for name in ("problem.json", "plan.json", "certificate.json"):
        paths.append(tmp_path / name)
        paths[-1].write_bytes(shipment_document(world.manager, shipment, name).content)
    part = tmp_path / "part.json"
    part.write_bytes(
        member_certificate_file(world.member, shipment, world.members["andina"], "certificate.json", {}).content
    )
    assert main(["verify", *map(str, paths), str(part)]) == 0
    assert main(["verify", str(part)]) == 0
    lied = json.loads(part.read_text(encoding="utf-8")) | {"pays_minor": 1}
    part.write_text(json.dumps(lied), encoding="utf-8")
    assert main(["verify", str(part)]) == 4


PART_LIES: dict[str, tuple[Json, str]] = {
    "a share": ({"cost_share_minor": 1}, "part_sums"),
    "a saving": ({"saving_minor": 1}, "part_sums"),
    "a verdict on itself": ({"individually_rational": Verdict.REFUTED}, "part_verdict"),
    "a verdict on all": ({"in_core": Verdict.UNDECIDED}, "part_changed"),
    "another rule": ({"rule": "nucleolus"}, "part_changed"),
    "another total": ({"total_minor": 1}, "part_changed"),
    "another currency": ({"currency": "EUR"}, "part_changed"),
    "another member": ({"member": Party(id="bahia", name="Bahia")}, "part_changed"),
    "a stranger": ({"member": Party(id="ghost", name="x")}, "allocation_members"),
    "another certificate": ({"certificate_sha256": "0" * 64}, "certificate_sha256"),
    "no plan alone": ({"stand_alone_plan": None}, "part_changed"),
}


def test_lies_in_a_part_are_found(database: str) -> None:
    world = make_world()
    shipment = planned(world, FIRMS)
    whole = json.loads(shipment_document(world.manager, shipment, "certificate.json").content)
    honest = member_certificate(world.member, shipment, world.members["andina"])
    assert read_member_certificate(member_certificate_to_json(honest)) == honest
    assert honest.certificate_sha256 == sha256(whole)
    assert check_member_part(honest, whole) == ()
    for name, (change, rule) in PART_LIES.items():
        found = check_member_part(replace(honest, **change), whole)
        assert rule in {one.rule for one in found}, name


def test_the_exact_share_is_within_a_cent_of_the_one_that_is_charged(database: str) -> None:
    world = make_world()
    shipment = planned(world, FIRMS)
    whole = json.loads(shipment_document(world.manager, shipment, "certificate.json").content)
    for member, share in whole["allocation"]["shares"].items():
        assert abs(Fraction(share) - whole["allocation"]["shares_minor"][member]) < 1
