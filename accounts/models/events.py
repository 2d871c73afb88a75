"""What product libraries send: events one by one, whom they are about, and at which account those count.

An event is kept as it came. What became of it follows from the tables beside it: its delivery still stands in the queue, or
it was rolled up where the membership that held at its time says so.
"""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from accounts.models.accounts import Account
from accounts.models.sources import Source


class EventDelivery(models.Model):
    """The events of one request that are kept but not rolled up yet: a queue. Taken from it in the transaction that rolls
    them up, so that each is rolled up once."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    received_at = models.DateTimeField()
    received_on = models.DateField(help_text="The organization's day of receipt.")
    browser = models.BooleanField(help_text="By a key that anybody can read, whose word makes and moves nobody.")
    events = models.IntegerField()
    repeated = models.IntegerField(help_text="Had come before.")
    refused = models.IntegerField()
    traits_dropped = models.IntegerField()

    class Meta:
        verbose_name_plural = "event deliveries"

    def __str__(self) -> str:
        return f"delivery {self.pk} of {self.source_id}"


class Event(models.Model):
    """Something that a user or a visitor did, as a client library told it. Month partitions by the day of receipt.

    `name` is that of the event; pages and screens have the names that Segment's own destinations give them. `group_id` is
    the account that the event itself names. `seconds` is how long it took, where the sender says so.
    """

    class Type(models.IntegerChoices):
        TRACK = 1, "track"
        PAGE = 2, "page"
        SCREEN = 3, "screen"
        IDENTIFY = 4, "identify"
        GROUP = 5, "group"
        ALIAS = 6, "alias"

    pk = models.CompositePrimaryKey("received_on", "delivery_id", "position")
    received_on = models.DateField()
    delivery_id = models.BigIntegerField()
    position = models.SmallIntegerField()
    source = models.ForeignKey(
        Source, on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    type = models.SmallIntegerField(choices=Type.choices)
    at = models.DateTimeField()
    received_at = models.DateTimeField()
    name = models.TextField(null=True)
    user_id = models.TextField(null=True)
    anonymous_id = models.TextField(null=True)
    group_id = models.TextField(null=True)
    path = models.TextField(null=True)
    seconds = models.IntegerField(null=True)
    traits = models.JSONField(null=True)

    def __str__(self) -> str:
        return f"{self.get_type_display()} {self.name or ''} at {self.at}"


class EventPerson(models.Model):
    """A user that a source names, or one of its anonymous visitors.

    A visitor who turned out to be a user `follows` that one: what it does after `follows_since` is what the user does. The
    rest is how far its events are rolled up: `seen_until` is the time of the latest of them; then comes the session that may
    still go on, of the end user `session_of`.
    """

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="+", db_index=False)
    anonymous = models.BooleanField()
    external_id = models.CharField(max_length=255, db_collation="C")
    follows = models.ForeignKey("self", on_delete=models.CASCADE, related_name="visitors", null=True)
    follows_since = models.DateTimeField(null=True)
    seen_until = models.DateTimeField(null=True)
    waits = models.BooleanField(default=False, help_text="Some of its events wait for an account.")
    session_of = models.BigIntegerField(null=True)
    session_began = models.DateTimeField(null=True)
    session_last = models.DateTimeField(null=True)
    session_ends = models.DateTimeField(null=True)
    session_stated = models.BooleanField(default=False)
    session_pages = models.IntegerField(default=0)
    session_landing = models.BigIntegerField(default=0, db_default=0)
    session_roles = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        verbose_name_plural = "event people"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["source", "anonymous", "external_id"], name="one_event_person_per_id"),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["source"], condition=Q(waits=True), name="event_people_who_wait"),
        ]

    def __str__(self) -> str:
        return self.external_id


class EventMembership(models.Model):
    """From when on a person's events count at an account: until the next membership begins. The first begins with all time.

    `group_id` is how the source names the account. While that is not known, `account` is null and the events wait; those
    received before `counts_from` waited too long. What was counted stays where it is: a membership never begins before
    what is rolled up.
    """

    pk = models.CompositePrimaryKey("person", "since")
    person = models.ForeignKey(EventPerson, on_delete=models.CASCADE, related_name="memberships", db_index=False)
    since = models.DateTimeField()
    group_id = models.CharField(max_length=255, null=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", null=True)
    end_user_record = models.BigIntegerField(null=True)
    counts_from = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.person_id} at {self.group_id} since {self.since}"


class EventTally(models.Model):
    """How many events a source sent on a day of receipt, how many of them were not kept, and how many were logins."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="event_tallies", db_index=False)
    day = models.DateField()
    events = models.BigIntegerField()
    repeated = models.BigIntegerField()
    refused = models.BigIntegerField()
    traits_dropped = models.BigIntegerField()
    logins = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        verbose_name_plural = "event tallies"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["source", "day"], name="one_event_tally_per_source_and_day"),
        ]

    def __str__(self) -> str:
        return f"{self.events} events on {self.day}"


class RefusedEvent(models.Model):
    """Why an event was refused, the last ones of each source. What it said is not kept: it may be personal."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="refused_events")
    received_at = models.DateTimeField()
    type = models.CharField(max_length=20, blank=True)
    code = models.CharField(max_length=40)
    message = models.TextField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class EventRole(models.Model):
    """A role that events can have, or a sequence of two, and the bit that stands for it in `UserDay.roles`: given once, never
    to another."""

    bit = models.SmallIntegerField(primary_key=True)
    # Of a sequence it is the names of both its roles.
    name = models.CharField(max_length=520, unique=True)

    class Meta:
        ordering = ["bit"]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(bit__gte=0, bit__lt=60), name="event_roles_are_sixty_at_most"),
        ]

    def __str__(self) -> str:
        return self.name


class EventMeaning(models.Model):
    """What events of a name mean, as the settings in force say. Published from there, read when events are rolled up.

    `roles` are bits. An `ignored` event counts as nothing; one that is no `use` makes nobody active.
    """

    name = models.CharField(max_length=255, unique=True)
    roles = models.BigIntegerField(default=0)
    login = models.BooleanField(default=False)
    use = models.BooleanField(default=True)
    ignored = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name


class EventSequence(models.Model):
    """Two roles of which it is told when one came after the other. Published from the settings in force, as meanings are.

    All three are bits: what had `begins` and later `ends` has `bit` as well.
    """

    begins = models.BigIntegerField()
    ends = models.BigIntegerField()
    bit = models.BigIntegerField(unique=True)

    def __str__(self) -> str:
        return f"{self.begins} → {self.ends}"
