"""Container numbers and the sum of method 2."""

import pytest

from consortium.documents.container_numbers import check_digit, has_form, tidy
from consortium.documents.verified_mass import Weighing, verified_mass
from consortium.errors import InputError
from consortium.fault_texts import sentence
from consortium.texts import translate


@pytest.mark.parametrize("number", ["CSQU3054383", "ZEPU0037255"])
def test_check_digits_of_published_numbers(number: str) -> None:
    assert check_digit(number) == int(number[-1])


def test_a_remainder_of_ten_counts_as_nought() -> None:
    remainders = {serial: check_digit(f"CSQU{serial:06d}0") for serial in range(200)}
    assert set(remainders.values()) == set(range(10))


@pytest.mark.parametrize("number", ["CSQX3054383", "CS1U3054383", "CSQU305438", "CSQU30543833", ""])
def test_what_is_no_container_number_has_not_its_form(number: str) -> None:
    assert not has_form(number)


def test_numbers_are_read_however_they_are_parted() -> None:
    assert tidy(" csqu 305438-3 ") == "CSQU3054383"


def test_the_sum_of_method_two() -> None:
    found = verified_mass(1_000_000, 28_260_000, 2_220_000, Weighing(dunnage_g=50, tare_g=2_230_001))
    assert (found.total_g, found.maximum_g, found.tare_is_declared) == (3_230_051, 30_480_000, True)
    assert not found.is_too_heavy
    assert not verified_mass(28_260_000, 28_260_000, 2_220_000, Weighing()).is_too_heavy
    assert verified_mass(28_260_001, 28_260_000, 2_220_000, Weighing()).is_too_heavy


def test_without_any_tare_there_is_no_sum() -> None:
    assert verified_mass(1, 2, None, Weighing()).total_g is None


@pytest.mark.parametrize(
    ("fields", "path", "said"),
    [
        ({"container_no": "CSQU3054384"}, "container_no",
         "el dígito verificador del número de contenedor no es correcto: se esperaba 3 como última cifra"),
        ({"container_no": "12"}, "container_no",
         'container_no: se esperaba 4 letras y 7 cifras como CSQU3054383, se encontró "12"'),
        ({"dunnage_g": -1}, "dunnage_g", "dunnage_g: se esperaba entero de 0 a 100000000, se encontró -1"),
        ({"tare_g": 0}, "tare_g", "tare_g: se esperaba entero de 1 a 100000000, se encontró 0"),
    ],
)  # fmt: skip
def test_what_cannot_be_declared_is_refused_in_words(fields: dict[str, object], path: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        Weighing(**fields)  # type: ignore[arg-type]
    assert [one.path for one in caught.value.faults] == [path]
    assert said in sentence(caught.value.faults[0], translate("es"))


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(InputError) as caught:
        Weighing(container_no="x", dunnage_g=-5, tare_g=-5, person="p" * 121, company="c" * 121)
    assert len(caught.value.faults) == 5
