"""What is compared between two people of a candidates table, and what brings them together.

Only identity and the place are read: never sex, benefits, health or justice.
"""

from __future__ import annotations

from matcher.duplicates import cleaning
from matcher.duplicates.model import Field, Key, Kind, Pass, Plan
from matcher.locale import N_

TWINS = 0.02
"""Share of twins among pairs of people of one home; a judgement, on the high side since a wrong merge costs more."""
PLACE = ("commune", "postal_code", "city")
NAMES = ("last_name", "first_name")

PEOPLE = Plan(
    "candidate_id",
    (
        Field("last_name", N_("nom"), ("last_name",), cleaning.name, Kind.NAME, swap="first_name", household=0.8),
        Field("first_name", N_("prénom"), ("first_name",), cleaning.name, Kind.NAME, swap="last_name"),
        Field("birth_date", N_("date de naissance"), ("birth_date",), cleaning.date, Kind.DATE, household=TWINS),
        Field("phone", N_("téléphone"), ("phone",), cleaning.phone, Kind.CODE, household=0.4),
        Field("email", N_("courriel"), ("email",), cleaning.email, Kind.EMAIL, household=0.1),
        Field(
            "place",
            N_("lieu"),
            ("commune", "postal_code", "city"),
            cleaning.place,
            Kind.PLACE,
            rare=False,
            household=0.9,
        ),
    ),
    (
        Pass((Key("exact", ("phone",)),), ("birth_date",)),
        Pass((Key("exact", ("email",)),), ("birth_date",)),
        Pass((Key("local", ("email",)),), ("birth_date",), 10),
        Pass((Key("unordered", ("birth_date",)),), ("first_name", "last_name")),
        Pass((Key("together", NAMES),), ("birth_date",)),
        # A part of a compound name, or one name for the other, with the year or the day of birth.
        Pass((Key("sounds", NAMES), Key("year", ("birth_date",))), ("birth_date",), 15),
        Pass((Key("sounds", NAMES), Key("day", ("birth_date",))), ("birth_date",), 15),
        # A name that changed: the first name and the place, then the nearest birth dates.
        Pass((Key("sounds", ("first_name",)), Key("exact", ("place",))), ("birth_date",), 10),
        Pass((Key("sounds", ("last_name",)), Key("exact", ("place",))), ("first_name",), 10),
        # Misspelt beyond its sound: neighbours in the order of the alphabet.
        Pass((Key("start", ("last_name",)),), ("last_name", "first_name"), 10),
        Pass((Key("start", ("first_name",)),), ("first_name", "last_name"), 10),
    ),
)
