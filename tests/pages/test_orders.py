"""Orders on their pages: the list, one order, a new one, what is refused and how it is said."""

import datetime as dt

import pandas as pd

from consortium import queries
from tests.pages.conftest import acting as actor


def orders_of(username):
    who = actor(username)
    return queries.orders(who, who.grants[0].consortium_id)


def texts_of(at):
    return " ".join(str(table.value.to_dict()) for table in (*at.table, *at.dataframe))


def test_a_manager_sees_the_orders_of_every_firm(open_page):
    at = open_page("manager@demo", "orders")
    shown = texts_of(at)
    assert all(order.code in shown for order in orders_of("manager@demo") if order.state in ("entered", "gathered"))


def test_a_member_sees_its_own_orders_only(open_page):
    at = open_page("member@demo", "orders")
    own = {order.code for order in orders_of("member@demo")}
    shown = texts_of(at)
    assert any(code in shown for code in own)
    for order in orders_of("manager@demo"):
        if order.code not in own:
            assert f"'{order.code}'" not in shown


def test_an_order_opens_by_its_address(open_page):
    order = orders_of("manager@demo")[0]
    at = open_page("manager@demo", "order", order=order.id)
    assert at.title[0].value == f"Order {order.code}"
    assert not at.error


def test_a_rival_s_order_is_not_available_and_looks_like_one_that_does_not_exist(open_page):
    own = {order.id for order in orders_of("member@demo")}
    foreign = next(order for order in orders_of("manager@demo") if order.id not in own)
    seen = []
    for order_id in (foreign.id, 999_999):
        at = open_page("member@demo", "order", order=order_id)
        seen.append(([each.value for each in at.title], [each.value for each in at.caption]))
        assert at.title[0].value == "Not available"
    assert seen[0] == seen[1]


def fill(at, **values):
    for name, value in values.items():
        at.get_by_key(f"order_new_{name}").set_value(value)


LINE = {
    "code": "1",
    "description": "coffee",
    "hs": "090121",
    "quantity": 4,
    "length_mm": 120.0,
    "width_mm": 80.0,
    "height_mm": 140.5,
    "mass_g": 450.25,
    "upright": True,
}


def send(at, lines):
    at.session_state["order_new_lines"] = {"edited_rows": {}, "added_rows": lines, "deleted_rows": []}
    at.button(key="order_new_save").click().run()


def test_a_member_enters_an_order_in_centimetres_and_kilograms(open_page):
    at = open_page("member@demo", "order", order="new")
    assert at.title[0].value == "New order"
    fill(
        at,
        code="S-900",
        buyer="Buyer",
        origin="COCTG",
        destination="NLRTM",
        ready=dt.date(2027, 3, 1),
        value=1850.5,
    )
    send(at, [LINE])
    assert not at.error
    order = next(each for each in orders_of("member@demo") if each.code == "S-900")
    line = queries.order(actor("member@demo"), order.id).lines[0]
    assert (line.length_mm, line.height_mm, line.mass_g, line.vertical) == (1200, 1405, 450_250, ("height",))
    assert order.value_minor == 185_050


def test_everything_that_is_missing_is_named_by_its_label(open_page):
    at = open_page("member@demo", "order", order="new")
    send(at, [{**LINE, "mass_g": None}])
    said = at.error[0].value
    for label in ("Code", "Origin", "Destination", "Ready on", "Packages 1, Gross mass"):
        assert f"**{label}**" in said
    assert "mass_g" not in said


def test_a_size_finer_than_a_millimetre_is_refused_not_rounded(open_page):
    at = open_page("member@demo", "order", order="new")
    fill(at, code="S-901", origin="COCTG", destination="NLRTM", ready=dt.date(2027, 3, 1))
    send(at, [{**LINE, "length_mm": 120.05}])
    assert "Packages 1, Length" in at.error[0].value
    assert "S-901" not in {order.code for order in orders_of("member@demo")}


def test_an_order_in_a_shipment_offers_no_change(open_page):
    gathered = next(order for order in orders_of("member@demo") if order.state == "gathered")
    at = open_page("member@demo", "order", order=gathered.id)
    assert not any(button.key and button.key.endswith("_save") for button in at.button)


def test_a_manager_withdraws_a_waiting_order(open_page):
    waiting = next(order for order in orders_of("manager@demo") if order.state == "entered")
    at = open_page("manager@demo", "order", order=waiting.id)
    at.button(key="withdraw").click().run()
    assert not at.error
    assert queries.order(actor("manager@demo"), waiting.id).state == "withdrawn"


def test_a_name_with_markup_is_shown_as_it_was_typed(open_page):
    at = open_page("member@demo", "order", order="new")
    fill(
        at,
        code="S-902",
        buyer="[x](http://evil.example) $a$",
        origin="COCTG",
        destination="NLRTM",
        ready=dt.date(2027, 3, 1),
    )
    send(at, [LINE])
    order = next(each for each in orders_of("member@demo") if each.code == "S-902")
    at = open_page("member@demo", "order", order=order.id)
    cells = pd.concat([table.value for table in at.table]).astype(str).to_string()
    assert "\\[x\\](http\\://evil.example) \\$a\\$" in cells
