"""Import: a file is looked at first, every bad cell is named, nothing is stored until it is asked for."""

import streamlit as st

from app.components.import_report import choose_file, show_report
from app.components.states import attempt, error_box, show_faults
from app.layout import viewer
from app.texts import _, plural
from consortium import importing
from consortium.errors import InputError

who = viewer()
st.page_link("app_pages/orders.py", label=_("All orders"), icon=":material/arrow_back:")
st.title(_("Import orders"))
st.write(_("The file is read and checked first. You see what is wrong, cell by cell, before anything is stored."))
chosen = choose_file()
if chosen is None:
    st.stop()

with error_box():
    try:
        with st.spinner(_("Reading and checking the file")):
            report = importing.dry_run(who.actor, who.here.id, "orders", *chosen.arguments, **chosen.options)
    except InputError as error:
        show_faults(error.faults)
        st.stop()
    show_report(report)
    clean = not report.refused
    label = plural("Store {number} order", "Store {number} orders", report.objects)
    if not clean:
        label = plural(
            "Store only the {number} order without faults",
            "Store only the {number} orders without faults",
            report.objects,
        )
    if report.objects and st.button(label, type="primary" if clean else "secondary", key="import_store"):
        with attempt(plural("{number} order was stored.", "{number} orders were stored.", report.objects)):
            importing.import_rows(
                who.actor, who.here.id, "orders", *chosen.arguments, **chosen.options, only_valid=not clean
            )
            st.session_state["import_done"] = True
