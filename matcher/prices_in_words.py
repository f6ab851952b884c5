"""Why somebody better placed than the last person of a list is not on it: what sharing people made of them."""

from __future__ import annotations

import numpy as np

from matcher.allocation import Ranked, Worth, allocate, best
from matcher.engine import Engine
from matcher.locale import _
from matcher.sharing import Shared, floor_of


def crowded_out(engine: Engine, shared: Shared, i: int, row: int) -> str:
    """The reason for a person (row) kept for position i, with what one more list of theirs would be worth, and what
    listing them here would cost all lists together."""
    made = shared.allocation
    lists = sum(
        int((ranking.best.rows[chosen] == row).sum())
        for ranking, chosen in zip(shared.rankings, made.chosen, strict=True)
    )
    if made.greedy[i]:
        return _("déjà sur {lists} liste(s), le nombre permis, choisies avant celle-ci").format(lists=lists)
    price = made.worth_of(int(made.person_price[row])) if row < len(made.person_price) else Worth(0, 0, 0)
    if price == Worth(0, 0, 0) and made.favoured_price[i] != made.place_price[i]:
        return _("une place de cette liste est gardée à un bénéficiaire du RSA (option --floor)")
    told = [_("déjà sur {lists} liste(s), le nombre permis").format(lists=lists), _priced(price)]
    return " ; ".join(part for part in (*told, _loss(engine, shared, i, row)) if part)


def _priced(price: Worth) -> str:
    """What one more list for the person would be worth."""
    if price.places:
        return _("une liste de plus pour elle remplirait une place restée vide")
    if price.floor:
        return _("une liste de plus pour elle tiendrait une place du plancher demandé")
    if price.points:
        return _("une liste de plus pour elle vaudrait {points} point(s) au total").format(points=price.points)
    return ""


def _loss(engine: Engine, shared: Shared, i: int, row: int) -> str:
    """What listing the person here would cost: all lists made again, with points enough on this pair to have it."""
    ranked = [ranking.best for ranking in shared.rankings]
    before = shared.allocation.total
    most = 1 + max(int(np.ptp(one.points)) for one in ranked if len(one.rows))
    one, wish = ranked[i], (4 * len(ranked) + 4) * most
    points = one.points + wish * (one.rows == row)
    order = best(points, engine.ties[one.rows], len(points))
    ranked[i] = Ranked(one.rows[order], points[order], one.levels[:, order])
    asked = [engine.asked(k) for k in range(len(ranked))]
    again = allocate(ranked, asked, engine.options.max_per_candidate, *floor_of(engine, asked))
    if row not in ranked[i].rows[again.chosen[i]]:
        return _("la mettre ici laisserait vide une place demandée ailleurs")
    cost = before.points + wish - again.total.points
    if cost:
        return _("la mettre ici plutôt qu'ailleurs coûterait {points} point(s) au total").format(points=cost)
    return _("à total égal, l'ordre fixe des postes l'a placée ailleurs")
