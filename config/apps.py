"""The site as an app, for the command that runs all of it."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "config"
