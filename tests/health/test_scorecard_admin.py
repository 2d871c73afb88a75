"""The configuration pages of the admin, as an admin uses them."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Team
from health import configuration, scorecards
from health.admin.contents import contents, lines_of
from health.forms import ScaleWidget
from health.models import Latest, LineUp, Measure, Scorecard, ScorecardVersion, Settings
from health.ready_made import publish_ready_made
from health.words import NBSP
from tests.health.company import Company, text_of
from tests.health.judgment import noon

pytestmark = pytest.mark.django_db
SHARED = ("id", "version")


@pytest.fixture(autouse=True)
def ready(company: Company) -> None:
    publish_ready_made(noon("2026-01-05"))


@pytest.fixture
def client(company: Company) -> Client:
    client = Client()
    client.force_login(company.aiko)
    return client


@pytest.fixture
def published() -> ScorecardVersion:
    found: ScorecardVersion = ScorecardVersion.objects.get(scorecard__name="product-led", state="published")
    return found


@pytest.fixture
def draft(published: ScorecardVersion) -> ScorecardVersion:
    return scorecards.new_draft(published.scorecard)


def url(document: Any, page: str = "change") -> str:
    return reverse(f"admin:health_{document._meta.model_name}_{page}", args=[document.pk])


def text(response: Any) -> str:
    return str(response.content.decode())


def filled_in(client: Client, document: Any) -> dict[str, Any]:
    """The form of a page as the browser would send it."""
    response = client.get(url(document))
    form = response.context["adminform"].form
    data = dict(_values(form))
    for inline in response.context["inline_admin_formsets"]:
        formset = inline.formset
        data |= dict(_values(formset.management_form))
        for each in formset.forms:
            data |= dict(_values(each))
    return data


def _values(form: Any) -> Iterator[tuple[str, Any]]:
    for bound in form:
        value = bound.value()
        if isinstance(bound.field.widget, ScaleWidget):
            yield from edges(bound.html_name, value or "").items()
        elif value is not None:
            yield bound.html_name, value


def edges(name: str, scale: str) -> dict[str, list[str]]:
    """A scale as its fields send it, with the blank edge at its end."""
    typed = [edge.split(":") for edge in scale.split(",") if edge]
    return {
        f"{name}-reading": [*(reading for reading, _ in typed), ""],
        f"{name}-points": [*(points for _, points in typed), ""],
    }


def at(data: dict[str, Any], prefix: str, name: str, value: Any) -> str:
    """The row of a form whose field has this value."""
    return next(key.removesuffix(f"-{name}") for key in data if key.startswith(prefix) and data[key] == value)


def plain(words: str) -> str:
    return " ".join(words.split())


PAGES = ["scorecard", "lineup", "settings", "auditentry", "scorecardversion"]


@pytest.mark.parametrize("page", PAGES)
def test_only_admins_see_configuration(company: Company, client: Client, page: str) -> None:
    address = reverse(f"admin:health_{page}_changelist")
    assert client.get(address).status_code == 200
    for person in (company.dana, company.mona):
        other = Client()
        other.force_login(person)
        assert other.get(address).status_code in {302, 403}
    assert Client().get(address).status_code == 302


def test_scorecards_are_listed_with_what_is_in_force_and_in_draft(client: Client, draft: ScorecardVersion) -> None:
    page = text(client.get(reverse("admin:health_scorecard_changelist")))
    assert page.count("version 1") == 4
    assert page.count("version 2") == 1


def test_the_versions_of_a_scorecard_are_on_its_page_with_their_state(client: Client, draft: ScorecardVersion) -> None:
    page = text(client.get(url(draft.scorecard)))
    assert url(draft) in page
    assert "Published" in page
    assert "Ready-made, published at the first start." in page


def test_a_scorecard_says_what_counts_in_it_and_for_how_many(
    client: Client, company: Company, published: ScorecardVersion
) -> None:
    address = url(published.scorecard)
    page = text_of(client.get(address))
    assert "Version 1 is in force since Jan 5, 2026" in page
    assert "No account uses it. Green from 70, yellow from 40, with a margin of 2;" in page
    latest = {"day": dt.date(2026, 1, 6), "coverage": 1, "scored": 3, "computed": 3, "effective": 3}
    for name, churned in (("Acme", False), ("Globex", False), ("Gone", True)):
        Latest.objects.create(account=company.account(name), version_id=published.pk, churned=churned, **latest)
    page = text_of(client.get(address))
    assert "2 accounts use it." in page
    for block in contents(published).blocks:
        assert plain(f"{block.label} {block.share}") in page
        for line in block.lines:
            assert plain(f"{line.label} {line.scale}") in page
    assert "NPS 0 at −50, 40 at 0, 70 at +30, 100 at +70; at most 365 d old" in page
    assert "Oldest escalated ticket over 7 d: at most yellow" in page
    assert "another" not in page


def test_what_was_published_is_told_in_words_and_a_draft_has_fields(
    client: Client, published: ScorecardVersion, draft: ScorecardVersion
) -> None:
    told = text(client.get(url(published)))
    assert "Version 1</a> is in force" in told
    assert "measures-TOTAL_FORMS" not in told
    fields = text(client.get(url(draft)))
    assert "measures-TOTAL_FORMS" in fields
    assert "is in force" not in fields


def test_a_scorecard_is_told_by_a_fixed_number_of_queries(client: Client, django_assert_max_num_queries: Any) -> None:
    card = Scorecard.objects.get(name="high-touch")
    with django_assert_max_num_queries(14):
        client.get(url(card))


def test_a_new_scorecard_begins_with_a_draft(client: Client) -> None:
    versions = client.post(reverse("admin:health_scorecard_add"), {"label": "Partners", "name": "partners"})
    draft = ScorecardVersion.objects.get(scorecard__name="partners")
    assert versions.headers["Location"] == url(draft)
    assert "No group weighs anything, so there would be no score." in text(client.get(url(draft)))


def test_a_published_version_is_read_only(client: Client, published: ScorecardVersion) -> None:
    response = client.get(url(published))
    assert response.status_code == 200
    page = text(response)
    assert 'name="_save"' not in page
    assert 'name="green"' not in page
    assert client.post(url(published), {"green": "80"}).status_code == 403
    assert client.post(reverse("admin:health_scorecardversion_delete", args=[published.pk])).status_code == 403


def test_a_draft_is_edited_with_its_groups_measures_and_guards(client: Client, draft: ScorecardVersion) -> None:
    data = filled_in(client, draft)
    data["green"] = "75"
    data[at(data, "groups-", "key", "support") + "-weight"] = "25"
    data |= edges(at(data, "measures-", "metric", "nps") + "-scale", "-20:0,30:70, 60:100")
    data[at(data, "guards-", "metric", "oldest_escalated_ticket") + "-value"] = "5"
    assert client.post(url(draft), data).status_code == 302
    assert scorecards.differences(ScorecardVersion.objects.get(scorecard=draft.scorecard, number=1), _again(draft)) == [
        "Green from 70 → 75.",
        "Support: weight 15 → 25.",
        "NPS: scale 0 at −50, 40 at 0, 70 at +30, 100 at +70 → 0 at −20, 70 at +30, 100 at +60.",
        f"Adds the guard Oldest escalated ticket over 5{NBSP}d: at most yellow.",
        f"Drops the guard Oldest escalated ticket over 7{NBSP}d: at most yellow.",
    ]


def _again(draft: ScorecardVersion) -> ScorecardVersion:
    found: ScorecardVersion = ScorecardVersion.objects.get(pk=draft.pk)
    return found


def test_a_measure_is_added_and_what_is_left_blank_becomes_the_usual(client: Client, draft: ScorecardVersion) -> None:
    data = filled_in(client, draft)
    number = int(data["measures-TOTAL_FORMS"])
    data["measures-TOTAL_FORMS"] = str(number + 1)
    row = f"measures-{number}"
    group = draft.groups.get(key="engagement").pk
    data |= {f"{row}-metric": "pulse", f"{row}-group": group, f"{row}-weight": "1", f"{row}-missing": "ignore"}
    data |= {f"{row}-version": draft.pk, f"{row}-position": "9"}
    assert client.post(url(draft), data).status_code == 302
    measure = Measure.objects.get(version=draft, metric="pulse")
    assert measure.window == 90
    assert measure.scale
    assert scorecards.refusals(_again(draft)) == []


def test_what_cannot_be_is_refused_at_its_field_in_a_sentence(client: Client, draft: ScorecardVersion) -> None:
    data = filled_in(client, draft)
    data |= edges(at(data, "measures-", "metric", "nps") + "-scale", "30:70, 0:40")
    data[at(data, "measures-", "metric", "stickiness") + "-metric"] = "stickyness"
    data[at(data, "guards-", "metric", "oldest_escalated_ticket") + "-min_n"] = "4"
    page = text(client.post(url(draft), data))
    assert "There is no metric “stickyness”." in page
    assert "The values of a scale rise from anchor to anchor, but 0 comes after 30." in page
    assert "is no sample and takes no least n." in page


def test_an_edge_without_points_is_refused_and_not_left_out(client: Client, draft: ScorecardVersion) -> None:
    data = filled_in(client, draft)
    name = at(data, "measures-", "metric", "nps") + "-scale"
    data |= {f"{name}-reading": ["-20", "30", "60"], f"{name}-points": ["0", "100"]}
    assert "“60:” is not an anchor" in text(client.post(url(draft), data))


def test_a_group_with_measures_is_not_deleted_by_accident(client: Client, draft: ScorecardVersion) -> None:
    data = filled_in(client, draft)
    data[at(data, "groups-", "key", "sentiment") + "-DELETE"] = "on"
    page = client.post(url(draft), data)
    assert page.status_code == 200
    assert draft.groups.filter(key="sentiment").exists()


def test_a_measure_says_its_name_its_share_and_its_scale(client: Client, draft: ScorecardVersion) -> None:
    page = text_of(client.get(url(draft)))
    for line in lines_of(scorecards.parts_of(draft)).values():
        assert plain(f"{line.label} {line.share} of the score: {line.said}") in page
    assert "Oldest escalated ticket over 7 d: at most yellow" in page


def test_metrics_are_chosen_by_name_and_unit_in_the_groups_of_the_catalog(
    client: Client, draft: ScorecardVersion
) -> None:
    page = text(client.get(url(draft)))
    assert '<optgroup label="Adoption">' in page
    assert '<option value="stickiness" selected>Stickiness (%)</option>' in page
    assert "Reading (<span data-unit>days</span>)" in page


def test_what_a_metric_is_about_is_part_of_its_name(client: Client, draft: ScorecardVersion) -> None:
    data = filled_in(client, draft)
    row = at(data, "measures-", "metric", "stickiness")
    data |= {f"{row}-metric": "attribute", f"{row}-window": ""}
    assert "Attribute needs a name" in text(client.post(url(draft), data))
    assert client.post(url(draft), data | {f"{row}-about": " tier "}).status_code == 302
    assert Measure.objects.filter(version=draft, metric="attribute:tier").exists()
    again = filled_in(client, draft)
    assert again[at(again, "measures-", "about", "tier") + "-metric"] == "attribute"


def test_a_metric_that_is_gone_is_shown_and_refused(client: Client, draft: ScorecardVersion) -> None:
    draft.measures.filter(metric="stickiness").update(metric="stickyness")
    assert "stickyness, which is no metric any more" in text(client.get(url(draft)))
    assert "There is no metric “stickyness”." in text(client.post(url(draft), filled_in(client, draft)))


def test_what_keeps_a_draft_from_being_published_stands_above_it(client: Client, draft: ScorecardVersion) -> None:
    assert "Before this can be published" not in text(client.get(url(draft)))
    draft.groups.update(weight=0)
    page = text(client.get(url(draft)))
    assert "Before this can be published" in page
    assert "No group weighs anything, so there would be no score." in page


def test_publishing_asks_for_a_note_and_shows_what_changes(
    client: Client, company: Company, draft: ScorecardVersion
) -> None:
    draft.groups.filter(key="support").update(weight=20)
    address = reverse("admin:health_scorecardversion_publish", args=[draft.pk])
    dialog = text(client.get(address))
    assert "Support: weight 15 → 20." in dialog
    refused = client.post(address, {"_form_submitted": "on", "note": ""})
    assert "A note is missing" in text(refused)
    done = client.post(address, {"_form_submitted": "on", "note": "Tickets matter more."})
    assert done.headers["HX-Redirect"] == url(draft)
    again = _again(draft)
    assert (again.state, again.note, again.author) == ("published", "Tickets matter more.", company.aiko)


def test_publishing_refuses_with_everything_at_once(client: Client, draft: ScorecardVersion) -> None:
    draft.groups.update(weight=0)
    draft.yellow = 80
    draft.save()
    address = reverse("admin:health_scorecardversion_publish", args=[draft.pk])
    page = text(client.post(address, {"_form_submitted": "on", "note": "Now."}))
    assert "No group weighs anything" in page
    assert "yellow has to begin first" in page
    assert _again(draft).state == "draft"


def test_starting_again_from_an_old_version_opens_a_draft(client: Client, published: ScorecardVersion) -> None:
    address = reverse("admin:health_scorecardversion_start_again", args=[published.pk])
    done = client.post(address, {"_form_submitted": "on"})
    draft = ScorecardVersion.objects.get(scorecard=published.scorecard, state="draft")
    assert done.headers["HX-Redirect"] == url(draft)
    assert draft.based_on_id == published.pk


def test_no_button_is_there_that_would_do_nothing(client: Client, published: ScorecardVersion) -> None:
    names = ("publish", "compare", "start_again", "retire")
    links = {name: reverse(f"admin:health_scorecardversion_{name}", args=[published.pk]) for name in names}

    def shown() -> set[str]:
        page = text(client.get(url(published)))
        return {name for name, link in links.items() if link in page}

    assert shown() == {"start_again"}
    draft = scorecards.new_draft(published.scorecard)
    assert shown() == set()
    assert client.post(links["start_again"], {"_form_submitted": "on"}).status_code == 403
    page = text(client.get(url(draft)))
    assert reverse("admin:health_scorecardversion_publish", args=[draft.pk]) in page
    assert reverse("admin:health_scorecardversion_compare", args=[draft.pk]) in page
    assert reverse("admin:health_scorecardversion_retire", args=[draft.pk]) not in page


def test_a_scorecard_outside_the_line_up_can_be_retired(client: Client) -> None:
    line_up = configuration.new_line_up()
    line_up.entries.filter(scorecard__name="onboarding").delete()
    configuration.publish_line_up(line_up, author=None, note="No onboarding.")
    version = ScorecardVersion.objects.get(scorecard__name="onboarding")
    assert reverse("admin:health_scorecardversion_retire", args=[version.pk]) in text(client.get(url(version)))
    client.post(reverse("admin:health_scorecardversion_retire", args=[version.pk]), {"_form_submitted": "on"})
    assert _again(version).state == "retired"
    assert client.get(url(version)).status_code == 200


def test_a_draft_compares_with_what_is_published_in_words(client: Client, draft: ScorecardVersion) -> None:
    draft.measures.filter(metric="nps").update(weight=3)
    page = text(client.get(reverse("admin:health_scorecardversion_compare", args=[draft.pk])))
    assert "Product-led 1 → Product-led 2" in page
    assert "NPS: weight 1 → 3." in page


def test_a_draft_can_be_discarded(client: Client, draft: ScorecardVersion) -> None:
    client.post(reverse("admin:health_scorecardversion_delete", args=[draft.pk]), {"post": "yes"})
    assert not ScorecardVersion.objects.filter(pk=draft.pk).exists()


def test_the_line_up_is_put_in_order_and_its_segments_are_checked(client: Client) -> None:
    begun = client.post(reverse("admin:health_lineup_begin"), {"_form_submitted": "on"})
    draft = LineUp.objects.get(state="draft")
    assert begun.headers["HX-Redirect"] == url(draft)
    data = filled_in(client, draft)
    row = at(data, "entries-", "scorecard", Scorecard.objects.get(name="high-touch").pk)
    data[f"{row}-segment"] = "tier is gold, silver"
    assert "“tier is” takes one value" in text(client.post(url(draft), data))
    data[f"{row}-segment"] = "tier is Gold   AND region is missing"
    data[f"{row}-position"] = "0"
    assert client.post(url(draft), data).status_code == 302
    assert draft.entries.get(scorecard__name="high-touch").segment == "tier is Gold and region is missing"


def test_the_last_of_the_line_up_is_for_everybody_else(client: Client) -> None:
    assert "Product-led everybody else" in text_of(client.get(url(LineUp.objects.get())))


def test_no_second_draft_of_the_line_up_is_offered(client: Client) -> None:
    address = reverse("admin:health_lineup_begin")
    assert address in text(client.get(reverse("admin:health_lineup_changelist")))
    configuration.new_line_up()
    assert address not in text(client.get(reverse("admin:health_lineup_changelist")))
    assert client.post(address, {"_form_submitted": "on"}).status_code == 403


def test_settings_are_edited_field_by_field(client: Client) -> None:
    client.post(reverse("admin:health_settings_begin"), {"_form_submitted": "on"})
    draft = Settings.objects.get(state="draft")
    data = filled_in(client, draft)
    data |= {"hold_days": "5", "weekdays": ["1", "7"], "holidays": "2026-12-25\n\n 2026-01-01", "currency": "eur"}
    data |= {"rates": "USD 2026-01-01 0.92\nGBP 2026-01-01 1.15", "core_features": "Export\nShare\n"}
    assert client.post(url(draft), data).status_code == 302
    draft.refresh_from_db()
    configuration.publish_settings(draft, author=None, note="Ours.")
    assert draft.document["holidays"] == ["2026-01-01", "2026-12-25"]
    assert draft.document["weekdays"] == [1, 7]
    assert draft.document["rates"] == [["GBP", "2026-01-01", 1.15], ["USD", "2026-01-01", 0.92]]
    assert (draft.document["currency"], draft.document["core_features"]) == ("EUR", ["Export", "Share"])
    page = client.get(url(draft))
    assert 'name="hold_days"' not in text(page)
    told = text_of(page)
    assert "Hold For so long after its last delivery, the readings of a silent source count as fresh. 5 days" in told
    assert "Jan 1, 2026, Dec 25, 2026" in told
    assert "Champion, Executive sponsor, Decision maker, Admin" in told
    assert "GBP 1.15 from Jan 1, 2026" in told


def test_the_history_of_settings_and_line_up_is_in_the_log(client: Client) -> None:
    for document in (Settings.objects.get(), LineUp.objects.get()):
        answer = client.get(url(document, "history"))
        assert answer.headers["Location"].endswith(f"/auditentry/?what={document._meta.label}")


def test_settings_that_cannot_be_are_refused_at_their_field(client: Client) -> None:
    draft = configuration.new_settings()
    data = filled_in(client, draft) | {"holidays": "Easter", "rates": "USD tomorrow 2", "hold_days": "-1"}
    page = text(client.post(url(draft), data))
    assert "“Easter” is no day; one looks like 2026-12-25." in page
    assert "“tomorrow” is no day" in page
    draft.refresh_from_db()
    assert draft.document["hold_days"] == 7


def test_the_log_says_who_did_what_and_what_was_before(client: Client, company: Company) -> None:
    client.post(reverse("admin:accounts_team_add"), {"name": "North"})
    team = Team.objects.get()
    client.post(reverse("admin:accounts_team_change", args=[team.pk]), {"name": "West"})
    page = text(client.get(reverse("admin:health_auditentry_changelist")))
    assert page.index("name: North → West<") < page.index("name: North<"), "newest first"
    assert "team West changed" in page
    assert "Aiko Mori" in page
    assert "Verdant itself" in page


def test_the_log_names_the_version_that_a_part_belongs_to(client: Client, draft: ScorecardVersion) -> None:
    draft.measures.filter(metric="nps").update(weight=3)
    page = text(client.get(reverse("admin:health_auditentry_changelist")))
    assert "measure NPS (Product-led 2) changed" in page
    assert "weight: 1 → 3" in page


def test_the_log_tells_of_settings_what_is_another_one(client: Client) -> None:
    draft = configuration.new_settings()
    draft.document = {**draft.document, "hold_days": 3}
    draft.save()
    row = text(client.get(reverse("admin:health_auditentry_changelist")))
    assert "Hold: 7 days → 3 days" in row
    assert "License grace: 30 days →" not in row


def test_what_a_version_was_made_with_is_one_row_that_opens(client: Client, published: ScorecardVersion) -> None:
    address = f"{reverse('admin:health_auditentry_changelist')}?scorecard={published.scorecard_id}"
    draft = scorecards.new_draft(published.scorecard)
    parts = scorecards.parts_of(draft)
    page = text(client.get(address))
    rows = page.count('<td class="field-when') + page.count('<th class="field-when')
    counts = f"{len(parts.guards)} guards, {len(parts.measures)} measures, {len(parts.groups)} groups"
    assert f"<summary>{counts}</summary>" in page
    assert "scorecard version 2 (Product-led) added" in page
    assert "measure Core features used (Product-led 2) added" in page
    assert "the band is: at most yellow" in page
    assert "nothing →" not in page.split("scorecard version 2 (Product-led) added")[1].split("</details>")[0]
    draft.guards.all().delete()
    draft.measures.filter(metric="nps").update(weight=2)
    again = text(client.get(address))
    assert again.count('<td class="field-when') + again.count('<th class="field-when') == rows + len(parts.guards) + 1


def test_the_log_names_what_a_column_points_to(client: Client, company: Company) -> None:
    north = Team.objects.create(name="North")
    type(company.mona).objects.filter(pk=company.mona.pk).update(team=north, role="csm")
    page = text(client.get(reverse("admin:health_auditentry_changelist")))
    assert "team: nothing → North" in page
    assert "role: Manager → CSM" in page


def test_the_log_is_read_by_a_fixed_number_of_queries(client: Client, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(14):
        client.get(reverse("admin:health_auditentry_changelist"))
