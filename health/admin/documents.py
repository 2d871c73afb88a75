"""What every document of the judgment can do in the admin: be drafted, compared, published; dialogs that ask first."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.db import models
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.admin import ModelAdmin, StackedInline, TabularInline
from unfold.decorators import action
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextareaWidget

from health import configuration, scorecards
from health.configuration import Refused
from health.forms import PlainNumber
from health.models import Document

DRAFT, PUBLISHED = Document.State.DRAFT, Document.State.PUBLISHED
HISTORY = ("state", "based_on", "author", "note", "published_at", "retired_at")
ABOUT = ("About this version", {"fields": HISTORY, "classes": ("collapse",)})


@dataclass(frozen=True)
class Verbs:
    """What can be done with one kind of document."""

    refusals: Callable[[Any], list[str]]
    differences: Callable[[Any, Any], list[str]]
    publish: Callable[..., None]
    start_again_from: Callable[[Any], Any]


def page_of(document: Model) -> str:
    return reverse(f"admin:health_{document._meta.model_name}_change", args=[document.pk])


def published_sibling(document: Any) -> Any | None:
    return configuration.siblings(document).filter(state=PUBLISHED).first()


# --- Dialogs ---------------------------------------------------------------------------------------------------------


class SureForm(BaseDialogForm):  # type: ignore[misc] # unfold has no types
    """A question that a button answers."""


class PublishForm(BaseDialogForm):  # type: ignore[misc]
    """The note of a publication, under what it changes. It refuses with all that speaks against publishing."""

    form_before_template = "health/admin_changes.html"
    note = forms.CharField(
        label="What changes, and why",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        error_messages={"required": "A note is missing: say what changes, and why."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        page: DocumentAdmin = self.request.resolver_match.func.model_admin
        self.draft, self.verbs = page.document(self.object_id), page.verbs

    def get_before_template_context(self, request: HttpRequest, object_id: str | None = None) -> dict[str, Any]:
        published = published_sibling(self.draft)
        return {"changes": self.verbs.differences(published, self.draft) if published else None}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for sentence in self.verbs.refusals(self.draft):
            self.add_error("note", sentence)
        return cleaned


def dialog(title: str, description: str, button: str, form: type[forms.Form] = SureForm) -> dict[str, Any]:
    return {"title": title, "description": description, "form_class": form, "form_submit_text": button}


# --- Any document ----------------------------------------------------------------------------------------------------


# Numbers as people write them.
PLAIN = {models.FloatField: {"widget": PlainNumber}, models.DecimalField: {"widget": PlainNumber}}


class Parts:
    """Parts of a version: edited in a draft, looked at otherwise. They are put in order by dragging."""

    formfield_overrides = PLAIN
    extra = 0
    ordering_field: str | None = "position"
    hide_ordering_field = True

    def has_add_permission(self, request: HttpRequest, obj: Document | None = None) -> bool:
        return obj is not None and obj.is_draft

    def has_change_permission(self, request: HttpRequest, obj: Document | None = None) -> bool:
        return obj is not None and obj.is_draft

    def has_delete_permission(self, request: HttpRequest, obj: Document | None = None) -> bool:
        return obj is not None and obj.is_draft


class PartInline(Parts, TabularInline):  # type: ignore[misc]
    """Parts of which each is a line."""

    hide_title = True

    def get_fields(self, request: HttpRequest, obj: Document | None = None) -> tuple[str, ...]:
        if self.has_change_permission(request, obj):
            return tuple(self.fields)
        # An inline is made for each request: this one has no handles to drag.
        self.ordering_field = None
        return tuple(name for name in self.fields if name != "position")


class FoldedInline(Parts, StackedInline):  # type: ignore[misc]
    """Parts of which each is a sentence that opens."""

    collapsible = True


class DocumentAdmin(ModelAdmin):  # type: ignore[misc]
    """Drafts are edited, published and discarded; what was published can be compared and started again from."""

    verbs: Verbs
    actions = None
    formfield_overrides = PLAIN
    list_filter: tuple[str, ...] = ("state",)
    actions_detail = ("publish", "compare", "start_again", "retire")
    change_form_outer_before_template = "health/admin_refusals.html"

    def document(self, object_id: str) -> Any:
        return self.get_queryset(None).get(pk=object_id)

    def get_queryset(self, request: HttpRequest | None) -> QuerySet[Any]:
        documents: QuerySet[Any] = self.model._default_manager.select_related("author", "based_on")
        return documents

    def get_readonly_fields(self, request: HttpRequest, obj: Document | None = None) -> tuple[str, ...]:
        return HISTORY

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Document | None = None) -> bool:
        return obj is None or obj.is_draft

    def has_delete_permission(self, request: HttpRequest, obj: Document | None = None) -> bool:
        return obj is not None and obj.is_draft

    def delete_model(self, request: HttpRequest, obj: Document) -> None:
        configuration.discard(obj)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        draft = kwargs.get("obj")
        context["refusals"] = self.verbs.refusals(draft) if draft is not None and draft.is_draft else ()
        return super().render_change_form(request, context, *args, **kwargs)

    def answer(self, request: HttpRequest, document: Document, verb: Callable[[], Any], done: str) -> HttpResponse:
        """Do it, say so, and go to what came of it; or stay and say why not."""
        try:
            target = verb() or document
        except Refused as refused:
            for sentence in refused.sentences:
                messages.error(request, sentence)
            target = document
        else:
            messages.success(request, done.format(target))
        return HttpResponse(headers={"HX-Redirect": page_of(target)})

    def has_publish_permission(self, request: HttpRequest, object_id: str) -> bool:
        return bool(self.document(object_id).is_draft)

    @action(
        description="Publish", url_path="publish", permissions=["publish"], icon="publish",
        dialog=dialog("Publish this draft", "It counts from today on and cannot be changed any more.", "Publish", PublishForm),
    )  # fmt: skip
    def publish(self, request: HttpRequest, form: PublishForm, object_id: str) -> HttpResponse:
        verb = partial(self.verbs.publish, form.draft, author=request.user, note=form.cleaned_data["note"])
        return self.answer(request, form.draft, verb, "{} is published.")

    def has_compare_permission(self, request: HttpRequest, object_id: str) -> bool:
        published = published_sibling(self.document(object_id))
        return published is not None and str(published.pk) != str(object_id)

    @action(
        description="Compare with the published one", url_path="compare", permissions=["compare"], icon="compare_arrows"
    )
    def compare(self, request: HttpRequest, object_id: str) -> HttpResponse:
        shown = self.document(object_id)
        published = published_sibling(shown)
        before, after = (published, shown) if shown.is_draft else (shown, published)
        context = {
            **self.admin_site.each_context(request),
            "title": f"{before} and {after}",
            "before": before,
            "after": after,
            "changes": self.verbs.differences(before, after),
            "shown": shown,
            "back": page_of(shown),
            "opts": self.opts,
        }
        return TemplateResponse(request, "health/admin_compare.html", context)

    def has_again_permission(self, request: HttpRequest, object_id: str) -> bool:
        document = self.document(object_id)
        return not document.is_draft and not configuration.siblings(document).filter(state=DRAFT).exists()

    @action(
        description="Start again from this", url_path="again", permissions=["again"], icon="edit_document",
        dialog=dialog("Start again from this version", "A new draft begins as a copy of it. Nothing is published by that.",
                      "Make the draft"),
    )  # fmt: skip
    def start_again(self, request: HttpRequest, form: SureForm, object_id: str) -> HttpResponse:
        document = self.document(object_id)
        return self.answer(request, document, partial(self.verbs.start_again_from, document), "{} is a draft now.")

    def has_retire_permission(self, request: HttpRequest, object_id: str) -> bool:
        return False

    @action(
        description="Retire", url_path="retire", permissions=["retire"], icon="archive",
        dialog=dialog("Retire this scorecard", "No account gets it any more. Earlier days keep it.", "Retire"),
    )  # fmt: skip
    def retire(self, request: HttpRequest, form: SureForm, object_id: str) -> HttpResponse:
        document = self.document(object_id)
        return self.answer(request, document, partial(scorecards.retire, document), "{} is retired.")


class OnlyOneAdmin(DocumentAdmin):
    """A document of which there is one in force for everybody: its drafts begin in the list."""

    list_display = ("__str__", "state", "note", "author", "published_at")
    ordering = ("-number",)
    actions_list = ("begin",)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """All that was written to it stands in the audit log."""
        return HttpResponseRedirect(f"{reverse('admin:health_auditentry_changelist')}?what={self.model._meta.label}")

    def has_begin_permission(self, request: HttpRequest) -> bool:
        return not self.model._default_manager.filter(state=DRAFT).exists()

    @action(
        description="New draft", url_path="begin", permissions=["begin"], icon="add",
        dialog=dialog("New draft", "It begins as a copy of what is published.", "Make the draft"),
    )  # fmt: skip
    def begin(self, request: HttpRequest, form: SureForm) -> HttpResponse:
        return HttpResponse(headers={"HX-Redirect": page_of(self.verbs.start_again_from(None))})
