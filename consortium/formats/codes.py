"""Codes of others that the formats use: countries, places (UN/LOCODE), currencies, Incoterms rules."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from consortium.formats.json_text import show
from consortium.formats.kinds import Reading
from consortium.reference_data import ports

INCOTERMS = ("EXW", "FCA", "FAS", "FOB", "CFR", "CIF", "CPT", "CIP", "DAP", "DPU", "DDP")
"""The rules of Incoterms 2020."""

_COUNTRIES = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY "
    "BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK "
    "FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR "
    "IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK "
    "ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM "
    "PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF "
    "TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW "
    "XK XZ"
)
COUNTRIES = frozenset(_COUNTRIES.split())
"""ISO 3166-1 alpha-2, and the two that UN/LOCODE adds: XK (Kosovo) and XZ (international waters)."""

_EXPONENTS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: (
        "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE "
        "CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL "
        "HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR "
        "MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK "
        "SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD "
        "XCG YER ZAR ZMW ZWG"
    ),
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
CURRENCY_EXPONENT = {code: exponent for exponent, codes in _EXPONENTS.items() for code in codes.split()}
"""ISO 4217: decimals of the minor unit of each currency in use."""


@lru_cache(maxsize=1)
def _listed_ports() -> Collection[str]:
    """Return the places of the reference data; none when the reference data is not at hand."""
    try:
        return ports()
    except FileNotFoundError:
        return frozenset()


@dataclass(frozen=True)
class PortCode:
    """A place as UN/LOCODE writes it: country and three letters or digits 2-9, without a space."""

    expected: str = "a UN/LOCODE such as COCTG"

    def read(self, value: Any, path: str, reading: Reading) -> str:
        """Return the code; a well-formed one that the reference data does not list is only a warning."""
        if not isinstance(value, str) or not re.fullmatch(r"[A-Z]{2}[A-Z2-9]{3}", value):
            reading.fault(path, "wrong_port", self.expected, show(value))
            return "?"
        if value[:2] not in COUNTRIES:
            reading.fault(path, "unknown_country", "a port of a country of ISO 3166", show(value))
        elif _listed_ports() and value not in _listed_ports() and not _warned(reading, value):
            reading.warn(path, "port_not_listed", "a port of the reference data", show(value))
        return value

    def write(self, value: str) -> str:
        """Return the code."""
        return value

    def schema(self, definitions: dict[str, Any]) -> dict[str, Any]:
        """Return the JSON Schema."""
        return {"type": "string", "pattern": "^[A-Z]{2}[A-Z2-9]{3}$"}


@dataclass(frozen=True)
class CurrencyCode:
    """A currency of ISO 4217."""

    expected: str = "a currency of ISO 4217 such as USD"

    def read(self, value: Any, path: str, reading: Reading) -> str:
        """Return the code, or USD after a fault."""
        if not isinstance(value, str) or value not in CURRENCY_EXPONENT:
            reading.fault(path, "unknown_currency", self.expected, show(value))
            return "USD"
        return value

    def write(self, value: str) -> str:
        """Return the code."""
        return value

    def schema(self, definitions: dict[str, Any]) -> dict[str, Any]:
        """Return the JSON Schema."""
        return {"enum": sorted(CURRENCY_EXPONENT)}


def _warned(reading: Reading, code: str) -> bool:
    return any(one.code == "port_not_listed" and one.found == show(code) for one in reading.warnings)
