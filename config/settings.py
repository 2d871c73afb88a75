"""Every setting, from the environment alone (README lists the variables). Reading it starts and connects to nothing."""

import logging
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import environ
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static
from django.urls import reverse_lazy

from config import embedded
from config.logs import configure_structlog, logging_settings

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
env.read_env(env.str("ENV_FILE", default=str(BASE_DIR / ".env")))

# --- Where things are ------------------------------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=False)
DATA_DIR = Path(env.str("DATA_DIR", default="") or embedded.default_data_dir(BASE_DIR)).absolute()

DATABASE_URL = env.str("DATABASE_URL", default="")
REDIS_URL = env.str("REDIS_URL", default="")
# Which servers `manage.py` and `make demo` run themselves, because nobody named one.
EMBEDDED_SERVERS = [name for name, url in (("postgres", DATABASE_URL), ("redis", REDIS_URL)) if not url]
# Somebody's own database makes it an installation: it must have a secret of its own, and HTTPS.
INSTALLED = bool(DATABASE_URL) and not DEBUG

DATABASE_URL = DATABASE_URL or embedded.database_url(DATA_DIR)
REDIS_URL = REDIS_URL or embedded.redis_url(DATA_DIR)


def _secret_key() -> str:
    key = env.str("SECRET_KEY", default="")
    if not key and INSTALLED:
        raise ImproperlyConfigured(
            "Set SECRET_KEY to a long random text and keep it: sessions and links in e-mails are signed with it. "
            'One way to make it: python -c "import secrets; print(secrets.token_urlsafe(50))"'
        )
    try:
        return key or embedded.secret_key(DATA_DIR)
    except embedded.EmbeddedError as error:
        raise ImproperlyConfigured(str(error)) from error


SECRET_KEY = _secret_key()

# --- The organization ------------------------------------------------------------------------------------------------

ORGANIZATION_NAME = env.str("ORGANIZATION_NAME", default="Verdant")
ORGANIZATION_TIME_ZONE = env.str("ORGANIZATION_TIME_ZONE", default="UTC")
try:
    ZoneInfo(ORGANIZATION_TIME_ZONE)
except (KeyError, ValueError, OSError) as error:
    raise ImproperlyConfigured(
        f"ORGANIZATION_TIME_ZONE is {ORGANIZATION_TIME_ZONE!r}, which is no time zone. "
        "Use a name such as Europe/Berlin or America/New_York; it decides where one day ends and the next begins."
    ) from error
# The hour after midnight, in that zone, from which the day that ended is scored.
NIGHT_HOUR = env.int("NIGHT_HOUR", default=2)
if not 0 <= NIGHT_HOUR <= 23:
    raise ImproperlyConfigured(f"NIGHT_HOUR is {NIGHT_HOUR}; it is an hour of the day, 0 to 23.")
# How many whole months of usage and of scores are kept beside the present one; 0 keeps all. Measures look back 13 months.
USAGE_MONTHS = env.int("USAGE_MONTHS", default=0)
SCORE_MONTHS = env.int("SCORE_MONTHS", default=0)
# How many days the events of client libraries are kept one by one, by whole months; what they are rolled up to stays.
RAW_EVENTS_DAYS = env.int("RAW_EVENTS_DAYS", default=90)
if RAW_EVENTS_DAYS < 31:
    raise ImproperlyConfigured(
        f"RAW_EVENTS_DAYS is {RAW_EVENTS_DAYS}; events may wait 30 days for their account: 31 at least."
    )
for _name, _months in (("USAGE_MONTHS", USAGE_MONTHS), ("SCORE_MONTHS", SCORE_MONTHS)):
    if _months and _months < 14:
        raise ImproperlyConfigured(
            f"{_name} is {_months}; measures and pages look back a year: 14 at least, or 0 for all."
        )

LANGUAGE_CODE = "en-us"
FORMAT_MODULE_PATH = ["config.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- Django ----------------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "config",
    "health",
    "surveys",
    "support",
    "accounts",
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_htmx",
    "django_structlog",
    "pghistory",
    "pgtrigger",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "config.probes.ProbeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.middleware.NulMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.middleware.SlashingCommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.middleware.RequestLogMiddleware",
    "config.middleware.AuditMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "config.middleware.SignInAgainMiddleware",
    "config.middleware.NoPageMiddleware",
    "config.middleware.AdminClockMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# --- Database, cache, queue ------------------------------------------------------------------------------------------


def _database() -> dict[str, Any]:
    database: dict[str, Any] = env.db_url_config(DATABASE_URL)
    options = dict(database.get("OPTIONS") or {})
    if "host" in options:  # a folder with a socket; where `dbshell` looks for it
        database["HOST"] = options.pop("host")
    options.setdefault("connect_timeout", 10)
    if env.bool("DATABASE_POOL", default=False):
        # Threads wait for a connection rather than a request for a dead server: 503 soon beats 504 late.
        options["pool"] = {"min_size": 1, "max_size": env.int("DATABASE_POOL_SIZE", default=8), "timeout": 10}
    else:
        database["CONN_MAX_AGE"] = 60
    return {**database, "CONN_HEALTH_CHECKS": True, "OPTIONS": options}


DATABASES = {"default": _database()}

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "verdant",
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"


def _broker_url() -> str:
    url = urlsplit(REDIS_URL)
    if url.scheme != "unix":
        return str(REDIS_URL)
    number = parse_qs(url.query).get("db", ["0"])[0]
    return f"redis+socket://{url.path}?virtual_host={number}"


CELERY_BROKER_URL = _broker_url()
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# An unfinished task returns after this long; it must be longer than any task may take.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}
CELERY_TASK_TIME_LIMIT = 3300
CELERY_TASK_SOFT_TIME_LIMIT = 3000
# A task is done when it has ended, not when it was taken: a killed worker's task runs again.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Progress is a Job row; nobody reads task results.
CELERY_TASK_IGNORE_RESULT = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_DEFAULT_QUEUE = "verdant"
CELERY_TIMEZONE = "UTC"

# --- Sign-in ---------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = reverse_lazy("account_login")
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "config.signin.InvitedOnly"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
# An admin enters the address; there is nobody else to confirm it to.
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
# One address a user, changed by a link sent to the new one.
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Verdant: "
# Nobody can sign up, so there is nothing to tell an address that no user has.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_SESSION_REMEMBER = True
MFA_TOTP_ISSUER = ORGANIZATION_NAME

# --- The web ---------------------------------------------------------------------------------------------------------

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# How many proxies of ours stand in front: what they say of the client's address and scheme is believed.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

HTTPS = env.bool("HTTPS", default=INSTALLED)
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 365 * 86400 if HTTPS else 0
SILENCED_SYSTEM_CHECKS = [
    # Whether the whole domain is HTTPS only is its owner's decision, not this program's.
    "security.W005",
    "security.W021",
    # E-mail addresses are unique by a constraint on their lower case, which this check does not know.
    "auth.W004",
]
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    # The admin's theme needs inline scripts and eval.
    "EXCLUDE_URL_PREFIXES": ["/admin/"],
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    },
}

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))
# Hashed names need `collectstatic` first; without them files come straight from the apps.
STATIC_MANIFEST = env.bool("STATIC_MANIFEST", default=not DEBUG)
WHITENOISE_USE_FINDERS = not STATIC_MANIFEST
WHITENOISE_AUTOREFRESH = not STATIC_MANIFEST
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if STATIC_MANIFEST
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# How many requests a token may make in a minute; 0 for as many as it likes.
API_REQUESTS_PER_MINUTE = env.int("API_REQUESTS_PER_MINUTE", default=600)
# The same of requests with events: of a key, and of a browser's key from one address.
EVENT_REQUESTS_PER_MINUTE = env.int("EVENT_REQUESTS_PER_MINUTE", default=12_000)
EVENT_REQUESTS_PER_ADDRESS = env.int("EVENT_REQUESTS_PER_ADDRESS", default=600)

# What else our doors have in common is in `accounts/door.py`.
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [],
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "accounts.openapi.Schema",
    "EXCEPTION_HANDLER": "accounts.problems.handler",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Verdant",
    "DESCRIPTION": "Records in, scores out. Errors are problems as RFC 9457 has them, each type explained at `/api/problems/`.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    # The words of a member stand where it does: an enumeration of its own would be named after a hash.
    "POSTPROCESSING_HOOKS": [],
    "COMPONENT_SPLIT_REQUEST": True,
}

# Writes of one transaction stand in the audit log in the order in which they were made.
PGHISTORY_CREATED_AT_FUNCTION = "clock_timestamp()"

# --- Admin -----------------------------------------------------------------------------------------------------------

UNFOLD = {
    "SITE_TITLE": "Verdant",
    "SITE_HEADER": "Verdant",
    "SITE_SUBHEADER": "Admin",
    "SITE_URL": "/",
    "SITE_ICON": {
        "light": lambda request: static("verdant/logo.svg"),
        "dark": lambda request: static("verdant/logo-dark.svg"),
    },
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("verdant/logo.svg")}],
    "STYLES": [lambda request: static("verdant/admin.css")],
    "SCRIPTS": [lambda request: static("verdant/admin.js")],
    "SHOW_VIEW_ON_SITE": False,
    "DASHBOARD_CALLBACK": "health.admin.front.with_states",
    "BORDER_RADIUS": "6px",
    # The grays and the blue of the product's own pages, which `verdant/tokens.css` names.
    "COLORS": {
        "base": {
            "50": "#f6f7f8",
            "100": "#f1f3f4",
            "200": "#e4e7ea",
            "300": "#cdd2d8",
            "400": "#868e99",
            "500": "#666e79",
            "600": "#4b525c",
            "700": "#3a414a",
            "800": "#272c33",
            "900": "#15181c",
            "950": "#0e1013",
        },
        "primary": {
            "50": "#eef2fc",
            "100": "#e0e7fa",
            "200": "#c5d2f6",
            "300": "#a9bdf2",
            "400": "#8faaff",
            "500": "#8faaff",
            "600": "#2f57c8",
            "700": "#284ab0",
            "800": "#233f92",
            "900": "#1c2438",
            "950": "#151b2a",
        },
    },
    "SIDEBAR": {
        "navigation": [
            {
                "items": [
                    {
                        "title": "Back to accounts",
                        "icon": "arrow_back",
                        "link": reverse_lazy("accounts"),
                        "active": lambda request: False,
                    }
                ]
            },
            {
                "title": "People",
                "items": [
                    {"title": "Users", "icon": "person", "link": reverse_lazy("admin:accounts_user_changelist")},
                    {"title": "Teams", "icon": "group", "link": reverse_lazy("admin:accounts_team_changelist")},
                ],
            },
            {
                "title": "Scoring",
                "items": [
                    {
                        "title": "Scorecards",
                        "icon": "scoreboard",
                        "link": reverse_lazy("admin:health_scorecard_changelist"),
                        # Its versions are on pages of their own.
                        "active": lambda request: request.path.startswith("/admin/health/scorecard"),
                    },
                    {"title": "Line-up", "icon": "sort", "link": reverse_lazy("admin:health_lineup_changelist")},
                    {"title": "Settings", "icon": "tune", "link": reverse_lazy("admin:health_settings_changelist")},
                    {
                        "title": "Audit log",
                        "icon": "manage_search",
                        "link": reverse_lazy("admin:health_auditentry_changelist"),
                    },
                ],
            },
            {
                "title": "Data",
                "items": [
                    {"title": "Sources", "icon": "database", "link": reverse_lazy("admin:accounts_source_changelist")},
                    {
                        "title": "Attributes",
                        "icon": "dictionary",
                        "link": reverse_lazy("admin:accounts_attributedefinition_changelist"),
                    },
                    {
                        "title": "Products",
                        "icon": "package_2",
                        "link": reverse_lazy("admin:accounts_product_changelist"),
                    },
                    {"title": "Surveys", "icon": "reviews", "link": reverse_lazy("admin:surveys_survey_changelist")},
                    {"title": "Tickets", "icon": "help", "link": reverse_lazy("admin:support_ticket_changelist")},
                    {
                        "title": "API tokens",
                        "icon": "key",
                        "link": reverse_lazy("admin:accounts_token_changelist"),
                    },
                    {"title": "Imports", "icon": "history", "link": reverse_lazy("admin:accounts_job_changelist")},
                ],
            },
        ],
    },
    "ACCOUNT": {
        "navigation": [
            {"title": "Change password", "link": reverse_lazy("account_change_password")},
            {"title": "Second factor", "link": reverse_lazy("mfa_index")},
        ],
    },
}

# --- E-mail ----------------------------------------------------------------------------------------------------------

# Without a mail server, messages are files in the data folder: a password link must not end up in a log.
EMAIL_CONFIG = env.email_url(
    "EMAIL_URL", default="smtp://localhost:25" if INSTALLED else f"filemail:///{DATA_DIR / 'mail'}"
)
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Verdant <verdant@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- Logs ------------------------------------------------------------------------------------------------------------

LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
configure_structlog()
LOGGING = logging_settings(readable=DEBUG, level=LOG_LEVEL)
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
# One line for each request, at its end.
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG
