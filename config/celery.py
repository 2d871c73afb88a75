"""The Celery application and its timetable."""

import os
from typing import Any

from celery import Celery
from celery.schedules import crontab
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("verdant")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(DjangoStructLogInitStep)

# Everything that happens by the clock, in UTC, and nowhere else. What comes every minute expires before it comes again,
# so that a worker that was away does not find a heap of it.
TIMETABLE: dict[str, dict[str, Any]] = {
    "apply records that waited for another": {
        "task": "accounts.tasks.join_waiting",
        "schedule": crontab(),
        "options": {"expires": 50},
    },
    "roll up events that wait": {
        "task": "accounts.tasks.join_waiting_events",
        "schedule": crontab(),
        "options": {"expires": 50},
    },
    # Says which buckets of accounts are still to be scored, so that whatever gets lost on the way costs a minute.
    "score the days that have ended": {
        "task": "health.tasks.sweep",
        "schedule": crontab(),
        "options": {"expires": 50},
    },
    "preview accounts whose facts changed": {
        "task": "health.tasks.refresh_previews",
        "schedule": crontab(minute="*/5"),
        "options": {"expires": 240},
    },
    "keep months of usage": {"task": "accounts.tasks.keep_usage", "schedule": crontab(minute=20, hour=4)},
    "forget answers of yesterday": {"task": "accounts.tasks.forget_answers", "schedule": crontab(minute=35, hour=4)},
    "keep months of scores": {"task": "health.tasks.keep_scores", "schedule": crontab(minute=25, hour=4)},
}

app.conf.beat_schedule = TIMETABLE
