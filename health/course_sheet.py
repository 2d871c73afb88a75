"""The course of an account's score as a file for a spreadsheet."""

import csv
from collections.abc import Iterator

from accounts.models import Account
from health import words
from health.models import ScorecardVersion, Snapshot
from health.scoring.judge import whole_percent
from health.sheet import Echo, harmless
from health.words import as_shown

HEADS = ("Day", "Score", "Scored band", "Computed band", "Effective band", "Coverage %", "Scorecard")


def lines(account: Account) -> Iterator[str]:
    """The file, line by line: every day that was scored, the latest first."""
    writer = csv.writer(Echo())
    yield "\ufeff" + writer.writerow(HEADS)
    days = Snapshot.objects.filter(account=account).order_by("-day")
    columns = ("day", "score", "scored", "computed", "effective", "coverage", "version_id")
    versions = ScorecardVersion.objects.select_related("scorecard").in_bulk(
        set(days.order_by().values_list("version_id", flat=True))
    )
    for day, score, scored, computed, effective, coverage, version in days.values_list(*columns).iterator():
        bands = (words.band(band) for band in (scored, computed, effective))
        shown = "" if score is None else as_shown(score)
        yield writer.writerow([day, shown, *bands, int(whole_percent(coverage)), harmless(str(versions[version]))])
