"""Every setting of Tagloop, read once from the environment.

`TAGLOOP_MODE` is `production` unless said otherwise: a forgotten variable fails closed. In
production a secret key must be given; in local mode one is made and kept in the data directory.
Any secret may come from a file instead: `SECRET_KEY_FILE`, `DATABASE_URL_FILE`, `BROKER_URL_FILE`.
"""

from pathlib import Path
from typing import Any

import django_stubs_ext
import environ
import structlog
from celery.schedules import schedule
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config.secret import development_secret

django_stubs_ext.monkeypatch()

env = environ.FileAwareEnv()

BASE_DIR = Path(__file__).resolve().parent.parent
MODE: str = env.str("TAGLOOP_MODE", default="production")
if MODE not in {"local", "production"}:
    raise ImproperlyConfigured(f"TAGLOOP_MODE is '{MODE}'; it must be 'local' or 'production'.")
LOCAL = MODE == "local"
DATA_DIR = Path(env.str("TAGLOOP_DATA_DIR", default=str(BASE_DIR / "var"))).resolve()

SECRET_KEY_LENGTH = 32
SECRET_KEY: str = env.str("SECRET_KEY", default="") or (
    development_secret(DATA_DIR) if LOCAL else ""
)
if len(SECRET_KEY) < SECRET_KEY_LENGTH:
    raise ImproperlyConfigured(
        f"SECRET_KEY is missing or shorter than {SECRET_KEY_LENGTH} characters. Set SECRET_KEY or "
        "SECRET_KEY_FILE; for a laptop use './run up', or TAGLOOP_MODE=local, which makes one."
    )
DEBUG: bool = env.bool("DEBUG", default=False)
if DEBUG and not LOCAL:
    raise ImproperlyConfigured("DEBUG cannot be on in production mode.")
ALLOWED_HOSTS: list[str] = env.list(
    "ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"] if LOCAL else []
)
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "accounts",
    "labeling",
    "classifier",
    "feedback",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "django_structlog",
    "axes",
    "csp",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
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
                "labeling.context.frame",
            ]
        },
    }
]

DATABASES = {
    "default": env.db_url_config(
        env.str("DATABASE_URL", default="") or f"sqlite:///{DATA_DIR / 'tagloop.sqlite3'}"
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SQLITE = DATABASES["default"]["ENGINE"].endswith("sqlite3")
if SQLITE:
    DATABASES["default"]["ENGINE"] = "config.sqlite"
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; "
        "PRAGMA foreign_keys=ON; PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY",
    }
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # Lists are cut into short pages: from an index they cost milliseconds. The server's defaults
    # are those of turning disks, where reading half the table would be cheaper.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault(
        "options", "-c random_page_cost=1.1 -c jit=off"
    )
    # A server that vanished is given up after seconds, not after a quarter of an hour.
    for option, limit in (("connect_timeout", 5), ("tcp_user_timeout", 15_000)):
        DATABASES["default"]["OPTIONS"].setdefault(option, limit)
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=600)

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign-in"
AXES_VERBOSE = False
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "accounts/locked.html"

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_THOUSAND_SEPARATOR = True

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = DATA_DIR / "artifacts"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "config.static_files.HashedStaticFilesStorage",
    },
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "config.uploads.NamelessFileUploadHandler",
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
IMPORT_MAX_BYTES: int = env.int("IMPORT_MAX_BYTES", default=500 * 1024 * 1024)

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
HTTPS: bool = env.bool("HTTPS", default=not LOCAL)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
if env.bool("BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.ApiKeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.permissions.SignedInWithScope"],
    "DEFAULT_PAGINATION_CLASS": "labeling.api.pagination.Newest",
    "PAGE_SIZE": 100,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.UserRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {
        "user": env.str("API_RATE", default="6000/min"),
        "report_link": env.str("REPORT_LINK_RATE", default="30/min"),
    },
    # Without a proxy, what a caller says of its address counts for nothing.
    "NUM_PROXIES": 1 if env.bool("BEHIND_PROXY", default=False) else 0,
    "EXCEPTION_HANDLER": "labeling.api.problems.handle",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Tagloop",
    "DESCRIPTION": "Items, labels, training runs, models, tags and reports of a labeling project.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api",
    "ENUM_NAME_OVERRIDES": {
        "JobStateEnum": "labeling.models.JobState",
        "ImportStateEnum": "labeling.models.ImportState",
        "BatchStateEnum": "classifier.models.BatchState",
        "TaskStateEnum": "labeling.models.TaskState",
        "TaskReasonEnum": "labeling.models.TaskReason",
        "DriftStateEnum": "feedback.models.DriftState",
        "DeliveryStateEnum": "feedback.models.DeliveryState",
        "WebhookKindEnum": "feedback.models.Kind",
    },
}

BROKER_URL: str = env.str("BROKER_URL", default="") or "redis://127.0.0.1:6379/0"
CELERY_BROKER_URL = BROKER_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 6 * 3600}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    "classifier.tasks.train": {"queue": "training"},
    "classifier.tasks.learning_curve": {"queue": "training"},
}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "scheduler")
CELERY_BEAT_SCHEDULE = {
    "recover stalled jobs": {
        "task": "classifier.tasks.recover_stalled",
        "schedule": schedule(env.float("RECOVER_SECONDS", default=10)),
    },
    "renew promises": {
        "task": "classifier.tasks.renew_promises",
        "schedule": schedule(env.float("RENEW_SECONDS", default=60)),
    },
    "watch trials": {
        "task": "classifier.tasks.watch_trials",
        "schedule": schedule(env.float("WATCH_TRIALS_SECONDS", default=5)),
    },
    "tend exports": {
        "task": "labeling.tasks.tend_exports",
        "schedule": schedule(env.float("RECOVER_SECONDS", default=10)),
    },
    "rank what waits": {
        "task": "labeling.tasks.rank_tasks",
        "schedule": schedule(env.float("RANK_SECONDS", default=30)),
    },
    "watch anchoring": {
        "task": "labeling.tasks.watch_anchoring",
        "schedule": schedule(env.float("ANCHORING_SECONDS", default=60)),
    },
    "tend consensus": {
        "task": "labeling.tasks.tend_consensus",
        "schedule": schedule(env.float("CONSENSUS_SECONDS", default=60)),
    },
    "recover stalled imports": {
        "task": "labeling.tasks.recover_imports",
        "schedule": schedule(env.float("RECOVER_SECONDS", default=10)),
    },
    "route predictions": {
        "task": "feedback.tasks.route_predictions",
        "schedule": schedule(env.float("ROUTE_SECONDS", default=5)),
    },
    "open reports that wait": {
        "task": "feedback.tasks.open_reports",
        "schedule": schedule(env.float("REPORT_SECONDS", default=60)),
    },
    "watch promises": {
        "task": "feedback.tasks.watch_promises",
        "schedule": schedule(env.float("PROMISE_SECONDS", default=30)),
    },
    "propose retraining": {
        "task": "feedback.tasks.propose_retraining",
        "schedule": schedule(env.float("PROPOSE_SECONDS", default=300)),
    },
    "tend drift": {
        "task": "feedback.tasks.tend_drift",
        "schedule": schedule(env.float("DRIFT_SECONDS", default=60)),
    },
    "forget deliveries": {"task": "feedback.tasks.forget_deliveries", "schedule": schedule(3600)},
    "sweep webhooks": {
        "task": "feedback.tasks.sweep_webhooks",
        "schedule": schedule(env.float("WEBHOOK_SECONDS", default=2)),
    },
    "tend online evaluations": {
        "task": "feedback.tasks.tend_online_evaluations",
        "schedule": schedule(env.float("ONLINE_SECONDS", default=60)),
    },
}
TRAINING_DIR = Path(env.str("TRAINING_DIR", default=str(DATA_DIR / "training")))
CANCEL_SECONDS: float = env.float("CANCEL_SECONDS", default=1)
BATCH_WORKERS: int = env.int("BATCH_WORKERS", default=8)
JOB_HEARTBEAT_SECONDS: float = env.float("JOB_HEARTBEAT_SECONDS", default=5)
JOB_STALLED_SECONDS: float = env.float("JOB_STALLED_SECONDS", default=30)
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": BROKER_URL}
    if BROKER_URL.startswith("redis")
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

WEBHOOK_LEASE_SECONDS: float = env.float("WEBHOOK_LEASE_SECONDS", default=90)
WEBHOOK_ALLOW_PRIVATE: bool = env.bool("WEBHOOK_ALLOW_PRIVATE", default=False)
# EMAIL_BACKEND, EMAIL_HOST and so on.
vars().update(env.email_url_config(env.str("EMAIL_URL", default="") or "consolemail://"))
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL: str = env.str("EMAIL_FROM", default="tagloop@localhost")

SERVING_URL: str = env.str("SERVING_URL", default="http://127.0.0.1:8001")
PUBLIC_URL: str = env.str("PUBLIC_URL", default="").rstrip("/")
if PUBLIC_URL and not PUBLIC_URL.startswith(("http://", "https://")):
    raise ImproperlyConfigured(f"PUBLIC_URL is '{PUBLIC_URL}'; it must begin with https://.")
REPORT_LINK_DAYS: float = env.float("REPORT_LINK_DAYS", default=30)
SERVING_POLL_SECONDS: float = env.float("SERVING_POLL_SECONDS", default=0.5)
SERVING_DEADLINE_SECONDS: float = env.float("SERVING_DEADLINE_SECONDS", default=10)
SERVING_BATCH_DEADLINE_SECONDS: float = env.float("SERVING_BATCH_DEADLINE_SECONDS", default=60)
SERVING_QUEUE: int = env.int("SERVING_QUEUE", default=4096)
SERVING_RATE: int = env.int("SERVING_RATE", default=600_000)

LOG_FACTS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso"),
]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processor": structlog.dev.ConsoleRenderer(colors=False)
            if LOCAL
            else structlog.processors.JSONRenderer(),
            "foreign_pre_chain": LOG_FACTS,
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
}
structlog.configure(
    processors=[
        *LOG_FACTS,
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
