from health.models.alerts import Alert
from health.models.audit import AuditEntry
from health.models.documents import Document
from health.models.lists import ListRow
from health.models.scorecards import Group, Guard, Measure, Scorecard, ScorecardVersion
from health.models.settings import LineUp, LineUpEntry, Settings
from health.models.snapshots import BandChoice, Latest, Override, Run, Snapshot, Spread, Transition
from health.models.views import SavedView

__all__ = [
    "Alert",
    "AuditEntry",
    "BandChoice",
    "Document",
    "Group",
    "Guard",
    "Latest",
    "LineUp",
    "LineUpEntry",
    "ListRow",
    "Measure",
    "Override",
    "Run",
    "SavedView",
    "Scorecard",
    "ScorecardVersion",
    "Settings",
    "Snapshot",
    "Spread",
    "Transition",
]
