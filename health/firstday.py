"""What a new installation still lacks, read from the database: the checklist of the first day."""

from dataclasses import dataclass

from django.db.models import Count, Exists, Max, OuterRef, Q
from django.urls import reverse

from accounts.models import Account, FeatureDay, License, Renewal, Role, Source, User
from health import configuration
from health.book import in_force, rules_now, today
from health.models import Latest


@dataclass(frozen=True)
class Step:
    """One thing to bring in. `example` is the beginning of a file that the command takes; `leads` is the address where one
    goes on, which is of the admin where it is done `by_admin`."""

    title: str
    done: bool
    says: str
    command: str = ""
    example: str = ""
    leads: str = ""
    act: str = ""
    by_admin: bool = False


@dataclass(frozen=True)
class Checklist:
    steps: tuple[Step, ...]

    @property
    def done(self) -> int:
        return sum(step.done for step in self.steps)

    @property
    def complete(self) -> bool:
        return self.done == len(self.steps)

    @property
    def next(self) -> Step | None:
        return next((step for step in self.steps if not step.done), None)


def checklist() -> Checklist:
    """The steps in the order in which one needs the other."""
    licensed = Exists(in_force(today(), rules_now()).filter(account=OuterRef("pk")))
    renewing = Exists(Renewal.objects.known().filter(account=OuterRef("pk")))
    facts = Account.objects.existing().aggregate(
        accounts=Count("pk"),
        owned=Count("pk", filter=Q(owner__isnull=False)),
        licensed=Count("pk", filter=Q(licensed)),
        renewing=Count("pk", filter=Q(renewing)),
    )
    return Checklist((_accounts(facts), _owners(facts), _contracts(facts), _usage(), _scorecards(), _scores()))


def _accounts(facts: dict[str, int]) -> Step:
    sources = ", ".join(str(source) for source in Source.objects.filter(streams__kind="accounts").distinct())
    return Step(
        title="Accounts",
        done=facts["accounts"] > 0,
        says=f"{facts['accounts']:,} from {sources or 'no source'}"
        if facts["accounts"]
        else "Your customers, one row each, from the CRM or from billing. The source is the name of that system.",
        command="python manage.py import accounts accounts.csv --source crm",
        example="external_id,name,owner,stage\n0015g,Calloway Freight,dana@loomline.example,Adoption",
        leads=reverse("accounts" if facts["accounts"] else "record_kinds"),
        act="See accounts" if facts["accounts"] else "Fields of each file",
    )


def _owners(facts: dict[str, int]) -> Step:
    people = User.objects.filter(role=Role.CSM, is_active=True).count()
    done = 0 < facts["accounts"] == facts["owned"]
    csms = f"{people} CSM" if people == 1 else f"{people} CSMs"
    return Step(
        title="People and owners",
        done=done,
        says=f"{csms}, every account has an owner"
        if done
        else f"{csms}; {facts['owned']:,} of {facts['accounts']:,} accounts have an owner. Add your CSMs in the admin: the "
        "column owner of the accounts file holds the e-mail address of one of them.",
        leads=reverse("admin:accounts_user_changelist" if done else "admin:accounts_user_add"),
        act="See users" if done else "Add a user",
        by_admin=True,
    )


def _contracts(facts: dict[str, int]) -> Step:
    some = License.objects.known().exists()
    return Step(
        title="Licenses and renewals",
        done=some and facts["renewing"] > 0,
        says=f"{facts['licensed']:,} of {facts['accounts']:,} with a license in force, {facts['renewing']:,} with a renewal"
        if some
        else "What each account bought, for how many people and until when; then when each contract is decided on.",
        command="python manage.py import licenses licenses.csv --source crm\n"
        "python manage.py import renewals renewals.csv --source crm",
        example="external_id,account,starts_on,ends_on,seats,amount,currency\n"
        "L-100,0015g,2026-02-12,2027-02-11,160,147360,USD",
        leads=reverse("record_kinds"),
        act="Fields of each file",
    )


def _usage() -> Step:
    last = FeatureDay.objects.known().order_by("-day").values_list("day", flat=True).first()
    return Step(
        title="Usage",
        done=last is not None,
        says=f"Last day received: {last:%b} {last.day}, {last.year}"
        if last
        else "Who did what in the product, counted by day or by week.",
        command="python manage.py import usage usage.csv --source crm",
        example="external_id,account,end_user,event,day,count\nu-1,0015g,,Export run,2026-11-18,12",
        leads=reverse("record_kinds"),
        act="Fields of each file",
    )


def _scorecards() -> Step:
    try:
        versions = configuration.in_force(today()).versions
    except configuration.NothingInForce:
        versions = ()
    names = ", ".join(str(version.scorecard) for version in versions)
    return Step(
        title="Scorecards",
        done=bool(versions),
        says=f"In force: {names}. Change them any time."
        if versions
        else "What is measured, and how much it weighs. Four ready-made ones are published by one command.",
        command="python manage.py ready",
        leads=reverse("admin:health_scorecard_changelist"),
        act="See scorecards",
        by_admin=True,
    )


def _scores() -> Step:
    scored = Latest.objects.aggregate(
        accounts=Count("pk", filter=Q(churned=False)), churned=Count("pk", filter=Q(churned=True)), last=Max("day")
    )
    last, churned = scored["last"], f"; {scored['churned']:,} churned" if scored["churned"] else ""
    return Step(
        title="First scores",
        done=last is not None,
        says=f"{scored['accounts']:,} scored, the last day is {last:%b} {last.day}, {last.year}{churned}"
        if last
        else "The workers score yesterday in the coming night; one command does so at once.",
        command="python manage.py recompute",
        leads=reverse("nights"),
        act="See nights",
    )
