"""Importing orders on its page: nothing is stored before every cell was looked at."""

from consortium import queries
from consortium.shipped_mappings import shipped_mappings
from tests.pages.conftest import acting

HEAD = "member,code,origin,destination,ready_date,volume_cm3,mass_g\n"
GOOD = HEAD + "SIERRA,X-1,COCTG,NLRTM,2027-04-01,1000000,500000\nTUMACO,X-2,COCTG,NLRTM,2027-04-02,2000000,900000\n"
BAD = GOOD.replace("500000\n", "-5\n").replace("2027-04-02", "02/04/2027")


def codes():
    who = acting("manager@demo")
    return {order.code for order in queries.orders(who, who.grants[0].consortium_id)}


def uploaded(open_page, content, username="manager@demo"):
    at = open_page(username, "import_orders")
    at.file_uploader(key="import_file").upload("orders.csv", content.encode())
    return at.run()


def test_a_clean_file_is_counted_first_and_stored_when_asked(open_page):
    at = uploaded(open_page, GOOD)
    assert [metric.value for metric in at.metric] == ["2", "2", "0"]
    assert not {"X-1", "X-2"} & codes()
    at.button(key="import_store").click().run()
    assert not at.error
    assert {"X-1", "X-2"} <= codes()


def test_every_bad_cell_is_named_by_row_and_column(open_page):
    at = uploaded(open_page, BAD)
    table = at.table[0].value
    assert sorted(zip(table["Row"], table["Column"], strict=True)) == [("2", "mass\\_g"), ("3", "ready\\_date")]
    assert "import_store" not in {button.key for button in at.button}
    assert not {"X-1", "X-2"} & codes()


def test_a_file_that_is_no_table_is_refused_without_a_traceback(open_page):
    at = uploaded(open_page, "\x00\x01\x02")
    assert not at.exception
    assert at.error or at.table
    assert "import_store" not in {button.key for button in at.button}


def test_a_member_imports_for_its_own_firm_only(open_page):
    at = uploaded(open_page, GOOD, "member@demo")
    assert at.metric[2].value == "1"


def test_without_a_file_the_page_only_asks_for_one(open_page):
    at = open_page("member@demo", "import_orders")
    assert at.title[0].value == "Import orders"
    assert not at.metric
    assert not at.error


def test_only_mappings_that_come_with_the_product_are_offered(open_page):
    at = open_page("manager@demo", "import_orders")
    assert len(at.file_uploader) == 1
    assert at.selectbox(key="import_mapping").options == [each.title for each in shipped_mappings().values()]
    assert len(shipped_mappings()) == 1


def test_a_mapping_says_itself_how_numbers_are_written(open_page):
    at = open_page("manager@demo", "import_orders")
    name, mapping = next(iter(shipped_mappings().items()))
    at.selectbox(key="import_mapping").set_value(name).run()
    assert at.selectbox(key="import_format").disabled
    assert at.selectbox(key="import_format").placeholder == mapping.number_format
    at.file_uploader(key="import_file").upload("orders.csv", GOOD.encode())
    at.run()
    assert at.error  # these are not the columns that the mapping reads
    assert not at.exception


def test_the_empty_workbook_has_an_address_of_its_own(open_page):
    at = open_page("member@demo", "import_orders")
    assert any('href="/files/templates/orders.xlsx"' in each.proto.body for each in at.get("html"))


def test_a_number_that_can_be_read_in_two_ways_is_answered_with_the_choice_of_this_page(open_page):
    at = uploaded(open_page, GOOD.replace("1000000", '"1.234,5"'))
    assert "Choose above how numbers are written" in at.table[0].value.to_string()


def test_many_faults_stay_whole_sentences_and_the_first_hundred_are_shown(open_page):
    rows = "".join(f"SIERRA,Y-{n},COCTG,NLRTM,2027-04-01,1000000,-5\n" for n in range(120))
    at = uploaded(open_page, HEAD + rows)
    assert len(at.table[0].value) == 100
    assert not at.dataframe
    assert any("The first 100 of 120 are shown" in caption.value for caption in at.caption)
