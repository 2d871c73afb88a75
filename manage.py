#!/usr/bin/env python
"""Verdant's command line."""

import os
import sys

# What needs no server, or sees to it itself; anything else starts the embedded ones, where they are in use.
WITHOUT_SERVERS = {"check", "collectstatic", "demo", "help", "version", "--help", "--version"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.conf import settings
    from django.core.management import execute_from_command_line

    if sys.argv[1:] and not WITHOUT_SERVERS.intersection(sys.argv[1:]):
        from config import embedded

        try:
            embedded.start(settings.DATA_DIR, settings.EMBEDDED_SERVERS)
        except embedded.EmbeddedError as error:
            sys.exit(str(error))
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
