from health.models.audit import AuditEntry
from health.models.documents import Document
from health.models.scorecards import Group, Guard, Measure, Scorecard, ScorecardVersion
from health.models.settings import LineUp, LineUpEntry, Settings

__all__ = [
    "AuditEntry",
    "Document",
    "Group",
    "Guard",
    "LineUp",
    "LineUpEntry",
    "Measure",
    "Scorecard",
    "ScorecardVersion",
    "Settings",
]
