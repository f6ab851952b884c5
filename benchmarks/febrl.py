"""The public febrl sets as the engine is told about them: no national number, no label."""

from __future__ import annotations

from matcher.duplicates import cleaning
from matcher.duplicates.model import Field, Key, Kind, Pass, Plan

FEBRL = Plan(
    "rec_id",
    (
        Field("surname", "surname", ("surname",), cleaning.name, Kind.NAME, swap="given_name"),
        Field("given_name", "given name", ("given_name",), cleaning.name, Kind.NAME, swap="surname"),
        Field("birth", "date of birth", ("date_of_birth",), cleaning.date, Kind.DATE),
        Field("number", "street number", ("street_number",), cleaning.code, Kind.CODE),
        Field("street", "street", ("address_1",), cleaning.words, Kind.TEXT, swap="building"),
        Field("building", "building", ("address_2",), cleaning.words, Kind.TEXT, swap="street"),
        Field("suburb", "suburb", ("suburb",), cleaning.words, Kind.TEXT),
        Field("postcode", "postcode", ("postcode",), cleaning.code, Kind.CODE),
        Field("state", "state", ("state",), cleaning.code, Kind.CODE),
    ),
    (
        Pass((Key("unordered", ("birth",)),), ("surname",)),
        Pass((Key("together", ("surname", "given_name")),), ("birth",)),
        Pass((Key("sounds", ("surname", "given_name")), Key("start", ("postcode",))), ("surname",)),
        Pass((Key("exact", ("postcode",)),), ("surname",)),
        Pass((Key("exact", ("postcode",)),), ("given_name",)),
        Pass((Key("exact", ("street", "building")),), ("number",)),
        Pass((Key("sound", ("suburb",)), Key("exact", ("number",))), ("surname",)),
        Pass((Key("sound", ("suburb",)),), ("given_name",)),
        Pass((Key("sounds", ("given_name", "surname")), Key("year", ("birth",))), ("birth",)),
        Pass((Key("day", ("birth",)),), ("given_name",)),
        Pass((Key("sound", ("given_name",)),), ("surname",)),
        Pass((Key("sound", ("surname",)),), ("given_name",)),
        Pass((Key("exact", ("number",)),), ("street",)),
    ),
)
