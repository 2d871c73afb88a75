"""The web process."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Only threads of a web process share a connection pool: Celery would close it after each task.
os.environ.setdefault("DATABASE_POOL", "true")

application = get_wsgi_application()
