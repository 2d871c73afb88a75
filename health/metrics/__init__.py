"""What can be measured. Importing this package declares every metric, one module a subject."""

from health.metrics import (
    adoption,
    attributes,
    commercial,
    engagement,
    featureuse,
    habits,
    journeys,
    loyalty,
    outcomes,
    outreach,
    sentiment,
    support,
)

__all__ = [
    "adoption",
    "attributes",
    "commercial",
    "engagement",
    "featureuse",
    "habits",
    "journeys",
    "loyalty",
    "outcomes",
    "outreach",
    "sentiment",
    "support",
]
