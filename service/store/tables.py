"""The tables of the store. Instants are ISO 8601 text in UTC (`clock.written`); days are `YYYY-MM-DD` text.

`changed` is the number of the log entry of the transaction that last changed the row: what changed since a number is
exact, since writers come one after the other. `version` counts the changes of one row, for ETags.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

_LIVE = "stage NOT IN ('refused', 'withdrawn')"

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _organisation(*, nullable: bool = False) -> Column[str]:
    return Column("org_id", String, ForeignKey("organisations.org_id"), nullable=nullable)


def _change() -> tuple[Column[int], Column[int]]:
    return (Column("version", Integer, nullable=False), Column("changed", BigInteger, nullable=False, index=True))


organisations = Table(
    "organisations",
    metadata,
    Column("org_id", String, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", String, nullable=False),  # prescriber, facilitator, contractor, authority
    Column("siret", String),  # a contractor's: which positions are its own
)

# --- who may come in ---------------------------------------------------------------------------------------------
api_keys = Table(
    "api_keys",
    metadata,
    Column("key_id", String, primary_key=True),  # the public half, shown in lists and in the log
    Column("digest", String, nullable=False, unique=True),  # SHA-256 of the secret half, 256 random bits
    _organisation(),
    Column("roles", String, nullable=False),  # names joined by |
    Column("scopes", String, nullable=False),  # read|write
    Column("label", Text, nullable=False),
    Column("created_at", String, nullable=False),
    Column("expires_at", String, nullable=False),
    Column("revoked_at", String),
    Column("replaced_by", String),
)
members = Table(
    "members",
    metadata,
    Column("member_id", String, primary_key=True),
    Column("issuer", Text),
    Column("subject", Text),  # the issuer's name for the person; empty until their first sign-in
    Column("email", Text),
    _organisation(),
    Column("roles", String, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created_at", String, nullable=False),
    Column("last_seen_at", String),
    UniqueConstraint("issuer", "subject"),
)
sessions = Table(
    "sessions",
    metadata,
    Column("digest", String, primary_key=True),
    Column("member_id", String, ForeignKey("members.member_id", ondelete="CASCADE")),  # one of these two
    Column("key_id", String, ForeignKey("api_keys.key_id", ondelete="CASCADE")),
    Column("created_at", String, nullable=False),
    Column("seen_at", String, nullable=False),
    Column("expires_at", String, nullable=False),
    Column("id_token", LargeBinary),  # sealed; the provider wants it back to sign out
)
sign_ins = Table(
    "sign_ins",
    metadata,
    Column("state_digest", String, primary_key=True),
    Column("nonce", String, nullable=False),
    Column("verifier", LargeBinary, nullable=False),  # sealed
    Column("back", Text, nullable=False),
    Column("created_at", String, nullable=False),
)

# --- people ------------------------------------------------------------------------------------------------------
subjects = Table(
    "subjects",
    metadata,
    Column("subject", String, primary_key=True),
    Column("wrapped_key", LargeBinary),  # empty once the person is erased
    Column("log_name", String, index=True),  # as in the log; emptied with the key
)
people = Table(
    "people",
    metadata,
    Column("subject", String, ForeignKey("subjects.subject"), primary_key=True),
    _organisation(),
    Column("candidate_id", Text),  # the organisation's own; empty once erased
    Column("reference", String, unique=True),  # what others call the person; empty once erased
    Column("body", LargeBinary),  # every column of the table of people, sealed; empty once erased
    Column("last_action_on", String, nullable=False),  # what the 24 months are counted from
    *_change(),
    UniqueConstraint("org_id", "candidate_id"),
)
people_past = Table(
    "people_past",  # what replaying a run of matching needs
    metadata,
    Column("subject", String, ForeignKey("subjects.subject"), primary_key=True),
    Column("changed", BigInteger, primary_key=True),
    Column("replaced", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

# --- contracts ---------------------------------------------------------------------------------------------------
awards = Table(
    "awards",
    metadata,
    Column("award_id", String, primary_key=True),
    _organisation(),
    Column("body", Text, nullable=False),  # the row of awards.csv, JSON
    Column("buyer_siret", String),
    Column("hours_due", Float),
    Column("notified_on", String),
    Column("ends_on", String),
    *_change(),
)
positions = Table(
    "positions",
    metadata,
    Column("position_id", String, primary_key=True),
    _organisation(),
    Column("award_id", String, index=True),
    Column("siret", String, index=True),
    Column("body", Text, nullable=False),  # the row of the table of positions, JSON
    Column("openings", Integer, nullable=False),
    Column("filled", Integer, nullable=False),
    Column("closed", Boolean, nullable=False),
    *_change(),
)
positions_past = Table(
    "positions_past",
    metadata,
    Column("position_id", String, primary_key=True),
    Column("changed", BigInteger, primary_key=True),
    Column("replaced", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    Column("closed", Boolean, nullable=False),
)
places_in_order = Table(
    "places_in_order",  # the people's own order for a position, beside the model's
    metadata,
    Column("position_id", String, ForeignKey("positions.position_id"), primary_key=True),
    Column("subject", String, ForeignKey("subjects.subject"), primary_key=True),
    Column("place", Integer),  # 1 = first; empty when set aside
    Column("added", Boolean, nullable=False),  # the model did not list this person
    Column("aside", String),  # why set aside, a code of the reasons
    Column("changed", BigInteger, nullable=False),
)

# --- what followed -----------------------------------------------------------------------------------------------
proposals = Table(
    "proposals",
    metadata,
    Column("proposal_id", String, primary_key=True),
    Column("position_id", String, ForeignKey("positions.position_id"), nullable=False),
    Column("subject", String, ForeignKey("subjects.subject"), nullable=False, index=True),
    _organisation(),  # the person's
    Column("stage", String, nullable=False),
    Column("listed_by", String, nullable=False),
    Column("shown_rank", Integer),
    Column("shown_score", Float),
    Column("human_rank", Integer),
    Column("scorecard", String, nullable=False),
    Column("decision", String),
    Column("decided_by", String),
    Column("reason", String),
    Column("proposed_on", String, nullable=False),
    Column("decided_on", String),
    Column("contract", String),  # permanent, fixed, temporary: what a hire led to
    Column("contract_months", Float),
    *_change(),
    Index(
        "one_live_proposal",
        "position_id",
        "subject",
        unique=True,
        sqlite_where=text(_LIVE),
        postgresql_where=text(_LIVE),
    ),
)
moves = Table(
    "moves",
    metadata,
    Column("proposal_id", String, ForeignKey("proposals.proposal_id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("stage", String, nullable=False),
    Column("reason", String),
    Column("decided_by", String),
    Column("happened_on", String, nullable=False),  # the day it happened, `at` the instant it was written down
    Column("actor", String, nullable=False),
    Column("at", String, nullable=False),
    Column("changed", BigInteger, nullable=False),
)
hours = Table(
    "hours",
    metadata,
    Column("award_id", String, ForeignKey("awards.award_id"), primary_key=True),
    Column("subject", String, ForeignKey("subjects.subject"), primary_key=True),
    Column("employer", String, primary_key=True),
    Column("mode", String, primary_key=True),
    Column("month", String, primary_key=True),  # YYYY-MM
    Column("hours", Float, nullable=False),
    Column("changed", BigInteger, nullable=False),
)
merges = Table(
    "merges",  # two records of one person made one, until undone or until the person is erased
    metadata,
    Column("merge_id", String, primary_key=True),
    _organisation(),
    Column("kept", String, ForeignKey("subjects.subject"), nullable=False, index=True),
    Column("gone", String, ForeignKey("subjects.subject"), nullable=False, unique=True),
    Column("body", LargeBinary, nullable=False),  # what undoing needs, sealed with the key of `gone`
    Column("at", String, nullable=False),
)
apart = Table(
    "apart",  # pairs of records that somebody said are two people; left < right
    metadata,
    Column("left", String, ForeignKey("subjects.subject"), primary_key=True),
    Column("right", String, ForeignKey("subjects.subject"), primary_key=True),
)
figures = Table(
    "figures",  # what erased people leave: counts without a person
    metadata,
    Column("award_id", String, primary_key=True),
    Column("month", String, primary_key=True),
    Column("measure", String, primary_key=True),  # hours, people, hires, durable…
    Column("part", String, primary_key=True),  # all, women, rsa, qpv, disability
    Column("value", Float, nullable=False),
)

# --- the log, and what makes writing safe ------------------------------------------------------------------------
log = Table(
    "log",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", String, nullable=False),
    Column("actor", String, nullable=False),  # key:…, member:…, command:…
    Column("org_id", String),
    Column("action", String, nullable=False),
    Column("object", String, nullable=False),  # what it is about, never a person: position:P1, award:…, pool
    Column("subjects", Text, nullable=False),  # log names, JSON list
    Column("detail", Text, nullable=False),  # JSON, without personal data
    Column("digest", String, nullable=False),  # SHA-256 of the previous digest and of this entry
    Index("ix_log_action", "action"),
)
head = Table(
    "head",  # one row: the end of the chain, and the lock that makes writers come one after the other
    metadata,
    Column("only", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("digest", String, nullable=False),
    Column("data_seq", BigInteger, nullable=False),  # the last entry that changed people or positions
)
answers = Table(
    "answers",  # what an Idempotency-Key was answered, for a day
    metadata,
    Column("actor", String, primary_key=True),
    Column("key_digest", String, primary_key=True),
    Column("request_digest", String, nullable=False),
    Column("status", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),  # sealed
    Column("at", String, nullable=False),
)
drafts = Table(
    "drafts",  # files sent and not yet accepted, for an hour
    metadata,
    Column("draft_id", String, primary_key=True),
    _organisation(),
    Column("actor", String, nullable=False),
    Column("kind", String, nullable=False),  # candidates, positions, awards, duplicates
    Column("size", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),  # sealed
    Column("at", String, nullable=False),
)
headers = Table(
    "headers",  # what an organisation's own column names mean
    metadata,
    Column("org_id", String, ForeignKey("organisations.org_id"), primary_key=True),
    Column("kind", String, primary_key=True),
    Column("header", String, primary_key=True),  # folded
    Column("column", String, nullable=False),  # empty: set aside
)
