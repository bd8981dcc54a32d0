"""Every number an operator may turn while the bot runs, with its bounds and its reason.

Layers (everywhere, channel, cohort, group) override one another in that order, value by value.
Durations are seconds. The values the method gives are the defaults; the rest is ours.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    WithJsonSchema,
    model_validator,
)

from config.daily import DailySpan
from config.naming import check_template
from config.texts import Texts

Overrides = Mapping[str, Mapping[str, Any]]
"""What one layer sets: section -> rule -> value."""

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0


def _from_seconds(value: object) -> timedelta:
    """Only a number, so that "5" or true is not taken for a duration by accident."""
    if isinstance(value, timedelta):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("a duration is a number of seconds")
    if not abs(value) < timedelta.max.total_seconds():
        raise ValueError("a duration is a finite number of seconds")
    return timedelta(seconds=value)


Seconds = Annotated[
    timedelta, BeforeValidator(_from_seconds), WithJsonSchema({"type": "number", "unit": "s"})
]
Count = Annotated[int, Strict()]


def seconds(default: float, ge: float, le: float, reason: str) -> Any:
    """A duration with its bounds, all in seconds."""
    return Field(
        timedelta(seconds=default),
        ge=timedelta(seconds=ge),
        le=timedelta(seconds=le),
        description=reason,
        json_schema_extra={"default": default, "minimum": ge, "maximum": le},
    )


def hours(default: str, reason: str) -> Any:
    """A span of the day, e.g. `23:00-07:30`."""
    return Field(
        DailySpan.parse(default), description=reason, json_schema_extra={"default": default}
    )


def spans(defaults: Sequence[str], reason: str) -> Any:
    """Several spans of the day."""
    return Field(
        tuple(map(DailySpan.parse, defaults)),
        min_length=1,
        max_length=12,
        description=reason,
        json_schema_extra={"default": list(defaults)},
    )


class RuleSet(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_timedelta="float")


class OnboardingRules(RuleSet):
    """How newcomers are greeted. A flood makes people leave, so rounds keep apart in a peak."""

    calm_delay: Seconds = seconds(
        8, 0, 600, "Newcomers within this long of the first waiting one are greeted together."
    )
    peak_window: Seconds = seconds(
        10 * MINUTE, 1, HOUR, "What 'at once' means when joins are counted."
    )
    min_gap: Seconds = seconds(
        2 * MINUTE, 0, HOUR, "Between two rounds when one person joined in the window."
    )
    peak_joins: Count = Field(
        5, ge=2, le=500, description="From this many joins in the window it is a peak."
    )
    peak_interval: Seconds = seconds(
        15 * MINUTE, 0, 2 * HOUR, "Between two rounds at peak_joins; the method: 15-30 minutes."
    )
    surge_joins: Count = Field(
        20, ge=3, le=1000, description="From this many joins in the window the gap stays flat."
    )
    surge_interval: Seconds = seconds(
        30 * MINUTE, 0, 4 * HOUR, "Between two rounds at surge_joins: the longest wait there is."
    )
    names_shown: Count = Field(
        5, ge=1, le=20, description="Named in the text; the rest are counted (等N位)."
    )
    again_after: Seconds = seconds(
        30 * DAY, 0, 3650 * DAY, "Who returns within this of her last greeting is not greeted."
    )
    remind_after: Seconds = seconds(
        24 * HOUR, 0, 30 * DAY, "From the greeting to the first nickname reminder."
    )
    remind_times: Count = Field(2, ge=0, le=5, description="More would be nagging.")
    remind_gap: Seconds = seconds(48 * HOUR, HOUR, 30 * DAY, "Between two reminders.")
    age_tolerance: Count = Field(
        1,
        ge=0,
        le=6,
        description="Months an age in a nickname may lie outside the birth window.",
    )
    quiet_hours: DailySpan = hours(
        "23:00-07:30", "Who joins at night is greeted once, in the morning."
    )

    @model_validator(mode="after")
    def gaps_grow(self) -> Self:
        if not self.min_gap <= self.peak_interval <= self.surge_interval:
            raise ValueError("min_gap <= peak_interval <= surge_interval does not hold")
        if not self.peak_joins < self.surge_joins:
            raise ValueError("peak_joins < surge_joins does not hold")
        return self


class DeliveryRules(RuleSet):
    """How fast, how often and how stubbornly an account speaks. Too fast gets it banned."""

    group_gap: Seconds = seconds(1.5, 0, HOUR, "At least this between messages to one group.")
    per_minute: Count = Field(
        20, ge=1, le=100_000, description="Messages of one account in any minute, all groups."
    )
    jitter: Seconds = seconds(
        1, 0, MINUTE, "Up to this is added to each pause: a machine's regularity stands out."
    )
    daily_budget: Count = Field(
        12, ge=0, le=500, description="Unprompted messages to one group a day, onboarding apart."
    )
    quiet_hours: DailySpan = hours("23:00-07:30", "Nothing unprompted is said.")
    max_attempts: Count = Field(6, ge=1, le=50, description="Then the message is parked.")
    first_wait: Seconds = seconds(5, 0.1, HOUR, "Before the second attempt; then it doubles.")
    longest_wait: Seconds = seconds(600, 1, 6 * HOUR, "Waits between attempts stop growing.")
    parked_holds: Seconds = seconds(
        300, 0, 6 * HOUR, "A parked step of a round holds up the next step this long, no longer."
    )
    reply_lapses: Seconds = seconds(600, 10, DAY, "An answer later than this is not said.")
    onboarding_lapses: Seconds = seconds(
        2 * HOUR, MINUTE, DAY, "A welcome later than this is given up; its people wait anew."
    )
    reminder_lapses: Seconds = seconds(
        HOUR, MINUTE, DAY, "A reminder later than this is not said."
    )


class GroupRules(RuleSet):
    """How groups are named, told apart and watched."""

    name_template: str = Field(
        "{city}·{window}·{channel}·{seq}",
        max_length=100,
        description="A room named like this is ours. Only its order of fields is strict.",
    )
    first_month: Count = Field(
        3, ge=1, le=12, description="Birth windows start every three months from this one."
    )
    postnatal_shift: Seconds = seconds(
        0, -60 * DAY, 60 * DAY, "A group turns postnatal this long after its window's middle."
    )
    absence: Seconds = seconds(
        24 * HOUR, 0, 30 * DAY, "Who joined while we were away longer than this is not greeted."
    )
    doubt: float = Field(
        1 / 3,
        gt=0,
        le=1,
        description="A member list smaller by this share is believed when seen twice.",
    )

    @model_validator(mode="after")
    def template_reads(self) -> Self:
        check_template(self.name_template)
        return self


class HoursRules(RuleSet):
    """When each cohort is awake and on the phone (the method's figures)."""

    prenatal: tuple[DailySpan, ...] = spans(
        ["11:00-12:00", "16:00-17:00", "20:00-21:00"], "Active hours before birth."
    )
    postnatal: tuple[DailySpan, ...] = spans(
        ["11:00-12:00", "13:00-15:00", "16:00-17:00", "21:00-23:00"], "Active hours after birth."
    )


class PrivacyRules(RuleSet):
    """What is kept of people, and for how long."""

    keep_text: Seconds = seconds(
        30 * DAY, DAY, 365 * DAY, "Message texts older than this are forgotten."
    )


class Rules(RuleSet):
    onboarding: OnboardingRules = OnboardingRules()
    delivery: DeliveryRules = DeliveryRules()
    groups: GroupRules = GroupRules()
    hours: HoursRules = HoursRules()
    privacy: PrivacyRules = PrivacyRules()
    texts: Texts = Texts()


def layered(layers: Iterable[Overrides]) -> dict[str, Any]:
    """One layer over another, value by value."""
    merged: dict[str, Any] = {}
    for layer in layers:
        for section, values in layer.items():
            below = merged.get(section, {})
            both = isinstance(below, Mapping) and isinstance(values, Mapping)
            merged[section] = {**below, **values} if both else values
    return merged


def effective(layers: Iterable[Overrides]) -> Rules:
    """The rules in force under these layers, lowest first; raises pydantic.ValidationError."""
    return Rules.model_validate(layered(layers))


def patched(layer: Overrides, changes: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The layer after a JSON merge patch (RFC 7396): null unsets a value or a whole section.

    What is not an object where a section should be is kept, for validation to refuse.
    """
    after: dict[str, Any] = {section: dict(values) for section, values in layer.items()}
    for section, values in changes.items():
        if values is None:
            after.pop(section, None)
        elif isinstance(values, Mapping):
            kept = after.get(section, {}) | values
            after[section] = {name: value for name, value in kept.items() if value is not None}
        else:
            after[section] = values
    return {section: values for section, values in after.items() if values != {}}
