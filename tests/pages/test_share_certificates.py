"""Links to the certificates of shares: one address for each firm, under its name where there are several."""

import pytest
from streamlit.testing.v1 import AppTest

from app.texts import LANGUAGE_KEY
from consortium.services.certificates import MEMBER_CERTIFICATES
from consortium.views_plans import CostShareView


def script(shares, named):
    """Show the component."""
    from app.components.share_certificates import show_share_certificates

    show_share_certificates(7, shares, named=named)


def share(number, name):
    return CostShareView(
        member_id=number, member_code=name, member_name=name, currency="USD", cost_share_minor=1, pays_minor=1,
        buyers_pay_minor=0, stand_alone_cost_minor=None, saving_minor=None, why={},
    )  # fmt: skip


def shown(shares, *, named, language="en"):
    at = AppTest.from_function(script, kwargs={"shares": shares, "named": named}, default_timeout=30)
    at.session_state[LANGUAGE_KEY] = language
    return at.run()


def links(at):
    return [each.proto.body.split('href="')[1].split('"')[0] for each in at.get("html")]


def test_without_a_share_there_is_nothing():
    at = shown((), named=False)
    assert not at.exception
    assert not at.expander


def test_a_member_gets_its_own_part_as_paper_and_as_data():
    at = shown((share(3, "Andina"),), named=False)
    assert links(at) == [f"/files/shipments/7/certificates/3/{name}" for name in MEMBER_CERTIFICATES]
    assert not any("Andina" in each.value for each in at.markdown)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("es", "Certificado de la parte del costo"),
        ("pt", "Certificado da parte do custo"),
        ("en", "Cost-share certificate"),
    ],
)
def test_several_firms_are_named_in_the_reader_s_language(language, words):
    at = shown((share(3, "Andina"), share(4, "Bahía")), named=True, language=language)
    assert len(links(at)) == 2 * len(MEMBER_CERTIFICATES)
    assert [each.value for each in at.markdown] == ["**Andina**", "**Bahía**"]
    assert at.expander[0].label == words
