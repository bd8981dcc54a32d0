"""What a rule's value is filled in with: by its kind, in the unit that reads best."""

from collections.abc import Callable
from typing import Any

from nicegui import events, ui

from bot.console.schema_forms import (
    NAMED,
    Form,
    Kind,
    from_units,
    in_units,
    told,
    understood,
)
from handlers.rules.values import Misread

Took = Callable[[Any], None]
Missed = Callable[[str], None]
Changed = events.ValueChangeEventArguments[Any]
PROPS = "outlined dense no-error-icon hide-bottom-space debounce=200"


class RuleField:
    """`took` gets each value that makes sense, and `missed` why another does not, which is told
    at the field as well."""

    def __init__(self, form: Form, value: Any, took: Took, missed: Missed) -> None:
        self._form, self._took, self._missed = form, took, missed
        self._named = f"data-testid=set-{form.path} aria-label={form.title}"
        match form.kind:
            case Kind.DURATION:
                self._duration(value)
            case Kind.COUNT | Kind.SHARE | Kind.TIMES:
                self._number(value)
            case Kind.YES:
                self._yes(value)
            case Kind.CHOICE:
                self._choice(value)
            case Kind.DAYS:
                self._days(value)
            case Kind.SPAN:
                self._span(value)
            case _:
                self._written(value)

    def _give(self, given: Any) -> None:
        why = self._wrong(given)
        if why is None:
            self._took(understood(self._form, given))
        else:
            self._missed(why)

    def _wrong(self, given: Any) -> str | None:
        try:
            understood(self._form, given)
        except Misread as why:
            return str(why)
        return None

    # By kind

    def _duration(self, seconds: float) -> None:
        amount, unit = in_units(seconds)

        def in_seconds() -> float | None:
            return None if number.value is None else from_units(number.value, units.value)

        def changed(_: Changed) -> None:
            number.validate()
            self._give(in_seconds())

        with ui.element("div").classes("in-units"):
            number = ui.number(
                value=amount, on_change=changed, validation=lambda _: self._wrong(in_seconds())
            )
            number.props(f"{PROPS} {self._named}").classes("amount")
            units = ui.select(list(NAMED), value=unit, on_change=changed)
            units.props(f"outlined dense options-dense aria-label={self._form.title}的单位")

    def _number(self, value: float) -> None:
        is_share = self._form.kind is Kind.SHARE
        number = ui.number(
            value=round(value * 100, 4) if is_share else value,
            suffix=self._form.unit,
            on_change=lambda event: self._give(event.value),
            validation=self._wrong,
        )
        number.props(f"{PROPS} {self._named}").classes("amount")

    def _yes(self, value: bool) -> None:
        def changed(event: Changed) -> None:
            made.set_text(told(self._form, event.value))
            self._give(event.value)

        made = ui.switch(told(self._form, value), value=value, on_change=changed)
        made.props(self._named)

    def _choice(self, value: str) -> None:
        ui.select(
            self._form.options, value=value, on_change=lambda event: self._give(event.value)
        ).props(f"outlined dense options-dense {self._named}").classes("w-full")

    def _days(self, value: list[str]) -> None:
        chosen = set(value)

        def changed(day: str, *, is_on: bool) -> None:
            (chosen.add if is_on else chosen.discard)(day)
            self._give([each for each in self._form.options if each in chosen])

        with ui.element("div").classes("days").props(self._named + " role=group"):
            for day, name in self._form.options.items():
                ui.checkbox(
                    name,
                    value=day in chosen,
                    on_change=lambda event, day=day: changed(day, is_on=event.value),
                ).props("dense")

    def _span(self, value: str) -> None:
        def changed(_: Changed) -> None:
            self._give(f"{start.value}-{end.value}")

        first, _, last = value.partition("-")
        with ui.element("div").classes("in-units"):
            start = ui.input(value=first, on_change=changed)
            start.props(f"{PROPS} type=time {self._named}从")
            ui.label("到")
            end = ui.input(value=last, on_change=changed)
            end.props(f"{PROPS} type=time aria-label={self._form.title}到")

    def _written(self, value: Any) -> None:
        text = "、".join(value) if isinstance(value, list) else str(value)
        made = ui.input(
            value=text,
            on_change=lambda event: self._give(event.value),
            validation=self._wrong,
        )
        made.props(f"{PROPS} {self._named}").classes("w-full")
