"""What is asked about several accounts at once."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet

from accounts.models import Account, User
from health.work_forms import TaskForm


class AssignForm(forms.Form):
    owner = forms.ModelChoiceField(
        User.objects.none(), label="New owner", empty_label="Choose …",
        error_messages={"required": "Choose who it is.", "invalid_choice": "Choose one of these: others cannot own it."},
    )  # fmt: skip

    def __init__(self, *args: Any, candidates: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ModelChoiceField)
        owner.queryset = candidates


class TasksForm(TaskForm):
    """The same task at each account: for its owner, or for somebody who sees them all."""

    def __init__(self, *args: Any, accounts: Sequence[Account], **kwargs: Any) -> None:
        super().__init__(*args, accounts=accounts, **kwargs)
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ModelChoiceField)
        owner.choices = [("", "Each account’s owner"), *owner.choices]  # type: ignore[misc]
        owner.initial = None

    def clean(self) -> dict[str, Any]:
        chosen = self.cleaned_data.get("owner")
        return {**super().clean(), "owner": chosen}
