"""Loomline, the company of the tests: four people, and facts that appear in one line each."""

import datetime as dt
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from django.test import Client
from django.utils import timezone

from accounts import activity
from accounts.models import (
    Account,
    AttributeDefinition,
    AttributeValue,
    ExternalId,
    Feature,
    FeatureDay,
    Invoice,
    Job,
    License,
    Objective,
    Product,
    Pulse,
    Renewal,
    Role,
    Source,
    Stakeholder,
    Stream,
    StreamSync,
    Touchpoint,
    Unmatched,
    UsageCount,
    User,
    UserDay,
    Version,
)
from accounts.partitions import ensure_months
from health import listrows
from health.book import today
from support.models import Ticket
from surveys.models import Response, Survey

PASSWORD = "harvest-moon-over-oak"
DAY = dt.timedelta(days=1)


@dataclass
class Company:
    """Dana and Marco are CSMs, Mona manages them, Aiko is the admin."""

    dana: User
    marco: User
    mona: User
    aiko: User
    crm: Source
    records: "count[int]" = field(default_factory=lambda: count(1000))

    @classmethod
    def found(cls) -> "Company":
        def hire(name: str, role: Role) -> User:
            address = f"{name.split(maxsplit=1)[0].lower()}@loomline.example"
            return User.objects.create_user(address, PASSWORD, name=name, role=role)

        return cls(
            dana=hire("Dana Whitfield", Role.CSM),
            marco=hire("Marco Reyes", Role.CSM),
            mona=hire("Mona Okafor", Role.MANAGER),
            aiko=hire("Aiko Mori", Role.ADMIN),
            crm=Source.objects.create(name="crm", label="Salesforce"),
        )

    def account(self, name: str, owner: User | None = None, **values: Any) -> Account:
        now = timezone.now()
        account: Account = Account.objects.create(name=name, owner=owner, created_at=now, updated_at=now, **values)
        ExternalId.objects.create(
            kind="accounts", source=self.crm, external_id=f"X-{account.pk}", record=account.pk, account=account
        )
        return account

    def fact(self, model: type[Version], **values: Any) -> Any:
        return model.objects.create(source=self.crm, received_at=timezone.now(), record=next(self.records), **values)

    def everything_about(self, account: Account) -> None:
        """At least one fact of each kind that the account page shows."""
        now, day = timezone.now(), today()
        product = self.fact(Product, name="Platform")
        self.fact(License, account=account, product_record=product.record, starts_on=day - 200 * DAY,
                  ends_on=day + 85 * DAY, seats=160, amount=147360, currency="USD")  # fmt: skip
        self.fact(Renewal, account=account, due_on=day + 85 * DAY, amount=147360, currency="USD")
        self.fact(Renewal, account=account, due_on=day - 280 * DAY, outcome="renewed")
        self.fact(Invoice, account=account, number="2026-0417", issued_on=day - 20 * DAY, due_on=day, amount="1840.50",
                  currency="USD")  # fmt: skip
        person = self.fact(Stakeholder, account=account, name="Renée Okafor", role="champion")
        self.fact(Touchpoint, account=account, at=now - 9 * DAY, subject="Monthly check-in")
        self.fact(Pulse, account=account, at=now - 9 * DAY, rating=3)
        self.fact(Objective, account=account, name="Plan all sites", due_on=day + 70 * DAY)
        survey = self.fact(Survey, name="Quarterly", kind="nps", minimum=0, maximum=10)
        self.fact(Response, account=account, survey_record=survey.record, stakeholder_record=person.record,
                  at=now - 5 * DAY, value=8, comment="Crew likes the app.")  # fmt: skip
        self.fact(Ticket, account=account, subject="Swaps missing in export", opened_at=now - 16 * DAY, escalated=True)
        self.attribute(account, "industry", "Logistics")
        self.usage(account)

    def attribute(self, account: Account, name: str, text: str) -> None:
        definition, _ = AttributeDefinition.objects.get_or_create(name=name, defaults={"label": name.title()})
        AttributeValue.objects.create(
            account=account, definition=definition, text=text, applied=True, source=self.crm,
            occurred_at=timezone.now(), received_at=timezone.now(),
        )  # fmt: skip

    def usage(self, account: Account, feature: str = "Shift planner", people: int = 3) -> None:
        day = today() - DAY
        ensure_months("accounts_featureday", {day})
        ensure_months("accounts_userday", {day})
        used, _ = Feature.objects.get_or_create(name=feature, defaults={"core": True})
        rolled = {"account": account, "day": day, "received_on": day, "grain": 1, "receipt_assumed": False}
        FeatureDay.objects.create(feature=used, uses=40, **rolled)
        activity.anew(activity.FEATURES, {(account.pk, day, used.pk, 1)})
        for person in range(people):
            UserDay.objects.get_or_create(end_user_record=person, defaults={"events": 4}, **rolled)
            activity.anew(activity.USERS, {(account.pk, day, person, 1)})
            self.fact(UsageCount, account=account, feature=used, end_user_record=person, day=day, count=4)

    def job(self, **values: Any) -> Job:
        now = timezone.now()
        given = {"name": "accounts.csv", "kind": "accounts", "source": self.crm, "state": "done", "started_at": now - 5 * DAY,
                 "finished_at": now - 5 * DAY, "counts": {"created": 60, "rejected": 2}}  # fmt: skip
        return Job.objects.create(**{**given, **values})

    def delivery(self, kind: str = "accounts", rows: int = 61) -> Stream:
        stream, _ = Stream.objects.get_or_create(source=self.crm, kind=kind)
        now = timezone.now()
        StreamSync.objects.create(
            stream=stream, source=self.crm, at=now, received_at=now, complete_through=now, rows=rows
        )
        return stream

    def waiting(self, external_id: str, for_account: str = "org_88213") -> None:
        now = timezone.now()
        Unmatched.objects.create(
            source=self.crm, kind="tickets", external_id=external_id, payload={}, waits_kind="accounts",
            waits_source=self.crm, waits_external_id=for_account, kept_at=now, expires_at=now + 90 * DAY,
        )  # fmt: skip


def settle() -> None:
    """As after the next previews: what lists read was made ahead, and no account changed since."""
    listrows.make(list(Account.objects.values_list("pk", flat=True)))
    Account.objects.update(dirty_since=None)


def client_of(user: User) -> Client:
    """A browser in which `user` is signed in."""
    client = Client()
    client.force_login(user)
    return client


def text_of(response: Any) -> str:
    """What somebody reads: the page without tags, its spaces plain."""
    import re

    page = re.sub(r"<(script|style|title)\b.*?</\1>", " ", response.content.decode(), flags=re.S)
    words = re.sub(r"<[^>]+>", " ", page).replace("&nbsp;", " ").replace("\N{NO-BREAK SPACE}", " ")
    return " ".join(words.split())
