from accounts.models.accounts import Account, AttributeDefinition, AttributeValue, seen_by
from accounts.models.activity import FeatureActivity, UserActivity
from accounts.models.answers import StoredAnswer
from accounts.models.clocks import Fact, Version
from accounts.models.events import (
    Event,
    EventDelivery,
    EventMeaning,
    EventMembership,
    EventPerson,
    EventRole,
    EventSequence,
    EventTally,
    RefusedEvent,
)
from accounts.models.jobs import Job
from accounts.models.licenses import Invoice, License, Product, Renewal
from accounts.models.merges import Merge
from accounts.models.outreach import Message, Reach
from accounts.models.people import Role, Sees, Team, User
from accounts.models.relationship import Objective, Pulse, Stakeholder, Touchpoint
from accounts.models.sources import AccountStream, ExternalId, Source, Stream, StreamSync, Unmatched
from accounts.models.tokens import Scope, Token
from accounts.models.usage import EndUser, Feature, FeatureDay, Grain, Origin, UsageCount, UserDay
from accounts.models.work import Note, Task

__all__ = [
    "Account",
    "AccountStream",
    "AttributeDefinition",
    "AttributeValue",
    "EndUser",
    "Event",
    "EventDelivery",
    "EventMeaning",
    "EventMembership",
    "EventPerson",
    "EventRole",
    "EventSequence",
    "EventTally",
    "ExternalId",
    "Fact",
    "Feature",
    "FeatureActivity",
    "FeatureDay",
    "Grain",
    "Invoice",
    "Job",
    "License",
    "Merge",
    "Message",
    "Note",
    "Objective",
    "Origin",
    "Product",
    "Pulse",
    "Reach",
    "RefusedEvent",
    "Renewal",
    "Role",
    "Scope",
    "Sees",
    "Source",
    "Stakeholder",
    "StoredAnswer",
    "Stream",
    "StreamSync",
    "Task",
    "Team",
    "Token",
    "Touchpoint",
    "Unmatched",
    "UsageCount",
    "User",
    "UserActivity",
    "UserDay",
    "Version",
    "seen_by",
]
