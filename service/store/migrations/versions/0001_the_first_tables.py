"""The first tables

Revision ID: 0001
Revises:
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.store import guards

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "answers",
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("key_digest", sa.String(), nullable=False),
        sa.Column("request_digest", sa.String(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("actor", "key_digest", name=op.f("pk_answers")),
    )
    op.create_table(
        "figures",
        sa.Column("award_id", sa.String(), nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("measure", sa.String(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("award_id", "month", "measure", "part", name=op.f("pk_figures")),
    )
    op.create_table(
        "head",
        sa.Column("only", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("data_seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("only", name=op.f("pk_head")),
    )
    op.create_table(
        "log",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("org_id", sa.String(), nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("object", sa.String(), nullable=False),
        sa.Column("subjects", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_log")),
    )
    with op.batch_alter_table("log", schema=None) as batch_op:
        batch_op.create_index("ix_log_action", ["action"], unique=False)

    op.create_table(
        "organisations",
        sa.Column("org_id", sa.String(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("siret", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("org_id", name=op.f("pk_organisations")),
    )
    op.create_table(
        "positions_past",
        sa.Column("position_id", sa.String(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("replaced", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("position_id", "changed", name=op.f("pk_positions_past")),
    )
    op.create_table(
        "sign_ins",
        sa.Column("state_digest", sa.String(), nullable=False),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("verifier", sa.LargeBinary(), nullable=False),
        sa.Column("back", sa.Text(), nullable=False),
        sa.Column("created_at", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("state_digest", name=op.f("pk_sign_ins")),
    )
    op.create_table(
        "subjects",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("log_name", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_subjects")),
    )
    with op.batch_alter_table("subjects", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_subjects_log_name"), ["log_name"], unique=False)

    op.create_table(
        "apart",
        sa.Column("left", sa.String(), nullable=False),
        sa.Column("right", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["left"], ["subjects.subject"], name=op.f("fk_apart_left")),
        sa.ForeignKeyConstraint(["right"], ["subjects.subject"], name=op.f("fk_apart_right")),
        sa.PrimaryKeyConstraint("left", "right", name=op.f("pk_apart")),
    )
    op.create_table(
        "api_keys",
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("org_id", sa.String(), nullable=False),
        sa.Column("roles", sa.String(), nullable=False),
        sa.Column("scopes", sa.String(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("created_at", sa.String(), nullable=False),
        sa.Column("expires_at", sa.String(), nullable=False),
        sa.Column("revoked_at", sa.String(), nullable=True),
        sa.Column("replaced_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.org_id"], name=op.f("fk_api_keys_org_id")),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_keys_digest")),
    )
    op.create_table(
        "awards",
        sa.Column("award_id", sa.String(), nullable=False),
        sa.Column("org_id", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("buyer_siret", sa.String(), nullable=True),
        sa.Column("hours_due", sa.Float(), nullable=True),
        sa.Column("notified_on", sa.String(), nullable=True),
        sa.Column("ends_on", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.org_id"], name=op.f("fk_awards_org_id")),
        sa.PrimaryKeyConstraint("award_id", name=op.f("pk_awards")),
    )
    with op.batch_alter_table("awards", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_awards_changed"), ["changed"], unique=False)

    op.create_table(
        "drafts",
        sa.Column("draft_id", sa.String(), nullable=False),
        sa.Column("org_id", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.org_id"], name=op.f("fk_drafts_org_id")),
        sa.PrimaryKeyConstraint("draft_id", name=op.f("pk_drafts")),
    )
    op.create_table(
        "headers",
        sa.Column("org_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("header", sa.String(), nullable=False),
        sa.Column("column", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.org_id"], name=op.f("fk_headers_org_id")),
        sa.PrimaryKeyConstraint("org_id", "kind", "header", name=op.f("pk_headers")),
    )
    op.create_table(
        "members",
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("org_id", sa.String(), nullable=False),
        sa.Column("roles", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.String(), nullable=False),
        sa.Column("last_seen_at", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.org_id"], name=op.f("fk_members_org_id")),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_members")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_members_issuer_subject")),
    )
    op.create_table(
        "merges",
        sa.Column("merge_id", sa.String(), nullable=False),
        sa.Column("org_id", sa.String(), nullable=False),
        sa.Column("kept", sa.String(), nullable=False),
        sa.Column("gone", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["gone"], ["subjects.subject"], name=op.f("fk_merges_gone")),
        sa.ForeignKeyConstraint(["kept"], ["subjects.subject"], name=op.f("fk_merges_kept")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.org_id"], name=op.f("fk_merges_org_id")),
        sa.PrimaryKeyConstraint("merge_id", name=op.f("pk_merges")),
        sa.UniqueConstraint("gone", name=op.f("uq_merges_gone")),
    )
    with op.batch_alter_table("merges", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_merges_kept"), ["kept"], unique=False)

    op.create_table(
        "people",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("org_id", sa.String(), nullable=False),
        sa.Column("candidate_id", sa.Text(), nullable=True),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("last_action_on", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.org_id"], name=op.f("fk_people_org_id")),
        sa.ForeignKeyConstraint(["subject"], ["subjects.subject"], name=op.f("fk_people_subject")),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_people")),
        sa.UniqueConstraint("org_id", "candidate_id", name=op.f("uq_people_org_id_candidate_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_people_reference")),
    )
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_people_changed"), ["changed"], unique=False)

    op.create_table(
        "people_past",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("replaced", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["subject"], ["subjects.subject"], name=op.f("fk_people_past_subject")),
        sa.PrimaryKeyConstraint("subject", "changed", name=op.f("pk_people_past")),
    )
    op.create_table(
        "positions",
        sa.Column("position_id", sa.String(), nullable=False),
        sa.Column("org_id", sa.String(), nullable=False),
        sa.Column("award_id", sa.String(), nullable=True),
        sa.Column("siret", sa.String(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("openings", sa.Integer(), nullable=False),
        sa.Column("filled", sa.Integer(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.org_id"], name=op.f("fk_positions_org_id")),
        sa.PrimaryKeyConstraint("position_id", name=op.f("pk_positions")),
    )
    with op.batch_alter_table("positions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_positions_award_id"), ["award_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_positions_changed"), ["changed"], unique=False)
        batch_op.create_index(batch_op.f("ix_positions_siret"), ["siret"], unique=False)

    op.create_table(
        "hours",
        sa.Column("award_id", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("employer", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("hours", sa.Float(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["award_id"], ["awards.award_id"], name=op.f("fk_hours_award_id")),
        sa.ForeignKeyConstraint(["subject"], ["subjects.subject"], name=op.f("fk_hours_subject")),
        sa.PrimaryKeyConstraint("award_id", "subject", "employer", "mode", "month", name=op.f("pk_hours")),
    )
    op.create_table(
        "places_in_order",
        sa.Column("position_id", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.Column("added", sa.Boolean(), nullable=False),
        sa.Column("aside", sa.String(), nullable=True),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["position_id"], ["positions.position_id"], name=op.f("fk_places_in_order_position_id")
        ),
        sa.ForeignKeyConstraint(["subject"], ["subjects.subject"], name=op.f("fk_places_in_order_subject")),
        sa.PrimaryKeyConstraint("position_id", "subject", name=op.f("pk_places_in_order")),
    )
    op.create_table(
        "proposals",
        sa.Column("proposal_id", sa.String(), nullable=False),
        sa.Column("position_id", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("org_id", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("listed_by", sa.String(), nullable=False),
        sa.Column("shown_rank", sa.Integer(), nullable=True),
        sa.Column("shown_score", sa.Float(), nullable=True),
        sa.Column("human_rank", sa.Integer(), nullable=True),
        sa.Column("scorecard", sa.String(), nullable=False),
        sa.Column("decision", sa.String(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("proposed_on", sa.String(), nullable=False),
        sa.Column("decided_on", sa.String(), nullable=True),
        sa.Column("contract", sa.String(), nullable=True),
        sa.Column("contract_months", sa.Float(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.org_id"], name=op.f("fk_proposals_org_id")),
        sa.ForeignKeyConstraint(["position_id"], ["positions.position_id"], name=op.f("fk_proposals_position_id")),
        sa.ForeignKeyConstraint(["subject"], ["subjects.subject"], name=op.f("fk_proposals_subject")),
        sa.PrimaryKeyConstraint("proposal_id", name=op.f("pk_proposals")),
    )
    with op.batch_alter_table("proposals", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_proposals_changed"), ["changed"], unique=False)
        batch_op.create_index(batch_op.f("ix_proposals_subject"), ["subject"], unique=False)
        batch_op.create_index(
            "one_live_proposal",
            ["position_id", "subject"],
            unique=True,
            sqlite_where=sa.text("stage NOT IN ('refused', 'withdrawn')"),
            postgresql_where=sa.text("stage NOT IN ('refused', 'withdrawn')"),
        )

    op.create_table(
        "sessions",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=True),
        sa.Column("key_id", sa.String(), nullable=True),
        sa.Column("created_at", sa.String(), nullable=False),
        sa.Column("seen_at", sa.String(), nullable=False),
        sa.Column("expires_at", sa.String(), nullable=False),
        sa.Column("id_token", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["key_id"], ["api_keys.key_id"], name=op.f("fk_sessions_key_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.member_id"], name=op.f("fk_sessions_member_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sessions")),
    )
    op.create_table(
        "moves",
        sa.Column("proposal_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("happened_on", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposals.proposal_id"], name=op.f("fk_moves_proposal_id")),
        sa.PrimaryKeyConstraint("proposal_id", "number", name=op.f("pk_moves")),
    )

    # The chain of the log starts from a digest of zeros; see service/chain/entry.py.
    op.bulk_insert(
        sa.table("head", sa.column("only"), sa.column("seq"), sa.column("digest"), sa.column("data_seq")),
        [{"only": 1, "seq": 0, "digest": "0" * 64, "data_seq": 0}],
    )
    guards.install(op.get_bind())


def downgrade() -> None:
    guards.remove(op.get_bind())
    op.drop_table("moves")
    op.drop_table("sessions")
    with op.batch_alter_table("proposals", schema=None) as batch_op:
        batch_op.drop_index(
            "one_live_proposal",
            sqlite_where=sa.text("stage NOT IN ('refused', 'withdrawn')"),
            postgresql_where=sa.text("stage NOT IN ('refused', 'withdrawn')"),
        )
        batch_op.drop_index(batch_op.f("ix_proposals_subject"))
        batch_op.drop_index(batch_op.f("ix_proposals_changed"))

    op.drop_table("proposals")
    op.drop_table("places_in_order")
    op.drop_table("hours")
    with op.batch_alter_table("positions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_positions_siret"))
        batch_op.drop_index(batch_op.f("ix_positions_changed"))
        batch_op.drop_index(batch_op.f("ix_positions_award_id"))

    op.drop_table("positions")
    op.drop_table("people_past")
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_people_changed"))

    op.drop_table("people")
    with op.batch_alter_table("merges", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_merges_kept"))

    op.drop_table("merges")
    op.drop_table("members")
    op.drop_table("headers")
    op.drop_table("drafts")
    with op.batch_alter_table("awards", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_awards_changed"))

    op.drop_table("awards")
    op.drop_table("api_keys")
    op.drop_table("apart")
    with op.batch_alter_table("subjects", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_subjects_log_name"))

    op.drop_table("subjects")
    op.drop_table("sign_ins")
    op.drop_table("positions_past")
    op.drop_table("organisations")
    with op.batch_alter_table("log", schema=None) as batch_op:
        batch_op.drop_index("ix_log_action")

    op.drop_table("log")
    op.drop_table("head")
    op.drop_table("figures")
    op.drop_table("answers")
