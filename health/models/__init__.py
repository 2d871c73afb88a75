from health.models.audit import AuditEntry
from health.models.documents import Document
from health.models.scorecards import Group, Guard, Measure, Scorecard, ScorecardVersion
from health.models.settings import LineUp, LineUpEntry, Settings
from health.models.snapshots import BandChoice, Latest, Override, Run, Snapshot, Transition

__all__ = [
    "AuditEntry",
    "BandChoice",
    "Document",
    "Group",
    "Guard",
    "Latest",
    "LineUp",
    "LineUpEntry",
    "Measure",
    "Override",
    "Run",
    "Scorecard",
    "ScorecardVersion",
    "Settings",
    "Snapshot",
    "Transition",
]
