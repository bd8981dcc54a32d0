"""Where a group stands in its life: forming, growing, mature, or fading."""

from datetime import date, timedelta
from enum import StrEnum

from config.rules import GrowthRules

WEEK = timedelta(weeks=1)


class Phase(StrEnum):
    """FORMING: until enough members are in, or the time for it is over. FADING: hardly anybody
    speaks any more."""

    FORMING = "forming"
    GROWING = "growing"
    MATURE = "mature"
    FADING = "fading"


PHASE_NAMES = {
    Phase.FORMING: "组建期",
    Phase.GROWING: "成长期",
    Phase.MATURE: "成熟期",
    Phase.FADING: "沉寂期",
}


def phase_on(
    today: date,
    opened_on: date,
    rules: GrowthRules,
    *,
    was_formed: bool,
    active_share: float | None,
) -> Phase:
    """`active_share`: of the members, how many spoke in the last seven days; None where that is
    unknown. A group that is still forming does not fade yet."""
    age = today - opened_on
    if not was_formed and age < rules.form_within:
        return Phase.FORMING
    if active_share is not None and active_share < rules.fading_under:
        return Phase.FADING
    return Phase.MATURE if age >= (rules.mature_from - 1) * WEEK else Phase.GROWING
