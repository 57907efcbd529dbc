"""Files of programmes: those that come with the product, and faults of those that somebody writes."""

from pathlib import Path

import pytest

from consortium.errors import InputError
from consortium.programmes import read_programme, read_programmes, shipped_programmes
from consortium.reference_data import reference_folder

TEXT = (reference_folder() / "co_financing" / "malta_sme.toml").read_text(encoding="utf-8")


def test_the_programmes_that_are_shipped_say_where_they_are_from() -> None:
    found = shipped_programmes()
    assert len(found) == 9
    for code, one in found.items():
        assert one.programme.code == code
        assert len(one.source) > 40
        assert {one.names.in_language(language) for language in ("es", "pt", "en")}


@pytest.mark.parametrize(
    ("old", "new", "path", "code"),
    [
        ('rate = "0.50"', 'rate = "1.50"', "rates[0].rate", "out_of_range"),
        ('rate = "0.50"', "", "rates[0].rate", "missing"),
        ('"freight"]', '"caviar"]', "categories[5]", "unknown_value"),
        ('"*" = 1_000_000', "moon = 5", "cap_by_zone.moon", "unknown_value"),
        ("read_on = 2026-12-01", 'read_on = "soon"', "read_on", "wrong_date"),
        ("evidence =", "evidents =", "evidents", "unknown_key"),
        (
            "[cap_by_zone]",
            '[category_limits]\ntraining = "0.6"\nstudy = "0.4"\n[cap_by_zone]',
            "category_limits",
            "out_of_range",
        ),
        ('currency = "EUR"', 'currency = "euro"', "currency", "wrong_text"),
        ("[names]", "[names", "", "bad_toml"),
    ],
)
def test_faults_name_the_key(old: str, new: str, path: str, code: str) -> None:
    assert old in TEXT
    with pytest.raises(InputError) as caught:
        read_programme(TEXT.replace(old, new), "malta_sme")
    assert (path, code) in {(one.path, one.code) for one in caught.value.faults}


def test_a_wrong_file_among_others_is_told_with_its_name(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text(TEXT, encoding="utf-8")
    bad.write_text(TEXT.replace("source", "sauce", 1), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_programmes([good, bad])
    assert all(one.place.file == str(bad) for one in caught.value.faults)
