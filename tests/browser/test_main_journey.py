"""The walk of the whole product in a browser: orders in, a plan and fair shares out, seen by manager and member."""

import re

import pytest
from playwright.sync_api import expect

from consortium.importing_columns import KINDS
from tests.browser.conftest import PHRASE
from tests.browser.driving import click, make_plan, settle, sign_in, upload, work_out_answers

pytestmark = pytest.mark.browser

ORDERS = """\
member,code,buyer,origin,destination,ready_date,due_date,incoterm,value_minor,volume_cm3,mass_g
SIERRA,J-1,Roaster,COCTG,NLRTM,2027-04-01,2027-06-15,FOB,4500000,9000000,5200000
TUMACO,J-2,Chocolatier,COCTG,NLRTM,2027-04-02,2027-06-15,FOB,3800000,8000000,4100000
"""
BROKEN = ORDERS.replace("5200000", "-5").replace("COCTG,NLRTM,2027-04-02", "COCTG,XXXXX,2027-04-02")


def use_english(page):
    page.get_by_test_id("stSidebar").get_by_role("combobox").last.click()
    page.get_by_role("option", name="English").click()
    expect(page.get_by_test_id("stSidebar").get_by_text("Language")).to_be_visible()
    settle(page)


def sign_out(page):
    page.get_by_test_id("stSidebar").get_by_role("link", name="Sign out").click()
    page.locator("main form button").first.click()
    page.locator("input[name=password]").wait_for()


def test_orders_are_imported_gathered_planned_and_agreed_and_the_member_sees_its_share(served, browser):
    assert "orders" in KINDS
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en")
    page = context.new_page()
    outside = []
    own = (served, served.replace("http", "ws", 1), "data:", "blob:")
    page.on("request", lambda request: None if request.url.startswith(own) else outside.append(request.url))

    sign_in(page, served, "manager@demo", PHRASE)
    use_english(page)

    page.goto(f"{served}/import_orders")
    settle(page)
    upload(page, "orders.csv", BROKEN)
    expect(page.get_by_text(re.compile(r"^\d faults?$"))).to_be_visible(timeout=20_000)
    expect(page.get_by_role("table")).to_contain_text("XXXXX")
    expect(page.get_by_role("button", name="Store 2 orders")).to_have_count(0)

    page.goto(f"{served}/import_orders")
    settle(page)
    upload(page, "orders.csv", ORDERS)
    expect(page.get_by_text("Every row can be stored.")).to_be_visible(timeout=20_000)
    click(page, "Store 2 orders")
    expect(page.get_by_text("2 orders were stored.")).to_be_visible()

    page.goto(f"{served}/shipment?shipment=2")
    settle(page)
    click(page, "Gather all of them")
    expect(page.get_by_role("table").or_(page.get_by_test_id("stDataFrame")).first).to_be_visible()
    click(page, "Freeze and go on to planning")
    make_plan(page)
    expect(page.get_by_text("The judge re-counted every package")).to_be_visible()

    page.get_by_role("link", name="Why not, and what else?").click()
    settle(page)
    expect(page.get_by_role("heading", name="Why not, and what else?")).to_be_visible()
    work_out_answers(page, served, 2)
    cheapest = page.get_by_test_id("stMain").get_by_text(re.compile(r"The shipment costs USD.* (more|less) "))
    expect(cheapest.first).to_be_visible()
    for section, words in (("Wishes", "One more departure"), ("Free room", re.compile(r"left$"))):
        page.get_by_role("radio", name=section).or_(page.get_by_text(section, exact=True)).first.click()
        settle(page)
        expect(page.get_by_test_id("stMain").get_by_text(words).first).to_be_visible()
    page.goto(f"{served}/plan_answers?shipment=2&about=plans")
    settle(page)
    click(page, "Take this plan")
    expect(page.get_by_text(re.compile("^Chosen for: "))).to_be_visible(timeout=180_000)
    settle(page)

    page.get_by_role("radio", name="4. Agree").or_(page.get_by_text("4. Agree")).first.click()
    page.get_by_text("The members have seen their shares and agree.").click()
    settle(page)
    click(page, "Agree on this plan")
    expect(page.get_by_text("The plan and its shares can no longer change.")).to_be_visible()
    sign_out(page)

    sign_in(page, served, "member@demo", PHRASE)
    use_english(page)
    page.goto(f"{served}/shipment?shipment=2")
    settle(page)
    expect(page.get_by_text("Your share", exact=True)).to_be_visible()
    expect(page.get_by_text("You alone would pay")).to_be_visible()
    expect(page.get_by_test_id("stMain")).to_contain_text("J-1")
    expect(page.get_by_text("What a wish of yours would cost")).to_be_visible()
    assert "J-2" not in page.content()
    sign_out(page)

    page.goto(f"{served}/shipment?shipment=2")
    expect(page.locator("input[name=password]")).to_be_visible()
    assert outside == []
    context.close()
