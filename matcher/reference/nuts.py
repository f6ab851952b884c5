"""European statistical codes (NUTS) of France, which notices sometimes give for a place.

Source: regulation (EC) No 1059/2003, annex I, versions 2013 and 2016. Within a region, level 3 codes number the
départements in the order of their INSEE codes, so the regions' lists are enough.
"""

from __future__ import annotations

import re

# NUTS 2 code (2016, then 2013 where it differs): its départements in order.
_REGIONS = {
    "FR10": "75 77 78 91 92 93 94 95",
    "FRB0 FR24": "18 28 36 37 41 45",
    "FRC1 FR26": "21 58 71 89",
    "FRC2 FR43": "25 39 70 90",
    "FRD1 FR25": "14 50 61",
    "FRD2 FR23": "27 76",
    "FRE1 FR30": "59 62",
    "FRE2 FR22": "02 60 80",
    "FRF1 FR42": "67 68",
    "FRF2 FR21": "08 10 51 52",
    "FRF3 FR41": "54 55 57 88",
    "FRG0 FR51": "44 49 53 72 85",
    "FRH0 FR52": "22 29 35 56",
    "FRI1 FR61": "24 33 40 47 64",
    "FRI2 FR63": "19 23 87",
    "FRI3 FR53": "16 17 79 86",
    "FRJ1 FR81": "11 30 34 48 66",
    "FRJ2 FR62": "09 12 31 32 46 65 81 82",
    "FRK1 FR72": "03 15 43 63",
    "FRK2 FR71": "01 07 26 38 42 69 73 74",
    "FRL0 FR82": "04 05 06 13 83 84",
    "FRM0 FR83": "2A 2B",
    "FRY1 FRA1": "971",
    "FRY2 FRA2": "972",
    "FRY3 FRA3": "973",
    "FRY4 FRA4": "974",
    "FRY5 FRA5": "976",
}
_BY_CODE = {code: tuple(departments.split()) for codes, departments in _REGIONS.items() for code in codes.split()}
_SHAPE = re.compile(r"^FR[0-9A-Z]{1,3}$")


def nuts_departments(code: str) -> tuple[str, ...]:
    """Départements of a NUTS code of level 1, 2 or 3 (``FRJ``, ``FRJ2``, ``FRJ23``); empty when it is none."""
    if not _SHAPE.match(code):
        return ()
    if len(code) == 5:
        departments = _BY_CODE.get(code[:4], ())
        position = code[4]
        if position == "0":
            return departments
        index = int(position) - 1 if position.isdigit() else -1
        return departments[index : index + 1] if 0 <= index < len(departments) else ()
    return tuple(sorted(d for known, departments in _BY_CODE.items() if known.startswith(code) for d in departments))
