"""Who the invented people are: age, home, schooling, languages and working past. Complete facts, gaps come later."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data_samples.columns import DAY, DAYS_PER_MONTH, months_before
from data_samples.draws import Bools, Dates, Draws, Floats, Ints
from data_samples.places import Towns

# Levels 0 to 8 of the 2019 scale, under 26, 26 to 49, 50 and over: about six in ten at CAP/BEP or below.
LEVELS = np.array(
    [
        [0.16, 0.05, 0.10, 0.30, 0.26, 0.08, 0.04, 0.01, 0.0],
        [0.14, 0.04, 0.09, 0.31, 0.21, 0.10, 0.07, 0.035, 0.005],
        [0.17, 0.05, 0.10, 0.34, 0.18, 0.08, 0.05, 0.03, 0.0],
    ]
)
LEAVING_AGE = np.array([16.0, 16.0, 16.3, 18.0, 19.0, 21.0, 22.0, 23.5, 27.0])
# A0, A1, A2, B1, B2, C1, C2 for those schooled in French, other learners, refugees.
FRENCH = ("A0", "A1", "A2", "B1", "B2", "C1", "C2")
FRENCH_WEIGHTS = np.array(
    [
        [0.0, 0.0, 0.005, 0.025, 0.05, 0.22, 0.70],
        [0.06, 0.14, 0.22, 0.26, 0.16, 0.10, 0.06],
        [0.15, 0.28, 0.27, 0.18, 0.08, 0.03, 0.01],
    ]
)
# Months of registration by age band, as (share, months): half of the registered are past 12 months.
REGISTERED = (
    ((0.0, 0.35, 0.72, 0.93, 1.0), (0.1, 3.0, 12.0, 24.0, 48.0)),
    ((0.0, 0.18, 0.36, 0.70, 0.93, 1.0), (0.1, 5.0, 12.0, 26.0, 60.0, 120.0)),
    ((0.0, 0.13, 0.25, 0.56, 0.88, 1.0), (0.2, 6.0, 12.0, 30.0, 72.0, 160.0)),
)


@dataclass(frozen=True)
class Who:
    """One array element per person; durations in months, ages in years at `on`."""

    on: np.datetime64
    age: Floats
    band: Ints
    birth: Dates
    woman: Bools
    other_sex: Bools
    town: Ints
    rural: Bools
    qpv: Bools
    level: Ints
    left: Dates
    years_out: Floats
    refugee: Bools
    learner: Bools
    french: Ints
    driver: Bools
    vehicle: Bools
    ever_worked: Bools
    employed: Bools
    jobseeker: Bools
    registered: Floats
    registered_36: Ints
    last_end: Dates
    worked_12: Ints


def _registered(draws: Draws, band: Ints, age: Floats) -> Floats:
    """Months since the start of the current registration, never from before the age of 16."""
    uniform = draws.uniform("registered")
    by_band = np.stack([np.interp(uniform, shares, months) for shares, months in REGISTERED])
    months: Floats = np.minimum(by_band[band, np.arange(len(band))], np.maximum(0.1, (age - 16.0) * 12.0))
    return months


def _past(
    draws: Draws, on: np.datetime64, left: Dates, ever: Bools, employed: Bools, seeker: Bools, registered: Floats
) -> tuple[Dates, Ints]:
    """End of the last activity (job or study) and months worked over twelve."""
    since = np.where(
        seeker,
        registered + draws.curve("idle before", [(0, 0), (0.6, 1), (1, 8)]),
        draws.curve("idle", [(0, 1), (0.5, 9), (1, 60)]),
    )
    spell = draws.chance("short spell", 0.16) & (since > 4)
    since = np.where(spell, np.minimum(since, draws.curve("spell", [(0, 0.3), (1, 9)])), since)
    job_end = np.where(ever, months_before(on, since), left)
    last_end = np.maximum(job_end, left)
    last_end[employed] = np.datetime64("NaT")
    intensity = draws.curve("intensity", [(0, 0.3), (0.5, 0.8), (1, 1)])
    room = np.clip(12.0 - since, 0, 12)
    worked = np.floor(np.where(spell, np.minimum(room, 5) * intensity, room * intensity))
    worked = np.where(employed, np.floor(draws.curve("tenure", [(0, 1), (0.6, 6), (1, 13)])), worked)
    return last_end, np.where(ever, np.clip(worked, 0, 12), 0).astype(np.int64)


def draw_who(draws: Draws, towns: Towns, on: np.datetime64) -> Who:
    """Draw the base facts of `draws.n` people living in `towns`, as they stand on the day `on`."""
    # A quarter under 26, a fifth 50 and over.
    age = draws.curve("age", [(0, 16.3), (0.05, 19), (0.25, 26), (0.8, 50), (1, 64.5)])
    band = (age >= 26).astype(np.int64) + (age >= 50)
    birth = on - np.floor(age * 365.25).astype(np.int64) * DAY
    sex = draws.pick("sex", [0.4, 0.595, 0.005])
    town = draws.pick("town", towns.weights)
    rural = towns.rural[town]
    qpv = draws.chance("qpv", np.minimum(0.9, 1.15 * towns.qpv[town]))
    level = draws.pick_by("level", band, LEVELS)
    level = np.where(age < 18, np.minimum(level, 3), np.where(age < 20, np.minimum(level, 4), level))
    leaving = LEAVING_AGE[level] + draws.uniform("leaving")
    latest = on - draws.days("still at school", [(0, 10), (1, 200)]) * DAY
    left = np.minimum(birth + np.floor(leaving * 365.25).astype(np.int64) * DAY, latest)
    refugee = draws.chance("refugee", 0.06)
    learner = refugee | draws.chance("learner", 0.14)
    drive = np.interp(age, [17.9, 18, 20, 26, 40, 65], [0, 0.08, 0.24, 0.44, 0.57, 0.6])
    drive = drive + 0.2 * rural - 0.12 * qpv - 0.15 * refugee - 0.05 * (sex == 0) + 0.08 * (level >= 4)
    driver = draws.chance("driver", np.where(age < 18, 0.0, drive))
    ever = draws.chance(
        "ever worked", np.interp(age, [16, 18, 21, 25, 30, 64], [0.1, 0.3, 0.65, 0.85, 0.95, 0.99]) - 0.1 * refugee
    )
    employed = ever & draws.chance("employed", 0.09)
    seeker = draws.chance("jobseeker", 0.92 - 0.1 * (band == 0) - 0.3 * employed)
    registered = _registered(draws, band, age)
    earlier = np.where(draws.chance("earlier", 0.35), draws.uniform("earlier share"), 0.0)
    within = np.minimum(registered, 36.0)
    possible = np.clip((age - 16.0) * 12.0, within, 36.0)
    last_end, worked = _past(draws, on, left, ever, employed, seeker, registered)
    return Who(
        on=on,
        age=age,
        band=band,
        birth=birth,
        woman=sex == 0,
        other_sex=sex == 2,
        town=town,
        rural=rural,
        qpv=qpv,
        level=level,
        left=left,
        years_out=(on - left).astype(np.int64) / (12 * DAYS_PER_MONTH),
        refugee=refugee,
        learner=learner,
        french=draws.pick_by("french", learner.astype(np.int64) + refugee, FRENCH_WEIGHTS),
        driver=driver,
        vehicle=draws.chance("vehicle", np.where(driver, 0.58 + 0.25 * rural - 0.1 * qpv, 0.02)),
        ever_worked=ever,
        employed=employed,
        jobseeker=seeker,
        registered=registered,
        registered_36=np.floor(within + earlier * (possible - within)).astype(np.int64),
        last_end=last_end,
        worked_12=worked,
    )
