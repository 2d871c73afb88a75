"""The site: settings, address map, Celery, and the servers it runs on."""

# Tasks called from any process must find this application, not Celery's default one.
from config.celery import app as celery_app

__all__ = ["celery_app"]
