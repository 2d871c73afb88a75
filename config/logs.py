"""Logs as events: JSON lines in production, readable lines when debugging, and nothing personal in either."""

import re
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

# As long as the parts of an address can be: without a bound, a line of a hundred thousand characters takes minutes.
EMAIL = re.compile(r"[^\s\"'<>=(\[{,;:@]{1,64}@[^\s\"'<>)\]},;:@]{1,255}\.\w+")


def without_addresses(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Replace e-mail addresses, the personal data that libraries and database errors quote most often."""
    return {name: EMAIL.sub("[e-mail]", value) if isinstance(value, str) else value for name, value in event.items()}


# What every line goes through, whether it was written with structlog or with the standard library.
SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.StackInfoRenderer(),
    # As text: structured tracebacks would carry the values of local variables.
    structlog.processors.format_exc_info,
    structlog.processors.UnicodeDecoder(),
    without_addresses,
]


def configure_structlog() -> None:
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def logging_settings(*, readable: bool, level: str) -> dict[str, Any]:
    """Django's LOGGING: everything to standard error, through the same processors."""
    renderer = structlog.dev.ConsoleRenderer() if readable else structlog.processors.JSONRenderer()
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": SHARED,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"events": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "events"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            # Each request is logged once, by RequestLogMiddleware, and each task by its own events.
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
            "django.request": {"level": "ERROR"},
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
        },
    }
