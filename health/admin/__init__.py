"""Where admins configure the judgment: scorecards, line-up, settings, each as a draft that is then published; and the log.

What was published is read-only. A button that would do nothing is not there.
"""

from health.admin import line_up, log, scorecards

__all__ = ["line_up", "log", "scorecards"]
