"""What the people receive and through whom: benefits, disability, programmes, papers, proofs seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from data_samples import columns as c
from data_samples.draws import Bools, Dates, Draws, Floats
from data_samples.who import Who


@dataclass(frozen=True)
class Rights:
    """One array element per person; every fact complete."""

    single_parent: Bools
    disability: Bools
    permanent: Bools
    disability_end: Dates
    benefits: dict[str, Bools]
    programmes: dict[str, Bools]
    no_pass: Bools
    pass_end: Dates
    diagnosis_on: Dates
    opinion_on: Dates
    right_end: Dates
    right_none: Bools
    right_permanent: Bools
    justice: Bools
    ase_leaver: Bools
    homeless: Bools
    mobility_difficulty: Bools


def _benefits(draws: Draws, who: Who, parent: Bools, disability: Bools) -> dict[str, Bools]:
    """Three in ten on RSA, rare under 25; unemployment insurance for the recently employed."""
    long = who.jobseeker & (who.registered > 12)
    rsa_rate = 0.28 + 0.18 * long + 0.14 * parent + 0.1 * who.qpv + 0.1 * who.refugee
    rsa_rate = np.where(who.age < 25, 0.03 + 0.4 * parent, rsa_rate) - 0.12 * disability - 0.15 * who.employed
    asylum = who.refugee & draws.chance("ADA", 0.2)
    aah = disability & draws.chance("AAH", 0.24)
    rsa = draws.chance("RSA", rsa_rate) & ~asylum & ~aah
    solidarity = who.ever_worked & ~rsa & ~aah & (who.registered > 20) & who.jobseeker
    insured = who.ever_worked & who.jobseeker & ~asylum & (who.registered <= np.where(who.age >= 50, 30, 18))
    pension = disability & (who.age > 30) & draws.chance("INVALIDITE", 0.1)
    return {
        "RSA": rsa,
        "ASS": solidarity & draws.chance("ASS", np.where(who.age >= 50, 0.3, 0.1)),
        "AAH": aah,
        "ASI": pension & draws.chance("ASI", 0.1),
        "ADA": asylum,
        "ATA": ~who.jobseeker & draws.chance("ATA", 0.004),
        "AV": who.woman & (who.age > 40) & (who.age < 55) & draws.chance("AV", 0.006),
        "INVALIDITE": pension,
        "ARE": insured & draws.chance("ARE", np.where(rsa, 0.1, 0.62)),
        "APL": draws.chance("APL", 0.12),
    }


def _programmes(draws: Draws, who: Who, disability: Bools) -> dict[str, Bools]:
    young = who.age < 26
    return {
        "IAE": draws.chance("IAE", np.where(who.employed, 0.35, 0.07)),
        "GEIQ": draws.chance("GEIQ", 0.012),
        "EPIDE": young & draws.chance("EPIDE", 0.03),
        "E2C": young & draws.chance("E2C", 0.06),
        "EA": disability & draws.chance("EA", 0.05),
        "EATT": disability & draws.chance("EATT", 0.02),
        "ESAT": disability & draws.chance("ESAT", 0.03),
        "REGIE": who.qpv & draws.chance("REGIE", 0.03),
        "CEJ": young & draws.chance("CEJ", 0.28),
        "PACEA": young & draws.chance("PACEA", 0.16),
        "SMV": young & draws.chance("SMV", 0.006),
    }


def _ago(draws: Draws, who: Who, name: str, points: list[tuple[float, float]]) -> Dates:
    """The day `on` minus a drawn number of days (minus a negative one: a day to come)."""
    return who.on - draws.days(name, points) * c.DAY


def _only(dates: Dates, where: Bools) -> Dates:
    return np.where(where, dates, np.datetime64("NaT"))


def draw_rights(draws: Draws, who: Who) -> Rights:
    """Draw the rights and situations that follow from who the people are."""
    parent = draws.chance(
        "single parent", np.where(who.age < 20, 0.01, np.where(who.woman, 0.24, 0.045) * (who.age < 58))
    )
    disability = draws.chance("disability", np.interp(who.age, [16, 26, 50, 64], [0.03, 0.06, 0.14, 0.26]))
    programmes = _programmes(draws, who, disability)
    inserted = programmes["IAE"]
    has_pass = np.where(inserted, draws.chance("pass of IAE", 0.93), draws.chance("pass", 0.06))
    # A PASS IAE lasts two years; outside a structure, half of those known are over.
    left = np.where(
        inserted,
        draws.curve("pass left", [(0, -60), (0.04, 0), (1, 720)]),
        draws.curve("old pass left", [(0, -420), (0.5, 0), (1, 500)]),
    )
    foreign = who.learner & ~who.refugee & draws.chance("dated permit", 0.55)
    dated = who.refugee | foreign
    right_none = dated & draws.chance("no right to work", 0.02)
    permit = [(0.0, -90.0), (0.04, 0.0), (0.3, 330.0), (0.7, 1300.0), (1.0, 3600.0)]
    on_foot: Floats = np.where(who.vehicle, 0.02, np.where(who.rural, 0.55, 0.12))
    hindered: Floats = np.minimum(on_foot + 0.06 * disability, 1.0)
    return Rights(
        single_parent=parent,
        disability=disability,
        permanent=disability & draws.chance("permanent RQTH", 0.25),
        # Recognitions last one to ten years; one in ten here is out of date.
        disability_end=who.on + draws.days("RQTH left", [(0, -400), (0.1, 0), (0.7, 1200), (1, 3200)]) * c.DAY,
        benefits=_benefits(draws, who, parent, disability),
        programmes=programmes,
        no_pass=~has_pass,
        pass_end=who.on + np.floor(left).astype(np.int64) * c.DAY,
        diagnosis_on=_only(
            _ago(draws, who, "diagnosis", [(0, 0), (0.7, 180), (1, 330)]),
            draws.chance("diagnosed", np.where(has_pass, 0.5, 0.09)),
        ),
        opinion_on=_only(
            _ago(draws, who, "opinion", [(0, 0), (0.7, 180), (1, 400)]), draws.chance("opinion given", 0.09)
        ),
        right_end=who.on - draws.days("permit", [(s, -d) for s, d in permit]) * c.DAY,
        right_none=right_none,
        right_permanent=~dated,
        justice=draws.chance("justice", np.where(who.woman, 0.01, 0.055)),
        ase_leaver=draws.chance("ase", np.where(who.age < 26, 0.07, 0.008)),
        homeless=draws.chance("homeless", 0.035 + 0.08 * who.refugee),
        mobility_difficulty=draws.chance("mobility", hindered),
    )


def evidence(draws: Draws, who: Who, rights: Rights, unknown: Bools) -> pa.Array:
    """Proofs seen, `code@date`: nearly two in three are recent enough for the packs, the others are stale."""
    benefits = rights.benefits
    other = benefits["ASI"] | benefits["ADA"] | benefits["AV"] | benefits["ATA"]
    structure = np.logical_or.reduce([flag for name, flag in rights.programmes.items() if name != "PACEA"])
    seen: tuple[tuple[str, Bools, float], ...] = (
        ("avis_situation_ft", who.jobseeker, 0.55),
        ("attestation_rsa", benefits["RSA"], 0.6),
        ("attestation_ass", benefits["ASS"], 0.55),
        ("attestation_aah", benefits["AAH"], 0.55),
        ("attestation_allocation", other, 0.5),
        ("attestation_caf", rights.single_parent, 0.25),
        ("attestation_structure", structure, 0.5),
        ("attestation_hebergement", rights.homeless, 0.4),
        ("attestation_ase", rights.ase_leaver, 0.3),
        ("justificatif_domicile", who.qpv, 0.45),
        ("evaluation_linguistique", who.learner, 0.3),
        ("diagnostic_mobilite", rights.mobility_difficulty, 0.2),
        ("avis_motive", ~np.isnat(rights.opinion_on), 0.7),
        ("notification_rqth", rights.disability, 0.65),
        ("pass_iae", ~rights.no_pass, 0.7),
        ("titre_pension", benefits["INVALIDITE"], 0.5),
        ("titre_sejour", who.refugee, 0.6),
        ("piece_identite", np.ones(len(unknown), dtype=np.bool_), 0.4),
        ("diplome", who.level >= 3, 0.2),
        ("sortie_scolaire", who.age < 26, 0.1),
    )
    parts = []
    for code, concerned, share in seen:
        days: Floats = draws.curve(f"date of {code}", [(0, 1), (0.65, 75), (0.9, 220), (1, 700)])
        shown = concerned & draws.chance(f"seen {code}", share)
        dates = who.on - np.floor(days).astype(np.int64) * c.DAY
        parts.append(c.glued(f"{code}@", c.day_text(dates, ~shown)))
    return c.joined(parts, unknown)
