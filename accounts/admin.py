"""What admins keep by hand: who works here, where facts come from, and what the words of the dictionary mean.

Facts are not edited here or anywhere: they come from sources, and a change is a new version.
"""

from typing import Any

from allauth.account.admin import EmailAddress
from allauth.mfa.admin import Authenticator
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import Count, ForeignKey, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import AdminPasswordChangeForm
from unfold.forms import UserChangeForm as UnfoldUserChangeForm
from unfold.forms import UserCreationForm as UnfoldUserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextareaWidget

from accounts import attributes, sources, tokens
from accounts.models import AttributeDefinition, Job, Product, Role, Scope, Source, Stream, Team, Token, User

# Importing these registered them; they are kept by the sign-in pages, not by hand. Roles stand in for groups.
admin.site.unregister([EmailAddress, Authenticator, Group])


class ReadOnlyAdmin(ModelAdmin):  # type: ignore[misc] # unfold has no types
    """Something to look up: nobody adds, changes or deletes it here."""

    actions = None

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class KnownNowAdmin(ReadOnlyAdmin):
    """Records by their current version. Its page says what `told` names; how it is stored is folded under it."""

    told: tuple[str, ...]
    stored = ("record", "received_at", "receipt_assumed", "job")

    def get_fieldsets(self, request: HttpRequest, obj: object = None) -> list[Any]:
        return [
            (None, {"fields": (*self.told, "source")}),
            ("How it is stored", {"fields": self.stored, "classes": ("collapse",)}),
        ]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """What its list calls it is its title."""
        context["called"] = getattr(kwargs["obj"], self.list_display[0])
        return super().render_change_form(request, context, *args, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        versions: QuerySet[Any] = self.model.objects.known()
        return versions


def clean_address(form: "forms.ModelForm[User]") -> str:
    """Addresses are kept in lower case. Raises ValidationError when another user has it."""
    address = str(form.cleaned_data["email"]).strip().lower()
    if User.objects.filter(email=address).exclude(pk=form.instance.pk).exists():
        raise forms.ValidationError("There is a user with this address already.")
    return address


class UserCreationForm(UnfoldUserCreationForm):  # type: ignore[misc]
    """A new user, with a password from the admin or with none: then the user chooses one by e-mail."""

    class Meta:
        model = User
        fields = ("email", "name", "role", "team", "sees")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["usable_password"]
        choice.label = "First password"
        choice.choices = choice.widget.choices = [("true", "Set it here"), ("false", "Chosen by the user")]
        choice.help_text = "Without one, the user chooses it by e-mail: “Forgot it?” on the sign-in page."

    def clean_email(self) -> str:
        return clean_address(self)


class UserChangeForm(UnfoldUserChangeForm):  # type: ignore[misc]
    """A user's address, name, role and team; the password has a form of its own."""

    class Meta:
        model = User
        fields = ("email", "name", "role", "team", "sees", "is_active")
        labels = {"is_active": "Active"}
        help_texts = {"is_active": "Off: closed. Their name stays on what they did, and they can no longer sign in."}

    def clean_email(self) -> str:
        return clean_address(self)

    def clean(self) -> dict[str, Any] | None:
        """Somebody must be left who can come in here."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        stays = cleaned.get("role") == Role.ADMIN and cleaned.get("is_active")
        others = User.objects.filter(role=Role.ADMIN, is_active=True).exclude(pk=self.instance.pk)
        if self.instance.is_admin and not stays and not others.exists():
            raise forms.ValidationError("This is the last admin. Make somebody else an admin first.")
        return cleaned


class ActiveFilter(admin.SimpleListFilter):
    title, parameter_name = "active", "active"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Yes"), ("no", "No")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        return queryset.filter(is_active=self.value() == "yes") if self.value() in {"yes", "no"} else queryset


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):  # type: ignore[misc,type-arg]
    """Users are closed, not deleted: what they recorded and owned keeps their name."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("email", "name", "role", "team", "accounts_owned", "second_factor", "active")
    list_display_links = ("email", "name")
    list_filter = ("role", "team", ActiveFilter)
    search_fields = ("email", "name")
    search_help_text = "Address or name"
    ordering = ("email",)
    filter_horizontal = ()
    readonly_fields = ("way_in", "last_login", "date_joined")
    actions = ["remove_second_factor"]
    fieldsets = (
        (None, {"fields": ("email", "name", "role", "team", "sees", "is_active", "way_in")}),
        ("Seen", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"fields": ("email", "name", "role", "team", "sees", "usable_password", "password1", "password2")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        factors = Count("authenticator", distinct=True)
        users: QuerySet[User] = super().get_queryset(request).select_related("team")
        return users.annotate(owned=Count("accounts", distinct=True), factors=factors)

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """An address that an admin enters counts as confirmed, and the one before it opens no door any more. Accounts whose
        source has long named it have their owner."""
        super().save_model(request, obj, form, change)
        if "email" in form.changed_data:
            EmailAddress.objects.filter(user=obj).delete()
            EmailAddress.objects.create(user=obj, email=obj.email, verified=True, primary=True)
            if claimed := attributes.claim_accounts(obj, timezone.now()):
                says = f"{claimed:,} account{'s name' if claimed > 1 else ' names'} {obj.email} as the owner, which is now {obj}."
                messages.info(request, says)

    @admin.display(description="Password")
    def way_in(self, user: User) -> SafeString:
        """Whether there is one, rather than how it is kept."""
        said = "Set" if user.has_usable_password() else "None yet"
        there = reverse("admin:auth_user_password_change", args=[user.pk])
        return format_html('{}. <a class="text-link" href="{}">Set another one</a>', said, there)

    @admin.display(description="Accounts")
    def accounts_owned(self, user: Any) -> int:
        return int(user.owned)

    @admin.display(description="Second factor", boolean=True)
    def second_factor(self, user: Any) -> bool:
        return bool(user.factors)

    @admin.display(description="Active", boolean=True, ordering="is_active")
    def active(self, user: User) -> bool:
        return user.is_active

    @admin.action(description="Remove second factor")
    def remove_second_factor(self, request: HttpRequest, users: QuerySet[User]) -> None:
        """For somebody who lost the phone and the codes: they sign in by password and set it up again."""
        removed = Authenticator.objects.filter(user__in=users).values("user").distinct().count()
        Authenticator.objects.filter(user__in=users).delete()
        for user in users:
            self.log_change(request, user, "Removed the second factor.")
        self.message_user(request, f"Second factor removed from {removed} of {users.count()} users.", messages.SUCCESS)


@admin.register(Team)
class TeamAdmin(ModelAdmin):  # type: ignore[misc]
    """A team is a name; who is in it is said of each user."""

    list_display = ("name", "members")
    search_fields = ("name",)
    search_help_text = "Name"
    actions = None
    readonly_fields = ("people",)

    def get_fields(self, request: HttpRequest, obj: Team | None = None) -> tuple[str, ...]:
        return ("name", "people") if obj else ("name",)

    def render_delete_form(self, request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
        """Also who would be left without a team."""
        left = [str(user) for user in context["object"].users.order_by("name", "email")]
        lose = f"{', '.join(left)} {'is' if len(left) == 1 else 'are'} in no team then." if left else ""
        response: HttpResponse = super().render_delete_form(request, context | {"besides": lose})
        return response

    @admin.display(description="Users")
    def people(self, team: Team) -> SafeString:
        users = team.users.order_by("name", "email")
        named = [(reverse("admin:accounts_user_change", args=[user.pk]), str(user)) for user in users]
        listed = format_html_join(", ", '<a class="text-link" href="{}">{}</a>', named)
        return listed or format_html("{}", "Nobody yet: a team is chosen on the page of a user.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        teams: QuerySet[Team] = super().get_queryset(request)
        return teams.annotate(size=Count("users"))

    @admin.display(description="Users")
    def members(self, team: Any) -> int:
        return int(team.size)


class StreamInline(TabularInline):  # type: ignore[misc]
    """What a source has delivered so far; streams make themselves."""

    model = Stream
    fields = readonly_fields = ("kind",)
    extra = 0
    hide_title = True
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Source)
class SourceAdmin(ModelAdmin):  # type: ignore[misc]
    """A source's name is part of every id it gave, so it stays once made."""

    list_display = ("name", "label", "time_zone", "created_at")
    search_fields = ("name", "label")
    search_help_text = "Name or label"
    fieldsets = (
        (None, {"fields": ("name", "label", "time_zone")}),
        (
            "Events of client libraries",
            {"fields": ("accounts_of", "account_trait", "makes_accounts", "accepted_traits", "internal_domains")},
        ),
    )
    inlines = (StreamInline,)

    def get_readonly_fields(self, request: HttpRequest, obj: Source | None = None) -> tuple[str, ...]:
        return ("name",) if obj else ()

    def get_inlines(self, request: HttpRequest, obj: Source | None) -> tuple[type[StreamInline], ...]:
        return self.inlines if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class AcceptedForm(forms.ModelForm):  # type: ignore[type-arg] # takes no argument at run time
    """A line of the dictionary's list, where a box under "accepted" is told which word it accepts."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["accepted"].widget.attrs["aria-label"] = f"Accept {self.instance.name}"


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


class LinesField(forms.CharField):
    """A list of texts, one a line."""

    widget = UnfoldAdminTextareaWidget(attrs={"rows": 4})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(str, value)) if isinstance(value, list) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return (initial or []) != _lines(data or "")

    def clean(self, value: Any) -> Any:
        """Checked as one text, so that what no text may hold is refused in a list as well."""
        return _lines(super().clean(value))


class DefinitionForm(forms.ModelForm):  # type: ignore[type-arg]
    ranks = LinesField(required=False, help_text="Of a ranked choice: its values, lowest first, one a line.")


@admin.register(AttributeDefinition)
class AttributeDefinitionAdmin(ModelAdmin):  # type: ignore[misc]
    """The attribute dictionary. A word that a source brought waits here until somebody accepts it."""

    list_display = ("name", "label", "type", "unit", "master", "personal", "accepted")
    list_editable = ("accepted",)
    list_filter = ("accepted", "type", "personal")
    list_select_related = ("master",)
    search_fields = ("name", "label")
    search_help_text = "Name or label"
    form = DefinitionForm
    fields = ("name", "label", "type", "unit", "ranks", "personal", "accepted", "master")

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> type[Any]:
        return super().get_changelist_form(request, **{"form": AcceptedForm} | kwargs)  # type: ignore[no-any-return]

    def save_model(self, request: HttpRequest, obj: AttributeDefinition, form: Any, change: bool) -> None:
        """Another master lets its values apply at once, wherever it has said anything."""
        super().save_model(request, obj, form, change)
        if change and "master" in form.changed_data:
            attributes.set_master(obj, obj.master, timezone.now())

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        sources.own()  # a master to choose even before it has said anything
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: AttributeDefinition | None = None) -> tuple[str, ...]:
        return ("name",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Product)
class ProductAdmin(KnownNowAdmin):
    told = ("name",)
    list_display = ("name", "source", "received_at")
    list_select_related = ("source",)
    list_filter = ("source",)
    search_fields = ("name",)
    search_help_text = "Name"
    ordering = ("name",)


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    """Imports, as the menu calls them."""

    list_display = ("id", "name", "kind", "source", "state", "started_at", "finished_at")
    list_display_links = ("id", "name")
    list_filter = ("state", "kind", "source")
    list_select_related = ("source",)
    search_fields = ("name",)
    search_help_text = "Name of the file"
    fieldsets = (
        (None, {"fields": ("name", "kind", "source", "requested_by", "state", "rows", "rejected", "error")}),
        ("When", {"fields": ("started_at", "finished_at")}),
        ("How it is stored", {"fields": ("id", "read", "rejected_file"), "classes": ("collapse",)}),
    )

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return super().changelist_view(request, {"title": "Imports", **(extra_context or {})})

    @admin.display(description="Rows")
    def rows(self, job: Job) -> str:
        return ", ".join(f"{count:,} {became.replace('_', ' ')}" for became, count in job.counts.items() if count)

    @admin.display(description="First rejected rows")
    def rejected(self, job: Job) -> SafeString | str:
        told = ((row.get("line", ""), row.get("field") or "row", row.get("reason", "")) for row in job.rejections)
        return format_html_join("", "<div>Line {}, {}: {}</div>", told)

    @admin.display(description="Bytes read")
    def read(self, job: Job) -> str:
        return f"{job.done:,} of {job.total:,}"


class TokenForm(forms.ModelForm):  # type: ignore[type-arg] # unfold makes a form of it
    scopes = forms.MultipleChoiceField(choices=Scope.choices, widget=UnfoldAdminCheckboxSelectMultipleWidget)


@admin.register(Token)
class TokenAdmin(ModelAdmin):  # type: ignore[misc]
    """A token is what it was made as, but for its name; another one is made where it should be able to do more."""

    form = TokenForm
    list_display = ("name", "prefix", "kind", "source", "user", "last_used_at", "expires_at", "revoked_at")
    list_filter = ("kind", "source", ("revoked_at", admin.EmptyFieldListFilter))
    list_select_related = ("source", "user")
    search_fields = ("name", "prefix")
    search_help_text = "Name or prefix"
    actions = ["revoke"]
    fields = ("name", "kind", "source", "scopes", "user", "whole_portfolio", "allowed_origins", "expires_at")
    seen = ("prefix", "created_at", "last_used_at", "revoked_at")

    def get_fields(self, request: HttpRequest, obj: Token | None = None) -> tuple[str, ...]:
        return (*self.fields, *self.seen) if obj else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Token | None = None) -> tuple[str, ...]:
        return (*self.fields[1:], *self.seen) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
        else:
            obj.secret = tokens.seal(obj)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """Show the secret in the answer itself, so that it is kept neither in a cookie nor in a session."""
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": "Token made"}
        answer = TemplateResponse(request, "api/token_made.html", {**context, "token": obj, "secret": obj.secret})
        answer["Cache-Control"] = "no-store"
        return answer

    @admin.action(description="Revoke")
    def revoke(self, request: HttpRequest, chosen: QuerySet[Token]) -> None:
        for token in chosen:
            tokens.revoke(token, timezone.now())
            self.log_change(request, token, "Revoked.")
        self.message_user(request, "Revoked. Nobody comes in by them any more.", messages.SUCCESS)
