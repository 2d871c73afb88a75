"""Forms of the configuration: one validated line a scale, one field a setting, and a note with every publication."""

import re
from collections.abc import Callable
from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from accounts.models import Stakeholder
from health import rules, scorecards
from health.metrics import declare
from health.metrics.rules import Rules
from health.models import Guard, LineUpEntry, Measure, Settings
from health.scoring.scale import BadScale, Scale
from health.segments import BadSegment, Segment, refusals


def narrow(rem: float, **attrs: str) -> forms.TextInput:
    """An input that is as wide as what belongs in it, so that a measure is one line."""
    widget: forms.TextInput = UnfoldAdminTextInputWidget(attrs={"style": f"width: {rem}rem", **attrs})
    return widget


class ReadingForm(forms.ModelForm):  # type: ignore[type-arg]
    """What measures and guards share. Whatever is wrong is said in sentences, each at its field."""

    def clean_metric(self) -> str:
        name = str(self.cleaned_data["metric"]).strip()
        try:
            declare.get(name)
        except LookupError as error:
            raise forms.ValidationError(str(error.args[0])) from None
        return name

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("metric") and not self.errors:
            self.fill_in(cleaned)
            own = {field.name for field in self._meta.model._meta.concrete_fields} - {"version", "group"}
            columns = {name: value for name, value in cleaned.items() if name in own}
            for sentence in scorecards.reading_refusals(self._meta.model(**columns)):
                self.add_error(None, sentence)
        return cleaned

    def fill_in(self, cleaned: dict[str, Any]) -> None:
        """What was left blank becomes what it stands for."""
        metric, _ = declare.get(cleaned["metric"])
        if cleaned.get("window") is None:
            cleaned["window"] = metric.window


class MeasureForm(ReadingForm):
    class Meta:
        model = Measure
        fields = (
            "metric", "window", "group", "weight", "scale", "missing", "points_when_missing", "min_n", "max_age_days",
            "min_days", "position",
        )  # fmt: skip
        widgets = {
            "metric": narrow(14, list="metrics", autocomplete="off"),
            "window": narrow(4.5),
            "weight": narrow(4.5),
            "scale": narrow(16, placeholder="blank: its usual one"),
            "points_when_missing": narrow(4.5),
            "min_n": narrow(4.5),
            "max_age_days": narrow(4.5),
            "min_days": narrow(4.5),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, width in {"group": "9rem", "missing": "13rem"}.items():
            if name in self.fields:
                self.fields[name].widget.attrs["style"] = f"min-width: {width}"
        if "scale" in self.fields:
            self.fields["scale"].required = False

    def clean_scale(self) -> str:
        """As a scale writes itself, however it was typed."""
        try:
            return str(Scale.parse(self.cleaned_data["scale"])) if self.cleaned_data["scale"] else ""
        except BadScale as error:
            raise forms.ValidationError(str(error)) from None

    def fill_in(self, cleaned: dict[str, Any]) -> None:
        super().fill_in(cleaned)
        metric, _ = declare.get(cleaned["metric"])
        if not cleaned.get("scale"):
            cleaned["scale"] = str(metric.scale)
        if cleaned.get("missing") != Measure.MissingRule.COUNT:
            cleaned["points_when_missing"] = None


class GuardForm(ReadingForm):
    class Meta:
        model = Guard
        fields = (
            "metric", "window", "comparison", "value", "release", "cap", "min_n", "max_age_days", "position",
        )  # fmt: skip
        widgets = {
            "metric": narrow(14, list="metrics", autocomplete="off"),
            "window": narrow(4.5),
            "value": narrow(5),
            "release": narrow(5),
            "min_n": narrow(4.5),
            "max_age_days": narrow(4.5),
        }


class EntryForm(forms.ModelForm):  # type: ignore[type-arg]
    """A scorecard of the line-up."""

    class Meta:
        model = LineUpEntry
        fields = ("scorecard", "segment", "position")
        widgets = {"segment": narrow(40)}

    def clean_segment(self) -> str:
        try:
            segment = Segment.parse(self.cleaned_data["segment"])
        except BadSegment as error:
            raise forms.ValidationError(str(error)) from None
        sentences = refusals(segment)
        if sentences:
            raise forms.ValidationError(sentences)
        return str(segment)


# --- Settings --------------------------------------------------------------------------------------------------------


def _days(name: str) -> forms.IntegerField:
    return forms.IntegerField(
        label=f"{rules.label(name)}, days", help_text=rules.does(name), min_value=0, max_value=rules.LONGEST_WAIT,
        widget=UnfoldAdminIntegerFieldWidget(),
    )  # fmt: skip


def _lines(name: str, example: str) -> forms.CharField:
    return forms.CharField(
        label=rules.label(name), help_text=f"{rules.does(name)} {example}", required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
    )  # fmt: skip


A_PATH = (
    "One a line: name, roles, people or sessions, days, as in Orders: checkout started -> order completed, people, 1."
)


class SettingsForm(forms.ModelForm):  # type: ignore[type-arg]
    """The document as fields. A list is a text with one member a line."""

    hold_days = _days("hold_days")
    weekdays = forms.TypedMultipleChoiceField(
        label=rules.label("weekdays"),
        choices=list(rules.WEEKDAYS.items()),
        coerce=int,
        help_text=rules.does("weekdays"),
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
    )
    holidays = _lines("holidays", "One a line, as in 2026-12-25.")
    key_roles = forms.MultipleChoiceField(
        label=rules.label("key_roles"),
        choices=Stakeholder.StakeholderRole.choices,
        required=False,
        help_text=rules.does("key_roles"),
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
    )
    core_features = _lines("core_features", "One a line.")
    event_roles = _lines("event_roles", "One a line: the event, a colon, and the role, as in Signed In: login.")
    goals = _lines("goals", A_PATH)
    pairs = _lines("pairs", A_PATH)
    grace_days = _days("grace_days")
    response_days = _days("response_days")
    reopen_days = _days("reopen_days")
    week1_event = forms.CharField(
        label=rules.label("week1_event"),
        max_length=rules.LONGEST_NAME,
        required=False,
        help_text=rules.does("week1_event"),
        widget=UnfoldAdminTextInputWidget(),
    )
    week1_target = forms.IntegerField(
        label=rules.label("week1_target"),
        min_value=1,
        max_value=rules.MOST_TIMES,
        help_text=rules.does("week1_target"),
        widget=UnfoldAdminIntegerFieldWidget(),
    )
    currency = forms.CharField(
        label=rules.label("currency"),
        max_length=3,
        help_text=rules.does("currency"),
        widget=UnfoldAdminTextInputWidget(attrs={"style": "width: 6rem"}),
    )
    rates = _lines("rates", "One a line: currency, day and units, as in EUR 2026-01-01 1.08.")

    class Meta:
        model = Settings
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, text in shown(self.instance.document).items():
            if name in self.fields:
                self.fields[name].initial = text

    def clean(self) -> dict[str, Any]:
        """Everything that is wrong, each at its field."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self.document: dict[str, Any] = {}
        for name, read in rules.READERS.items():
            if name not in cleaned:
                continue
            self.document[name] = AS_DOCUMENT.get(name, lambda value: value)(cleaned[name])
            try:
                read(name, self.document[name])
            except rules.BadRules as error:
                self.add_error(name, list(error.sentences))
        return cleaned

    def save(self, commit: bool = True) -> Settings:
        self.instance.document = {**self.instance.document, **self.document}
        settings: Settings = super().save(commit)
        return settings


def shown(document: rules.Document) -> dict[str, Any]:
    """A document as the form shows it."""
    full = {**rules.document_of(Rules()), **document}
    for name in ("holidays", "core_features"):
        full[name] = "\n".join(map(str, full[name]))
    full["event_roles"] = "\n".join(": ".join(map(str, pair)) for pair in full["event_roles"])
    for name in ("goals", "pairs"):
        full[name] = "\n".join(_path_in_words(path) for path in full[name])
    full["rates"] = "\n".join(" ".join(map(str, rate)) for rate in full["rates"])
    return full


def _members(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _event_roles(text: str) -> list[list[str]]:
    """The last colon parts an event from its role: names of events have colons, too."""
    return [[word.strip() for word in line.rpartition(":")[::2]] for line in _members(text)]


def _path_in_words(path: Any) -> str:
    called, begins, ends, by, days = path
    return f"{called}: {begins} -> {ends}, {by}, {days}"


def _paths(text: str) -> list[list[Any]]:
    return [_path(line) for line in _members(text)]


def _path(line: str) -> list[Any]:
    """Whatever is missing is left out, so that the line is refused as a whole."""
    name, _, rest = line.partition(":")
    roles, *by = (word.strip() for word in rest.rsplit(",", 2))
    words = [word.strip() for word in (name, *re.split("->|→", roles, maxsplit=1))]
    return [*words, *(int(word) if word.isdecimal() else word for word in by)]


def _rates(text: str) -> list[list[Any]]:
    return [[_number(word) for word in line.split()] for line in _members(text)]


def _number(word: str) -> float | str:
    try:
        return float(word)
    except ValueError:
        return word


AS_DOCUMENT: dict[str, Callable[[Any], Any]] = {
    "holidays": _members,
    "core_features": _members,
    "event_roles": _event_roles,
    "goals": _paths,
    "pairs": _paths,
    "rates": _rates,
    "currency": str.upper,
}
