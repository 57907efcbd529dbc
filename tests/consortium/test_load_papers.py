"""Papers of a stored plan: who gets which, and that nothing of a rival is in any of them."""

import io
import re
from collections.abc import Iterable

import openpyxl
import pypdf
import pytest

from consortium.database import unit_of_work
from consortium.documents.papers import LOAD_PAPERS, MASS_PAPER
from consortium.errors import InputError, NotFoundError
from consortium.permissions import Actor, ForbiddenError
from consortium.queries.load_plans import load_choices, load_view
from consortium.services.load_papers import shipment_load_paper
from consortium.services.orders import enter_order
from consortium.services.shipments import freeze, gather, open_shipment
from consortium.services.tariffs import register_charge, register_departure, register_tariff
from tests.consortium.builders import (
    FIRMS,
    World,
    charge_draft,
    departure_draft,
    line,
    load_containers_of,
    make_world,
    order_draft,
    shipment_draft,
    store_plan_of,
    tariff_draft,
)

GOODS = {"andina": "Aguacate", "bahia": "Banano", "cumbre": "Cacao", "delta": "Durazno", "estero": "Espinaca"}


def planned(world: World, firms: Iterable[str], *, with_placements: bool = True) -> int:
    """Store the plan of one container with two pallets of each firm and return the shipment."""
    register_departure(world.manager, world.consortium_id, departure_draft())
    tariff = register_tariff(world.manager, world.consortium_id, tariff_draft())
    register_charge(world.manager, tariff, charge_draft(modes=["fcl"]))
    orders = [
        enter_order(
            world.manager,
            world.consortium_id,
            order_draft(
                member_id=world.members[firm],
                code=f"O-{firm}",
                lines=[line(description=GOODS[firm], mass_g=300_000 + 1_111 * place)],
            ),
        )
        for place, firm in enumerate(firms)
    ]
    shipment = open_shipment(world.manager, world.consortium_id, shipment_draft())
    gather(world.manager, shipment, orders)
    freeze(world.manager, shipment)
    with unit_of_work() as session:
        plan = store_plan_of(shipment, session=session)
        if with_placements:
            load_containers_of(plan, session=session)
    return shipment


def text_of(actor: Actor, shipment: int, name: str, **fields: str) -> str:
    """Return everything that a paper says, the raw bytes of its parts included."""
    content = shipment_load_paper(actor, shipment, 1, name, fields).content
    if name.endswith(".pdf"):
        reader = pypdf.PdfReader(io.BytesIO(content))
        said = [page.extract_text() for page in reader.pages] + [str(reader.metadata)]
        return re.sub(r"\s+", " ", " ".join(said))
    book = openpyxl.load_workbook(io.BytesIO(content))
    cells = [
        str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None
    ]
    return " ".join([*cells, str(book.properties.title), str(book.properties.creator), *book.sheetnames])


def test_managers_and_auditors_get_every_paper_with_every_firm(database: str) -> None:
    world = make_world()
    shipment = planned(world, FIRMS)
    for actor in (world.manager, world.auditor):
        for name in LOAD_PAPERS:
            text = text_of(actor, shipment, name)
            assert [firm for firm in FIRMS if GOODS[firm] not in text] == []
    found = shipment_load_paper(world.manager, shipment, 1, MASS_PAPER, {"container_no": "CSQU3054383"})
    assert (found.filename, found.media_type) == ("PS-1-1-vgm.pdf", "application/pdf")


@pytest.mark.parametrize("firms", [FIRMS[:2], FIRMS[:3], FIRMS, (*FIRMS, "estero")])
def test_a_member_s_papers_say_nothing_of_a_rival(database: str, firms: tuple[str, ...]) -> None:
    world = make_world(firms=(*FIRMS, "estero"))
    shipment = planned(world, firms)
    for actor, own in ((world.member, "andina"), (world.rival, "bahia")):
        view = load_view(actor, shipment, 1)
        assert view is not None
        assert view.is_whole == (len(firms) > 3)
        for name in LOAD_PAPERS:
            if name == MASS_PAPER:
                continue
            text = text_of(actor, shipment, name)
            assert GOODS[own] in text
            told = [firm for firm in GOODS if firm != own and (GOODS[firm] in text or firm in text.lower())]
            assert told == []
            assert "K-1" not in text
            masses = [300_000 + 1_111 * place for place, firm in enumerate(firms) if firm != own]
            written = {f"{mass / 1000:.3f}".replace(".", mark) for mass in masses for mark in ".,"}
            assert [mass for mass in written if mass in text] == []


def test_only_who_sees_whole_plans_declares_the_mass_of_the_whole(database: str) -> None:
    world = make_world()
    shipment = planned(world, FIRMS)
    with pytest.raises(ForbiddenError):
        shipment_load_paper(world.member, shipment, 1, MASS_PAPER, {})


@pytest.mark.parametrize("name", LOAD_PAPERS)
def test_agencies_strangers_and_other_consortia_get_nothing(database: str, name: str) -> None:
    world, other = make_world(), make_world("cacao")
    shipment = planned(world, FIRMS)
    for actor in (world.agency, world.nobody, world.administrator, other.manager, other.member):
        with pytest.raises((ForbiddenError, NotFoundError)):
            shipment_load_paper(actor, shipment, 1, name, {})


def test_a_member_reaches_no_container_without_goods_of_its_own(database: str) -> None:
    world = make_world()
    shipment = planned(world, FIRMS[1:])
    assert load_choices(world.member, shipment) == ()
    with pytest.raises(NotFoundError):
        shipment_load_paper(world.member, shipment, 1, "packing-list.pdf", {})


def test_what_is_not_there_is_not_found(database: str) -> None:
    world = make_world()
    shipment = planned(world, FIRMS)
    for number, name in ((1, "plan.json"), (2, "packing-list.pdf"), (0, "packing-list.pdf"), (10**12, MASS_PAPER)):
        with pytest.raises(NotFoundError):
            shipment_load_paper(world.manager, shipment, number, name, {})


def test_a_container_without_a_load_plan_has_no_papers(database: str) -> None:
    world = make_world()
    shipment = planned(world, FIRMS, with_placements=False)
    with pytest.raises(NotFoundError):
        shipment_load_paper(world.manager, shipment, 1, "stuffing-sheet.pdf", {})


def test_fields_are_refused_together_and_only_of_those_who_may_ask(database: str) -> None:
    world = make_world()
    shipment = planned(world, FIRMS)
    wrong = {"paper": "a3", "dunnage_g": "1.5", "tare_g": "x", "day": "31/12/2027"}
    with pytest.raises(InputError) as caught:
        shipment_load_paper(world.manager, shipment, 1, MASS_PAPER, wrong)
    assert [one.path for one in caught.value.faults] == list(wrong)
    with pytest.raises(ForbiddenError):
        shipment_load_paper(world.agency, shipment, 1, MASS_PAPER, wrong)


def test_the_declaration_adds_up_what_was_asked_for(database: str) -> None:
    world = make_world()
    shipment = planned(world, ("andina",))
    text = text_of(world.manager, shipment, MASS_PAPER, dunnage_g="1000", tare_g="4000000", day="2027-03-31")
    assert "4.601 kg" in text  # two pallets of 300 kg, 1 kg of dunnage, 4,000 kg of tare, as Colombia writes it
    assert "31 mar 2027" in text
