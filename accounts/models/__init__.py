from accounts.models.accounts import Account, AttributeDefinition, AttributeValue
from accounts.models.clocks import Fact, Version
from accounts.models.jobs import Job
from accounts.models.licenses import Invoice, License, Product, Renewal
from accounts.models.people import Role, Team, User
from accounts.models.relationship import Objective, Pulse, Stakeholder, Touchpoint
from accounts.models.sources import AccountStream, ExternalId, Source, Stream, StreamSync, Unmatched
from accounts.models.usage import EndUser, Feature, FeatureDay, Grain, UsageCount, UserDay

__all__ = [
    "Account",
    "AccountStream",
    "AttributeDefinition",
    "AttributeValue",
    "EndUser",
    "ExternalId",
    "Fact",
    "Feature",
    "FeatureDay",
    "Grain",
    "Invoice",
    "Job",
    "License",
    "Objective",
    "Product",
    "Pulse",
    "Renewal",
    "Role",
    "Source",
    "Stakeholder",
    "Stream",
    "StreamSync",
    "Team",
    "Touchpoint",
    "Unmatched",
    "UsageCount",
    "User",
    "UserDay",
    "Version",
]
