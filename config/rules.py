"""Every number an operator may turn while the bot runs, with its bounds and its reason.

Layers (everywhere, channel, cohort, group) override one another in that order, value by value.
Durations are seconds. The values the method gives are the defaults; the rest is ours.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    ValidationError,
    WithJsonSchema,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from config.daily import ZONE, DailySpan
from config.mix import Mix
from config.naming import DEFAULT_TEMPLATE, LONGEST_TEMPLATE, check_template
from config.numbers import Whole
from config.texts import Texts
from config.written import SENSELESS, Senseless

Overrides = Mapping[str, Mapping[str, Any]]
"""What one layer sets: section -> rule -> value."""

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
HOURS = f"HH:MM-HH:MM, {ZONE.key}"


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


Share = Annotated[float, Strict()]
Times = Annotated[float, Strict()]


BEYOND_A_SCHEMA = ("contradiction", "too_brief", SENSELESS)
"""Kinds of errors in what has the right form, beside those that are Senseless."""


def seconds(default: float, ge: float, le: float, reason: str) -> Any:
    """A duration with its bounds, all in seconds."""
    return Field(
        timedelta(seconds=default),
        ge=timedelta(seconds=ge),
        le=timedelta(seconds=le),
        description=reason,
        json_schema_extra={"default": default, "minimum": ge, "maximum": le},
    )


def count(default: int, ge: int, le: int, unit: str, reason: str) -> Any:
    """How many, with its bounds."""
    return Field(default, ge=ge, le=le, description=reason, json_schema_extra={"unit": unit})


def hours(default: str, reason: str) -> Any:
    """A span of the day, e.g. `23:00-07:30`."""
    return Field(
        DailySpan.parse(default),
        description=reason,
        json_schema_extra={"default": default, "unit": HOURS},
    )


def spans(defaults: Sequence[str], reason: str) -> Any:
    """Several spans of the day."""
    return Field(
        tuple(map(DailySpan.parse, defaults)),
        min_length=1,
        max_length=12,
        description=reason,
        json_schema_extra={"default": list(defaults), "unit": HOURS},
    )


def mix(default: str, reason: str) -> Any:
    """Shares of dry, wet and warm content, e.g. `60:15:25`."""
    return Field(
        Mix.parse(default),
        description=reason,
        json_schema_extra={"default": default, "unit": "dry:wet:warm"},
    )


def _is_site(text: str) -> str:
    """Without the slash at its end."""
    if not text:
        return text
    try:
        found = urlsplit(text)
    except ValueError as error:
        raise Senseless(f"it is no address: {error}") from error
    plain = found.scheme in ("http", "https") and found.hostname and text.isprintable()
    if not plain or found.path not in ("", "/") or set(text) & set("?#@ "):
        raise Senseless("an address is written https://q.example.com, without a path")
    try:
        port = found.port
    except ValueError:
        port = 0
    if port == 0:
        raise Senseless("the port is not a number from 1 to 65535")
    return text.rstrip("/")


def _is_city(text: str) -> str:
    city = text.strip()
    if not city or "~" in city or not city.isprintable():
        raise Senseless("a city is a name in one line, without ~")
    return city


Site = Annotated[str, AfterValidator(_is_site)]
City = Annotated[str, Field(max_length=20), AfterValidator(_is_city)]

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class RuleSet(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_timedelta="float")

    def _contradiction(self, order: str, names: Sequence[str]) -> PydanticCustomError:
        """Rules that are fine by themselves and not together; `values` is what each of them is."""
        dumped = self.model_dump(mode="json", include=set(names))
        values = {name: dumped[name] for name in names}
        said = order.join(f"{name} ({value:.15g})" for name, value in values.items())
        return PydanticCustomError("contradiction", f"{said} does not hold", {"values": values})


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
    peak_joins: Whole = count(
        5, 2, 500, "joins", "From this many joins in the window it is a peak."
    )
    peak_interval: Seconds = seconds(
        15 * MINUTE, 0, 2 * HOUR, "Between two rounds at peak_joins; the method: 15-30 minutes."
    )
    surge_joins: Whole = count(
        20, 3, 1000, "joins", "From this many joins in the window the gap stays flat."
    )
    surge_interval: Seconds = seconds(
        30 * MINUTE, 0, 4 * HOUR, "Between two rounds at surge_joins: the longest wait there is."
    )
    names_shown: Whole = count(
        5, 1, 20, "people", "Named in the text; the rest are counted (等N位)."
    )
    again_after: Seconds = seconds(
        30 * DAY, 0, 3650 * DAY, "Who returns within this of her last greeting is not greeted."
    )
    remind_after: Seconds = seconds(
        24 * HOUR, 0, 30 * DAY, "From the greeting to the first nickname reminder."
    )
    remind_times: Whole = count(2, 0, 5, "reminders", "More would be nagging.")
    remind_gap: Seconds = seconds(48 * HOUR, HOUR, 30 * DAY, "Between two reminders.")
    age_tolerance: Whole = count(
        1, 0, 6, "months", "Months an age in a nickname may lie outside the birth window."
    )
    quiet_hours: DailySpan = hours(
        "23:00-07:30", "Who joins at night is greeted once, in the morning."
    )

    @model_validator(mode="after")
    def gaps_grow(self) -> Self:
        gaps = ("min_gap", "peak_interval", "surge_interval")
        if not self.min_gap <= self.peak_interval <= self.surge_interval:
            raise self._contradiction(" <= ", gaps)
        if not self.peak_joins < self.surge_joins:
            raise self._contradiction(" < ", ("peak_joins", "surge_joins"))
        return self


class DeliveryRules(RuleSet):
    """How fast, how often and how stubbornly an account speaks. Too fast gets it banned."""

    group_gap: Seconds = seconds(1.5, 0, HOUR, "At least this between messages to one group.")
    per_minute: Whole = count(
        20, 1, 100_000, "messages", "Messages of one account in any minute, all groups."
    )
    jitter: Seconds = seconds(
        1, 0, MINUTE, "Up to this is added to each pause: a machine's regularity stands out."
    )
    daily_budget: Whole = count(
        12, 0, 500, "messages", "Unprompted messages to one group a day, onboarding apart."
    )
    quiet_hours: DailySpan = hours("23:00-07:30", "Nothing unprompted is said.")
    max_attempts: Whole = count(6, 1, 50, "attempts", "Then the message is parked.")
    first_wait: Seconds = seconds(5, 0.1, HOUR, "Before the second attempt; then it doubles.")
    longest_wait: Seconds = seconds(600, 1, 6 * HOUR, "Waits between attempts stop growing.")
    parked_holds: Seconds = seconds(
        300, 0, 6 * HOUR, "A parked step of a round holds up the next step this long, no longer."
    )
    reply_lapses: Seconds = seconds(600, 10, DAY, "An answer later than this is not said.")
    replies_each: Whole = count(
        8, 1, 100, "replies", "Commands of one member answered in ten minutes; leaders always are."
    )
    onboarding_lapses: Seconds = seconds(
        2 * HOUR, MINUTE, DAY, "A welcome later than this is given up; its people wait anew."
    )
    reminder_lapses: Seconds = seconds(
        HOUR, MINUTE, DAY, "A reminder later than this is not said."
    )
    notice_lapses: Seconds = seconds(
        12 * HOUR, MINUTE, 7 * DAY, "News for a group or for staff is old after this."
    )


def _readable(template: str) -> str:
    check_template(template)
    return template


class ConfirmationRules(RuleSet):
    """Where an account can't speak by itself (WeCom's official API): what people are asked to
    confirm, how often, and for how long."""

    rounds: Literal["paste", "send"] = Field(
        "paste",
        description="A round of onboarding is a text that the group's owner pastes, or a mass send"
        " that she confirms: of these WeCom lets through about one a day and group.",
        json_schema_extra={"unit": "paste or send"},
    )
    gathering: Seconds = seconds(
        120, 0, 2 * HOUR, "What is due within this of the first, and alike, is one confirmation."
    )
    daily: Whole = count(
        1, 1, 10, "messages", "Mass sends into one group a day; what goes beyond is not said."
    )
    budget: Literal["month", "week", "day"] = Field(
        "month",
        description="How WeCom counts what one group may get: as many a month as it has days, 7 a"
        " week, or 1 a day, as the company chose.",
        json_schema_extra={"unit": "month, week or day"},
    )
    nudge_after: Seconds = seconds(
        30 * MINUTE, 5 * MINUTE, DAY, "Nobody has confirmed for so long: the owner is reminded."
    )
    nudge_times: Whole = count(2, 0, 3, "reminders", "Of one mass send; WeCom allows 3 a day.")
    round_lasts: Seconds = seconds(
        12 * HOUR, HOUR, 2 * DAY, "A round that nobody pasted is given up; its people wait anew."
    )


class GroupRules(RuleSet):
    """How groups are named, told apart and watched."""

    name_template: Annotated[str, AfterValidator(_readable)] = Field(
        DEFAULT_TEMPLATE,
        max_length=LONGEST_TEMPLATE,
        description="A room named like this is ours. Only its order of fields is strict.",
        json_schema_extra={"unit": "template"},
    )
    first_month: Whole = count(
        3, 1, 12, "month", "Birth windows start every three months from this one."
    )
    postnatal_shift: Seconds = seconds(
        0, -60 * DAY, 60 * DAY, "A group turns postnatal this long after its window's middle."
    )
    absence: Seconds = seconds(
        24 * HOUR, 0, 30 * DAY, "Who joined while we were away longer than this is not greeted."
    )
    doubt: Share = Field(
        1 / 3,
        gt=0,
        le=1,
        allow_inf_nan=False,
        description="A member list smaller by this share is believed when seen twice.",
        json_schema_extra={"unit": "share"},
    )


LEAST_HOURS = timedelta(minutes=10)
"""In less than this, outside the quiet hours, nothing is posted."""


class HoursRules(RuleSet):
    """When each cohort is awake and on the phone (the method's figures)."""

    prenatal: tuple[DailySpan, ...] = spans(
        ["11:00-12:00", "16:00-17:00", "20:00-21:00"], "Active hours before birth."
    )
    postnatal: tuple[DailySpan, ...] = spans(
        ["11:00-12:00", "13:00-15:00", "16:00-17:00", "21:00-23:00"], "Active hours after birth."
    )

    @field_validator("prenatal", "postnatal")
    @classmethod
    def long_enough(cls, given: tuple[DailySpan, ...]) -> tuple[DailySpan, ...]:
        for each in given:
            if timedelta(0) < each.length < LEAST_HOURS:
                minutes = LEAST_HOURS // timedelta(minutes=1)
                raise PydanticCustomError(
                    "too_brief",
                    "{span} is too short to post in: that takes {minutes} minutes",
                    {"span": str(each), "minutes": minutes},
                )
        return given


class ContentRules(RuleSet):
    """What is posted into a group, how much of it, and when it is better not to.

    The method names a mix by the group's phase in a chart that is not available to us: the shares
    here are ours, to be judged by what happens after posts.
    """

    hours: Literal["given", "learned"] = Field(
        "given",
        description="Whether posts go by the hours of `hours` or by those learned from activity.",
        json_schema_extra={"unit": "given or learned"},
    )
    forming: Mix = mix("70:0:30", "While the group gathers: nothing is sold.")
    growing: Mix = mix("60:15:25", "From 150 members, or after four weeks.")
    mature: Mix = mix("50:30:20", "From the thirteenth week on.")
    fading: Mix = mix("40:10:50", "While hardly anybody speaks: get them talking.")
    posts_daily: Whole = count(
        3, 0, 12, "posts", "More would be a flood; nor are there more than one an hour of `hours`."
    )
    wet_daily: Whole = count(1, 0, 4, "posts", "Of those, posts that sell.")
    days_off: tuple[Weekday, ...] = Field(
        (),
        min_length=0,
        max_length=7,
        description="Days of the week without any post.",
        json_schema_extra={"unit": "mon, tue, wed, thu, fri, sat, sun"},
    )
    lively_messages: Whole = count(
        8, 2, 100, "messages", "So many within lively_within are a lively moment."
    )
    lively_within: Seconds = seconds(5 * MINUTE, MINUTE, HOUR, "See lively_messages.")
    lively_rest: Seconds = seconds(
        10 * MINUTE, 0, 2 * HOUR, "Nothing is posted for so long after a lively moment."
    )
    approval: bool = Field(
        False,
        strict=True,
        description="A post waits for somebody's approval, of its item or of itself.",
        json_schema_extra={"unit": "true or false"},
    )
    account_share: Share = Field(
        0.8,
        gt=0,
        le=1,
        allow_inf_nan=False,
        description="Of what an account may say in an hour, the part that posts may take.",
        json_schema_extra={"unit": "share"},
    )


class GrowthRules(RuleSet):
    """How a group grows, thrives and dies, and of what the people in charge hear.

    A group is best between `formed_at` and `full_at` members, and must be formed within
    `form_within`, or early members leave (the method).
    """

    formed_at: Whole = count(150, 2, 500, "members", "From here on the group carries itself.")
    full_at: Whole = count(350, 3, 500, "members", "Recruiting closes.")
    nearly_full: Share = Field(
        0.9,
        gt=0,
        le=1,
        allow_inf_nan=False,
        description="Of full_at; from here on another group is needed soon.",
        json_schema_extra={"unit": "share"},
    )
    qr_until: Whole = count(
        200, 2, 500, "members", "From here on a WeChat QR code fails and people must be invited."
    )
    form_within: Seconds = seconds(
        28 * DAY, 7 * DAY, 180 * DAY, "From its opening; a group that takes longer is overdue."
    )
    forecast_from: Seconds = seconds(
        3 * DAY, DAY, 28 * DAY, "From its opening; before that nobody can tell how it grows."
    )
    mature_from: Whole = count(
        13, 2, 104, "weeks", "The group is mature from this week on; its first week is 1."
    )
    fading_under: Share = Field(
        0.03,
        ge=0,
        le=1,
        allow_inf_nan=False,
        description="A group fades while fewer of its members than this spoke in a week.",
        json_schema_extra={"unit": "share"},
    )
    silent_after: Seconds = seconds(
        7 * DAY, DAY, 60 * DAY, "Without a word of a member; then somebody is told."
    )
    leaving_share: Share = Field(
        0.03,
        gt=0,
        le=1,
        allow_inf_nan=False,
        description="Of the members, leaving within a day: somebody is told at once.",
        json_schema_extra={"unit": "share"},
    )
    leaving_times: Times = Field(
        3.0,
        ge=1,
        le=100,
        allow_inf_nan=False,
        description="So many times as many as usual, leaving within a day: the same.",
        json_schema_extra={"unit": "times"},
    )
    leaving_least: Whole = count(3, 1, 100, "people", "Fewer in a day are chance.")
    monitor_share: Share = Field(
        0.05,
        ge=0,
        le=1,
        allow_inf_nan=False,
        description="Of a week's messages; activity is best where the monitor's reach this.",
        json_schema_extra={"unit": "share"},
    )
    deaf_least: Seconds = seconds(
        10 * MINUTE, 0, DAY, "Shorter absences of the account are no news."
    )
    morning: DailySpan = hours("08:30-11:00", "When what can wait is told to those in charge.")
    again_after: Seconds = seconds(
        7 * DAY, DAY, 90 * DAY, "What still is the case after this is told again."
    )

    @model_validator(mode="after")
    def sizes_grow(self) -> Self:
        if not self.formed_at < self.full_at:
            raise self._contradiction(" < ", ("formed_at", "full_at"))
        return self

    @model_validator(mode="after")
    def foretold_in_time(self) -> Self:
        """Else nothing would ever be foretold, and nobody would hear that a group is at risk."""
        if not self.forecast_from < self.form_within:
            raise self._contradiction(" < ", ("forecast_from", "form_within"))
        return self


class PrivacyRules(RuleSet):
    """What is kept of people, and for how long."""

    keep_text: Seconds = seconds(
        30 * DAY, DAY, 365 * DAY, "Message texts older than this are forgotten."
    )


class PointsRules(RuleSet):
    """What earns points, and how much of it. Points that are too easy are worth nothing."""

    accepted: Whole = count(5, 0, 20, "points", "For an answer that the asker or staff accepted.")
    given: Whole = count(2, 0, 20, "points", "For an answer, as far as we can judge.")
    bonus_most: Whole = count(20, 1, 100, "points", "The most a monitor gives or takes at once.")
    bonus_budget: Whole = count(
        200, 0, 10_000, "points", "What a monitor may give in one group from Monday to Sunday."
    )
    daily_most: Whole = count(20, 0, 200, "points", "What a member may earn in a day.")
    pair_daily: Whole = count(
        2, 0, 50, "answers", "Credited between the same two people in a day; more is a game."
    )
    shortest: Whole = count(4, 1, 50, "characters", "A shorter answer earns nothing.")
    same_text: Seconds = seconds(
        7 * DAY, 0, 90 * DAY, "Who says the same again within this earns nothing for it."
    )
    taken_back: Seconds = seconds(
        7 * DAY,
        0,
        90 * DAY,
        "A recall, or a removal by others, within this takes the points back.",
    )
    announce_delay: Seconds = seconds(
        MINUTE, 0, HOUR, "From earning points to the group's hearing of it."
    )
    announce_gap: Seconds = seconds(
        10 * MINUTE, MINUTE, DAY, "The group hears of points at most once in this time."
    )

    @model_validator(mode="after")
    def accepted_is_worth_more(self) -> Self:
        if not self.given <= self.accepted:
            raise self._contradiction(" <= ", ("given", "accepted"))
        return self


class QuestionRules(RuleSet):
    """How long questions and answers matter, and when the monitor hears of open ones."""

    open_for: Seconds = seconds(
        24 * HOUR, 10 * MINUTE, 7 * DAY, "A question that is older is no longer waited for."
    )
    thanks_for: Seconds = seconds(
        24 * HOUR, 10 * MINUTE, 7 * DAY, "Thanks later than this are for something else."
    )
    brought_after: Seconds = seconds(
        30 * MINUTE,
        MINUTE,
        DAY,
        "Without an answer for so long, in waking hours, the monitor is told.",
    )
    brought_gap: Seconds = seconds(
        HOUR, MINUTE, DAY, "The monitor is told of open questions at most once in this time."
    )


class RewardRules(RuleSet):
    """How points are spent."""

    code_lasts: Seconds = seconds(
        30 * DAY, DAY, 365 * DAY, "Then a code lapses and the points return."
    )


class TaskRules(RuleSet):
    """What a monitor may ask of her group."""

    usual_points: Whole = count(1, 1, 20, "points", "Where she does not say how many.")
    most_points: Whole = count(20, 1, 100, "points", "The most that one task is worth.")
    most_open: Whole = count(5, 1, 20, "tasks", "More at once is more than anybody follows.")
    longest: Seconds = seconds(7 * DAY, 2 * DAY, 30 * DAY, "A task that runs longer is forgotten.")

    @model_validator(mode="after")
    def usual_is_allowed(self) -> Self:
        if not self.usual_points <= self.most_points:
            raise self._contradiction(" <= ", ("usual_points", "most_points"))
        return self


class KocRules(RuleSet):
    """How KOCs are found; the method: above 150 members several emerge."""

    from_members: Whole = count(150, 2, 500, "members", "Smaller groups are not searched.")
    candidates: Whole = count(3, 1, 10, "people", "Proposed to the monitor at once.")
    window: Seconds = seconds(28 * DAY, 7 * DAY, 180 * DAY, "What counts as lately.")
    fewest_accepted: Whole = count(
        3, 1, 100, "answers", "Accepted answers lately, from which a member is proposed."
    )
    fewest_helped: Whole = count(
        2, 1, 100, "people", "Different people helped lately, from which a member is proposed."
    )
    term: Seconds = seconds(56 * DAY, 7 * DAY, 365 * DAY, "Then she is renewed or thanked.")


class EntryRules(RuleSet):
    """How mothers find their group, before they are in it."""

    site: Site = Field(
        "",
        max_length=200,
        description="The address at which people reach this service, e.g. https://q.example.com;"
        " without it nothing that we say holds a link.",
        json_schema_extra={"unit": "address"},
    )
    cities: tuple[City, ...] = Field(
        (),
        min_length=0,
        max_length=400,
        description="Those we serve; none: the cities that our groups are in.",
        json_schema_extra={"unit": "cities"},
    )
    oldest: Seconds = seconds(
        1096 * DAY, 0, 3653 * DAY, "Babies who are older are too old for our groups."
    )
    seat_kept: Seconds = seconds(
        3 * DAY, HOUR, 30 * DAY, "A place in a group is kept so long for who has not joined yet."
    )
    ticket_lasts: Seconds = seconds(
        30 * DAY, DAY, 180 * DAY, "Then her six digits may be given to somebody else."
    )
    hourly: Whole = count(
        20,
        1,
        200,
        "people",
        "Friends accepted and people invited by one account in any hour, together.",
    )
    spacing: Seconds = seconds(
        20, 0, HOUR, "At least this between two of them: in rows they look like a machine."
    )
    openings_daily: Whole = count(
        20, 1, 1000, "groups", "New groups asked for or opened in a day; more wait a morning."
    )
    qr_lasts: Seconds = seconds(
        7 * DAY, HOUR, 30 * DAY, "WeChat's code of a group is worth nothing after this."
    )
    qr_renewed: Seconds = seconds(
        2 * DAY, 10 * MINUTE, 29 * DAY, "So long before that it is fetched anew."
    )
    answers_kept: Seconds = seconds(
        180 * DAY,
        30 * DAY,
        180 * DAY,
        "Of who never joined, or left; then what she told is forgotten. The most is promised her.",
    )
    pages_most: Whole = count(
        600, 10, 100_000, "pages", "Of one address in a minute: a hospital may share one."
    )
    answers_most: Whole = count(
        120, 1, 100_000, "forms", "Of one address in a minute; of one browser, a twelfth."
    )
    tickets_most: Whole = count(
        10, 1, 1000, "tickets", "Looked up by one address in an hour: nobody guesses them."
    )

    @model_validator(mode="after")
    def renewed_in_time(self) -> Self:
        if not self.qr_renewed < self.qr_lasts:
            raise self._contradiction(" < ", ("qr_renewed", "qr_lasts"))
        return self


class ReferralRules(RuleSet):
    """What it is worth to bring somebody who stays."""

    points: Whole = count(3, 0, 50, "points", "For each whom she brought and who stayed.")
    stayed: Seconds = seconds(7 * DAY, DAY, 60 * DAY, "So long she must have stayed.")
    monthly_most: Whole = count(30, 0, 1000, "points", "For a month's referrals of one person.")


class Rules(RuleSet):
    onboarding: OnboardingRules = OnboardingRules()
    delivery: DeliveryRules = DeliveryRules()
    confirmation: ConfirmationRules = ConfirmationRules()
    groups: GroupRules = GroupRules()
    hours: HoursRules = HoursRules()
    content: ContentRules = ContentRules()
    growth: GrowthRules = GrowthRules()
    privacy: PrivacyRules = PrivacyRules()
    points: PointsRules = PointsRules()
    questions: QuestionRules = QuestionRules()
    tasks: TaskRules = TaskRules()
    rewards: RewardRules = RewardRules()
    kocs: KocRules = KocRules()
    entry: EntryRules = EntryRules()
    referrals: ReferralRules = ReferralRules()
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


def compatible(layers: Mapping[str, Overrides]) -> dict[str, Overrides]:
    """Those in force, lowest first. One that contradicts those below it is left out as a whole.

    No change of a rule leads there, but a group may come under another channel, or a rule may be
    gone with a newer version; what is in force must be known all the same.
    """
    kept: dict[str, Overrides] = {}
    for scope, overrides in layers.items():
        try:
            effective([*kept.values(), overrides])
        except ValidationError:
            continue
        kept[scope] = overrides
    return kept


def patched(layer: Overrides, changes: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The layer after a JSON merge patch (RFC 7396): null unsets a value or a whole section.

    What no layer can hold is kept, for validation to refuse: a value where a section should be,
    and whatever has a name that is neither a rule's nor in the layer, even a null.
    """
    after: dict[str, Any] = {section: dict(values) for section, values in layer.items()}
    for section, values in changes.items():
        if isinstance(values, Mapping):
            after[section] = _merged(after.get(section, {}), values, known=_rules_of(section))
        elif values is None and (section in after or section in Rules.model_fields):
            after.pop(section, None)
        else:
            after[section] = values
    return {
        section: values
        for section, values in after.items()
        if values != {} or section not in Rules.model_fields
    }


def patch_between(before: Overrides, after: Overrides) -> dict[str, Any]:
    """The merge patch that makes the one layer the other."""
    changes: dict[str, Any] = dict.fromkeys(before.keys() - after.keys())
    for section, values in after.items():
        gone = dict.fromkeys(before.get(section, {}).keys() - values.keys())
        if gone or values != before.get(section):
            changes[section] = {**gone, **values}
    return changes


def patch_schema() -> dict[str, Any]:
    """What a change of a layer may hold, as JSON Schema: every rule with its bounds, any of them
    left out, and null to unset one, or a section."""
    schema = Rules.model_json_schema()
    sections = {name: _of_section(schema, each) for name, each in schema["properties"].items()}
    return {"type": "object", "additionalProperties": False, "properties": sections}


def _of_section(schema: Mapping[str, Any], reference: Mapping[str, Any]) -> dict[str, Any]:
    section = schema["$defs"][str(reference["$ref"]).rpartition("/")[2]]
    rules = {
        name: {
            **{key: rule[key] for key in ("title", "description") if key in rule},
            "anyOf": [_without_default(rule), {"type": "null"}],
        }
        for name, rule in section["properties"].items()
    }
    told = {"title": section["title"], "description": section["description"]}
    held = {"type": "object", "additionalProperties": False, "properties": rules}
    return told | {"anyOf": [held, {"type": "null"}]}


def _without_default(rule: Mapping[str, Any]) -> dict[str, Any]:
    """In a layer, what is left out is what the layers below say."""
    told = ("title", "description", "default")
    return {key: value for key, value in rule.items() if key not in told}


def _merged(
    before: Mapping[str, Any], changes: Mapping[str, Any], known: Collection[str]
) -> dict[str, Any]:
    after = {**before, **changes}
    return {
        name: value
        for name, value in after.items()
        if value is not None or (name not in before and name not in known)
    }


def _rules_of(section: str) -> Collection[str]:
    field = Rules.model_fields.get(section)
    return type(field.default).model_fields if field else ()
