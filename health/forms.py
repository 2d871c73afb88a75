"""Forms of the configuration: metrics by their names, a scale by its edges, one field a setting."""

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby, zip_longest
from typing import Any, ClassVar

from django import forms
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.widgets import (
    INPUT_CLASSES,
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from accounts.models import Stakeholder
from health import rules, scorecards, words
from health.metrics import declare
from health.metrics.declare import Metric
from health.metrics.rules import Rules
from health.models import Guard, LineUpEntry, Measure, Settings
from health.scoring.scale import BadScale, Scale, plain
from health.segments import BadSegment, Segment, refusals

# A scale has room for these many edges, and always for one more than it has.
USUAL_EDGES = 4


def narrow(rem: float, **attrs: str) -> forms.TextInput:
    """An input that is as wide as what belongs in it, so that a measure is one line."""
    widget: forms.TextInput = UnfoldAdminTextInputWidget(attrs={"style": f"width: {rem}rem", **attrs})
    return widget


class PlainNumber(UnfoldAdminDecimalFieldWidget):  # type: ignore[misc]
    """A number as a person writes it: `40` for what is stored as 40.0 or 40.0000."""

    def format_value(self, value: Any) -> Any:
        # What was typed and refused stands there as it was typed.
        return super().format_value(value if value is None or isinstance(value, str) else plain(float(value)))


# --- Measures and guards ---------------------------------------------------------------------------------------------


def metric_choices() -> Iterator[tuple[str, Any]]:
    """Every metric by its name and unit, in the groups of the catalog."""
    yield "", "Choose a metric"
    for group, metrics in groupby(declare.every(), key=lambda metric: metric.group):
        yield group.capitalize(), [(metric.key, _with_unit(metric)) for metric in metrics]


def _with_unit(metric: Metric) -> str:
    return f"{metric.label} ({metric.unit})" if metric.unit else metric.label


def metric_hints() -> dict[str, dict[str, Any]]:
    """What the page says beside the fields of a measure or guard once its metric is chosen, by the metric's key."""
    return {
        metric.key: {
            "unit": _typed_in(metric),
            "about": metric.argument,
            "window": metric.window,
            "edges": _written(metric.scale),
        }
        for metric in declare.every()
    }


def _typed_in(metric: Metric | None) -> str:
    """What a number of the metric is typed in."""
    if metric is None:
        return "the metric’s unit"
    if not metric.unit:
        return "its own numbers"
    return "1 is yes, 0 is no" if metric.unit == words.YES_OR_NO else metric.unit


def _written(scale: Scale) -> list[tuple[str, str]]:
    return [(plain(value), plain(points)) for value, points in zip(scale.values, scale.points, strict=True)]


class ScaleWidget(forms.Widget):
    """A scale as its edges: below each reading its points. What it stands for is one text, `0:0, 31:40, 80:100`."""

    template_name = "health/admin_scale.html"
    metric: Metric | None = None

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        typed = [edge.strip().partition(":")[::2] for edge in str(value or "").split(",") if edge.strip()]
        usual = _written(self.metric.scale) if self.metric else []
        room = max(len(typed) + 1, len(usual), USUAL_EDGES)
        for edges in (typed, usual):
            edges += [("", "")] * (room - len(edges))
        context["unit"] = _typed_in(self.metric)
        context["edges"] = list(zip(typed, usual, strict=True))
        context["classes"] = " ".join(INPUT_CLASSES)
        return context

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        return render_to_string(self.template_name, self.get_context(name, value, attrs))

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str:
        edges = zip_longest(data.getlist(f"{name}-reading"), data.getlist(f"{name}-points"), fillvalue="")
        return ", ".join(f"{reading.strip()}:{points.strip()}" for reading, points in edges if reading or points)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return f"{name}-reading" not in data


class ReadingForm(forms.ModelForm):  # type: ignore[type-arg]
    """What measures and guards share. Whatever is wrong is said in sentences, each at its field.

    `told` is what the row of each says while it is closed: its name, and the rest.
    """

    told: ClassVar[Mapping[int, tuple[str, str]]] = {}
    metric = forms.ChoiceField(
        choices=metric_choices,
        widget=UnfoldAdminSelectWidget(attrs={"data-metric": ""}),
        error_messages={"invalid_choice": "There is no metric “%(value)s”."},
    )
    about = forms.CharField(
        label="Only about",
        required=False,
        max_length=100,
        help_text="One feature, event, survey, attribute: what the metric can be asked about. Blank: all of them.",
        widget=UnfoldAdminTextInputWidget(),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        key, _, about = str(self.initial.get("metric") or "").partition(":")
        self.initial.update(metric=key, about=about)
        self.chosen = declare.by_key(self["metric"].value() or "")
        if key and declare.by_key(key) is None:
            metric: Any = self.fields["metric"]
            metric.choices = [*metric.choices, (key, f"{key}, which is no metric any more")]
        if self.chosen is not None and self.chosen.window is not None:
            self.fields["window"].widget.attrs["placeholder"] = self.chosen.window

    @property
    def heading(self) -> tuple[str, str]:
        return self.told.get(self.instance.pk, ("", ""))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("metric"):
            self.name_in_full(cleaned)
        if cleaned.get("metric") and not self.errors:
            self.fill_in(cleaned)
            own = {field.name for field in self._meta.model._meta.concrete_fields} - {"version", "group"}
            columns = {name: value for name, value in cleaned.items() if name in own}
            for sentence in scorecards.reading_refusals(self._meta.model(**columns)):
                self.add_error(None, sentence)
        return cleaned

    def name_in_full(self, cleaned: dict[str, Any]) -> None:
        """The metric's key and what it is asked about are one name, as in `attribute:tier`."""
        about = cleaned.get("about", "").strip()
        name = f"{cleaned['metric']}:{about}" if about else cleaned["metric"]
        try:
            declare.get(name)
        except LookupError as error:
            self.add_error("about", str(error.args[0]))
        else:
            cleaned["metric"] = name

    def fill_in(self, cleaned: dict[str, Any]) -> None:
        """What was left blank becomes what it stands for."""
        metric, _ = declare.get(cleaned["metric"])
        if cleaned.get("window") is None:
            cleaned["window"] = metric.window


class MeasureForm(ReadingForm):
    class Meta:
        model = Measure
        fields = (
            "metric", "about", "window", "group", "weight", "scale", "missing", "points_when_missing", "min_n",
            "max_age_days", "min_days", "position",
        )  # fmt: skip
        widgets = {"scale": ScaleWidget()}
        labels = {"min_n": "Fewest answers", "window": "Over days"}
        help_texts = {
            "window": "The days it looks back. Blank: the usual ones, shown in gray.",
            "scale": (
                "How many points a reading gives: in proportion between two edges, and beyond the outer ones as at them. "
                "All blank: the usual scale, shown in gray."
            ),
            "points_when_missing": "Where silence counts as points: how many, from 0 to 100.",
            "min_n": "With fewer there is no reading. Blank: as usual of the metric.",
            "max_age_days": "An opinion that is older is no reading. Blank: none is too old.",
            "min_days": "A younger account has no reading. Blank: as the settings say.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scale: Any = self.fields["scale"]
        scale.required, scale.widget.metric = False, self.chosen

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
            "metric", "about", "window", "comparison", "value", "release", "cap", "min_n", "max_age_days", "position",
        )  # fmt: skip
        labels = {"min_n": "Fewest answers", "window": "Over days"}
        help_texts = {
            "window": "The days it looks back. Blank: the usual ones, shown in gray.",
            "min_n": "With fewer there is no reading. Blank: as usual of the metric.",
            "max_age_days": "An opinion that is older is no reading. Blank: none is too old.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit = format_html("<span data-unit>{}</span>", _typed_in(self.chosen))
        self.fields["value"].help_text = format_html("In {}.", unit)
        self.fields["release"].help_text = format_html("In {}. Blank: at the value itself.", unit)


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
