"""What users type about an account, checked: each error names its field and says what to do."""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from typing import Any

from django import forms

from accounts import calendar
from accounts.models import Account, Stakeholder, Touchpoint, User
from accounts.work import seen_by
from health import overrides
from health.alerts import AHEAD_DAYS
from health.quickadd import Mark, Said, spelled_out, suggested, understand, without_day
from health.scoring.card import Band
from health.templatetags.verdant import near_day

DAYS_BACK, DAYS_AHEAD = 14, 21
BANDS = ((Band.RED.value, "Red"), (Band.YELLOW.value, "Yellow"), (Band.GREEN.value, "Green"))
# What a touchpoint came to, on its chip: the word that the page uses for it.
STATUSES = tuple(
    (value, "Took place" if value == Touchpoint.Status.HELD else label) for value, label in Touchpoint.Status.choices
)
RATINGS = ((1, "at risk"), (2, "worried"), (3, "neither"), (4, "good"), (5, "great"))


def line(placeholder: str, *, rows: int = 2) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "placeholder": placeholder})


def day_field(**more: Any) -> forms.DateField:
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **more)


def contacts_of(account: Account, today: dt.date) -> dict[int, str]:
    """Record → name of the stakeholders who are still there."""
    found = Stakeholder.objects.known().filter(account=account).exclude(left_on__lte=today).order_by("name", "record")
    return dict(found.values_list("record", "name"))


class TouchpointForm(forms.Form):
    """One line, and chips that correct what was recognized in it: a blank chip stands for what the line says."""

    text = forms.CharField(
        label="What happened", max_length=10_000, widget=line("What happened? @ names a contact"),
        error_messages={"required": "Say what happened, in a line."},
    )  # fmt: skip
    kind = forms.ChoiceField(choices=(("", ""), *Touchpoint.Kind.choices), required=False)
    on = forms.DateField(label="Day", required=False)
    status = forms.ChoiceField(label="Past or planned", choices=(("", ""), *STATUSES), required=False)

    def __init__(self, *args: Any, account: Account, now: dt.datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now, self.today = now, calendar.day_of(now)
        self.people = contacts_of(account, self.today)

    @property
    def said(self) -> Said:
        return understand(str(self.data.get("text") or "")[:10_000], self.today, self.people, ahead=False)

    @property
    def meant_kind(self) -> str:
        return self._chosen("kind") or self.said.kind or Touchpoint.Kind.CALL.value

    @property
    def day(self) -> dt.date:
        """The day that is meant. One chosen by hand counts more than one in the text."""
        try:
            chosen = self.fields["on"].clean(self.data.get("on"))
        except forms.ValidationError:
            chosen = None
        found: dt.date = chosen or self.said.day or self.today
        return found

    @property
    def meant_status(self) -> str:
        ahead = self.day > self.today
        return self._chosen("status") or (Touchpoint.Status.PLANNED if ahead else Touchpoint.Status.HELD).value

    @property
    def participants(self) -> list[int]:
        listed = self.data.getlist("contact") if hasattr(self.data, "getlist") else ()
        chosen = [int(one) for one in listed if re.fullmatch(r"[0-9]{1,18}", one)]
        return [record for record in dict.fromkeys([*self.said.contacts, *chosen]) if record in self.people]

    @property
    def unclear(self) -> list[Mark]:
        """What names several contacts in the line, none of whom was chosen."""
        present = set(self.participants)
        return [mark for mark in self.said.marks if len(mark.fits) > 1 and not present.intersection(mark.fits)]

    @property
    def told(self) -> str:
        """What is kept of the line: with names, not marks."""
        return spelled_out(self.cleaned_data["text"], self.people, self.participants)

    @property
    def at(self) -> dt.datetime:
        """Now where it was today, else the noon of its day."""
        if self.day == self.today and self.meant_status != Touchpoint.Status.PLANNED:
            return self.now
        return calendar.start_of(self.day) + dt.timedelta(hours=12)

    def _chosen(self, name: str) -> str:
        value = self.data.get(name) or ""
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        return str(value) if field.valid_value(value) else ""

    def chips(self) -> dict[str, object]:
        """What the chips beside the line offer, and what each of them stands at."""
        said, today = self.said, self.today
        days = [today + dt.timedelta(days=n) for n in range(-DAYS_BACK, DAYS_AHEAD + 1)]
        chosen = {name: self.data.get(name) or "" for name in ("kind", "on", "status")}
        offers = {mark: (mark.name, self._names(mark.fits)) for mark in self.unclear}
        typed = [] if said.open is None else suggested(said.open, self.people)
        if typed:
            offers[said.marks[-1]] = (said.open or "", self._names(typed))
        nobody = said.open is not None and not typed and not said.marks[-1].fits
        return {
            "kinds": Touchpoint.Kind.choices,
            "statuses": STATUSES,
            "days": [(day.isoformat(), near_day(day, today)) for day in days],
            "chosen": chosen,
            "meant": {
                "kind": Touchpoint.Kind(self.meant_kind).label,
                "day": near_day(self.day, today),
                "status": dict(STATUSES)[self.meant_status],
            },
            "present": [(record, self.people[record]) for record in self.participants],
            "absent": [(record, name) for record, name in self.people.items() if record not in self.participants],
            "named": set(said.contacts),
            "offers": list(offers.values()),
            "nobody": said.open if nobody else "",
        }

    def _names(self, records: Iterable[int]) -> list[str]:
        return [self.people[record] for record in records]

    def clean(self) -> dict[str, Any]:
        for mark in self.unclear:
            *names, last = self._names(mark.fits)
            self.add_error("text", f"Which {mark.name}: {', '.join(names)} or {last}?")
        if self.day > self.today and self.meant_status == Touchpoint.Status.HELD:
            self.add_error("status", "It lies ahead, so it has not taken place yet. Choose planned, or an earlier day.")
        return self.cleaned_data


def subject_and_notes(text: str) -> tuple[str, str]:
    """The first line is the subject; what is longer is kept whole as notes."""
    first, _, rest = text.strip().partition("\n")
    if not rest.strip() and len(first) <= 200:
        return first.strip(), ""
    return (first if len(first) <= 200 else f"{first[:199]}…").strip(), text.strip()


class NoteForm(forms.Form):
    text = forms.CharField(
        label="Note", max_length=10_000, widget=line("What should be remembered?"),
        error_messages={"required": "A note needs words."},
    )  # fmt: skip


def _nearest_first(user: User, accounts: Sequence[Account], seeing: Sequence[User]) -> list[tuple[Any, Any]]:
    """Oneself, then who owns the accounts, then the others, apart from them."""
    owners = {account.owner_id for account in accounts}
    near = sorted((one for one in seeing if one == user or one.pk in owners), key=lambda one: one != user)
    others = [(one.pk, str(one)) for one in seeing if one not in near]
    return [*((one.pk, str(one)) for one in near), *([("Others who see it", others)] if others else [])]


class TaskForm(forms.Form):
    """A task as a whole. Where no day is chosen, one at the end of the line is taken."""

    title = forms.CharField(
        label="What is to be done", max_length=255, widget=forms.TextInput(attrs={"placeholder": "Call Renée tomorrow"}),
        error_messages={"required": "Say what is to be done."},
    )  # fmt: skip
    due_on = day_field(label="Due on", required=False)
    owner = forms.ModelChoiceField(User.objects.none(), label="For", required=False, empty_label=None)
    details = forms.CharField(
        label="Details", max_length=10_000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, accounts: Sequence[Account], user: User, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.today = user, today
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ModelChoiceField)
        seeing = seen_by(*accounts)
        owner.queryset = User.objects.filter(pk__in=[one.pk for one in seeing])
        owner.choices = _nearest_first(user, accounts, seeing)
        owner.initial = user.pk

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        given["owner"] = given.get("owner") or self.user
        title = given.get("title", "")
        if title and not given.get("due_on") and "due_on" not in self.errors:
            shortened = without_day(title)
            if shortened and shortened != title:
                given["due_on"] = understand(title[len(shortened) :], self.today, {}, ahead=True).day
                given["title"] = shortened
            else:
                given["due_on"] = understand(title, self.today, {}, ahead=True).day
        return given


class TaskEditForm(TaskForm):
    """The same, where a day that was taken out stays out."""

    def clean(self) -> dict[str, Any]:
        self.cleaned_data["owner"] = self.cleaned_data.get("owner") or self.user
        return self.cleaned_data


class PulseForm(forms.Form):
    rating = forms.TypedChoiceField(
        label="How are they?", choices=RATINGS, coerce=int, widget=forms.RadioSelect,
        error_messages={"required": "Choose 1 to 5.", "invalid_choice": "Choose 1 to 5."},
    )  # fmt: skip
    comment = forms.CharField(label="Why", max_length=2_000, required=False, widget=line("What makes you think so?"))


class OverrideForm(forms.Form):
    band = forms.TypedChoiceField(
        label="Band", choices=BANDS, coerce=int, widget=forms.RadioSelect,
        error_messages={"required": "Choose a band."},
    )  # fmt: skip
    reason = forms.CharField(
        label="Reason", max_length=2_000, widget=line("What do you know that the measures do not?", rows=3),
        error_messages={"required": "An override needs a reason."},
    )  # fmt: skip
    last_day = day_field(
        label="Last day",
        help_text=f"Included. At most {overrides.LONGEST_DAYS} days ahead. The owner is told {AHEAD_DAYS} days before it ends.",
    )

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        last = today + dt.timedelta(days=overrides.LONGEST_DAYS)
        self.fields["last_day"].widget.attrs.update(min=today.isoformat(), max=last.isoformat())
