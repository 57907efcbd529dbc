"""Users, consortia, members, departures and tariffs on their pages."""

import datetime as dt

from consortium import queries
from consortium.drafts import ConsortiumDraft
from consortium.models import Role
from consortium.services import access, members
from tests.pages.conftest import acting


def consortium_id():
    return acting("manager@demo").grants[0].consortium_id


def test_a_new_user_gets_a_password_shown_once(open_page):
    at = open_page("administrator@demo", "users")
    at.text_input(key="user_name").set_value("ana@example.org")
    at.button(key="user_save").click().run()
    assert not at.error
    password = at.code[0].value
    assert access.authenticate("ana@example.org", password) is not None
    at.run()
    assert not at.code


def test_a_user_name_that_is_taken_is_refused_by_its_label(open_page):
    at = open_page("administrator@demo", "users")
    at.text_input(key="user_name").set_value("manager@demo")
    at.button(key="user_save").click().run()
    assert "**User name**: somebody has it already" in at.error[0].value


def test_a_role_is_given_and_taken_away(open_page):
    auditor = acting("auditor@demo")
    at = open_page("administrator@demo", "users")
    at.selectbox(key="user_chosen").set_value(auditor.user_id).run()
    at.selectbox(key="role").set_value("manager").run()
    at.button(key="role_save").click().run()
    assert not at.error
    assert len(acting("auditor@demo").grants) == 2
    grant = acting("auditor@demo").grants[0]
    at.button(key=f"revoke_{auditor.user_id}_{grant.consortium_id}_{grant.role.value}").click().run()
    assert len(acting("auditor@demo").grants) == 1


def test_the_last_administrator_cannot_lock_everybody_out(open_page):
    at = open_page("administrator@demo", "users")
    at.selectbox(key="user_chosen").set_value(acting("administrator@demo").user_id).run()
    at.button(key="user_disable").click().run()
    assert "at least one administrator must remain" in at.error[0].value


def test_a_consortium_is_registered(open_page):
    at = open_page("administrator@demo", "consortia")
    at.text_input(key="consortium_code").set_value("SUR")
    at.text_input(key="consortium_name").set_value("Consorcio Sur")
    at.selectbox(key="consortium_country").set_value("CL")
    at.button(key="consortium_save").click().run()
    assert not at.error
    assert "SUR" in {each.code for each in queries.consortia(acting("administrator@demo"))}


def test_a_member_is_registered_and_one_without_a_code_is_refused(open_page):
    at = open_page("manager@demo", "members")
    at.text_input(key="member_new_name").set_value("Miel del Valle")
    at.button(key="member_new_save").click().run()
    assert "**Code**: is missing" in at.error[0].value
    at.text_input(key="member_new_code").set_value("MIEL")
    at.button(key="member_new_save").click().run()
    assert not at.error
    assert "MIEL" in {firm.code for firm in queries.members(acting("manager@demo"), consortium_id())}


def test_a_departure_is_added_and_dates_in_the_wrong_order_are_refused(open_page):
    at = open_page("manager@demo", "departures")
    at.text_input(key="departure_new_code").set_value("D-9")
    at.selectbox(key="departure_new_origin").set_value("COCTG")
    at.selectbox(key="departure_new_to").set_value("NLRTM")
    at.date_input(key="departure_new_cut_off").set_value(dt.date(2027, 5, 10))
    at.date_input(key="departure_new_departure").set_value(dt.date(2027, 5, 1))
    at.date_input(key="departure_new_arrival").set_value(dt.date(2027, 6, 1))
    at.button(key="departure_new_save").click().run()
    assert "**Departure**: is before a date" in at.error[0].value
    at.date_input(key="departure_new_departure").set_value(dt.date(2027, 5, 13))
    at.button(key="departure_new_save").click().run()
    assert not at.error
    assert "D-9" in {each.code for each in queries.departures(acting("manager@demo"), consortium_id())}


def test_a_charge_is_added_in_whole_currency_units(open_page):
    at = open_page("manager@demo", "tariffs")
    at.text_input(key="charge_new_code").set_value("NEW")
    at.number_input(key="charge_new_amount").set_value(12.34)
    at.button(key="charge_new_save").click().run()
    assert not at.error
    charges = [each for tariff in queries.tariffs(acting("manager@demo"), consortium_id()) for each in tariff.charges]
    assert next(each for each in charges if each.code == "NEW").amount_minor == 1234


def test_a_charge_sent_back_as_it_was_changes_nothing(open_page):
    before = queries.tariffs(acting("manager@demo"), consortium_id())[0].charges[0]
    at = open_page("manager@demo", "tariffs")
    at.button(key=f"charge_{before.id}_save").click().run()
    assert not at.error
    after = queries.tariffs(acting("manager@demo"), consortium_id())[0].charges[0]
    assert after == before


def test_the_head_of_a_tariff_is_changed_and_its_charges_stay(open_page):
    before = queries.tariffs(acting("manager@demo"), consortium_id())[0]
    at = open_page("manager@demo", "tariffs")
    at.text_input(key=f"tariff_{before.id}_source").set_value("Quotation of 3 March")
    at.date_input(key=f"tariff_{before.id}_to").set_value(before.valid_from - dt.timedelta(days=1))
    at.button(key=f"tariff_{before.id}_save").click().run()
    assert "**Valid to**: is before a date" in at.error[0].value
    at.date_input(key=f"tariff_{before.id}_to").set_value(dt.date(2029, 1, 1))
    at.button(key=f"tariff_{before.id}_save").click().run()
    assert not at.error
    after = queries.tariffs(acting("manager@demo"), consortium_id())[0]
    assert (after.source, after.valid_to) == ("Quotation of 3 March", dt.date(2029, 1, 1))
    assert (after.code, after.name, after.charges) == (before.code, before.name, before.charges)


def test_a_product_is_registered_with_its_package(open_page):
    at = open_page("member@demo", "products")
    at.text_input(key="product_new_code").set_value("HONEY")
    at.text_input(key="product_new_name").set_value("Honey, box of 12 jars")
    for field, value in (("length_mm", 40.0), ("width_mm", 30.0), ("height_mm", 20.5), ("mass_g", 9.6)):
        at.number_input(key=f"product_new_package_{field}").set_value(value)
    at.button(key="product_new_save").click().run()
    assert not at.error
    own = acting("member@demo").grants[0].member_id
    product = next(each for each in queries.products(acting("member@demo"), own) if each.code == "HONEY")
    assert (product.package_height_mm, product.package_mass_g, product.max_load_g) == (205, 9600, None)


def test_the_audit_trail_tells_who_did_what(open_page):
    at = open_page("manager@demo", "members")
    at.text_input(key="member_new_name").set_value("Miel del Valle")
    at.text_input(key="member_new_code").set_value("MIEL")
    at.button(key="member_new_save").click().run()
    at = open_page("auditor@demo", "audit_trail")
    assert "Registered a member" in at.table[0].value.to_string()


EMPTY = {
    "shipments": "Open one with a cut-off",
    "orders": "Enter an order, or import",
    "departures": "Add the sailings",
    "tariffs": "Add a tariff and its charges",
    "members": "Register the firms",
    "cost_shares": "Shares appear as soon as",
    "order": "Register a member first",
    "products": "Register a member first",
}


def test_a_consortium_without_anything_says_what_to_do_first(open_page):
    new = members.register_consortium(
        acting("administrator@demo"), ConsortiumDraft(code="NEW", name="New", country="CL", currency="CLP")
    )
    user_id, _password = access.create_user(
        access.OPERATOR, access.UserDraft(username="fresh", language="en", password="a long phrase of tests")
    )
    access.grant_role(access.OPERATOR, user_id, new, Role.MANAGER)
    at = open_page("fresh")
    for page, words in EMPTY.items():
        at.switch_page(f"app_pages/{page}.py").run()
        assert not at.exception
        assert not at.error
        assert not at.table, page
        assert not [each for each in at.dataframe if each not in at.data_editor], page
        assert any(words in caption.value for caption in at.caption), page
