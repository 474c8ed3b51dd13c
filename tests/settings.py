"""Settings of the test suite: local mode, cheap password hashing, engine from the environment."""

import os
from pathlib import Path
from tempfile import gettempdir

os.environ.setdefault("TAGLOOP_MODE", "local")

from config.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
AXES_ENABLED = False
TRAINING_DIR = Path(gettempdir()) / f"tagloop-tests-{os.getpid()}"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
BROKER_URL = CELERY_BROKER_URL = "memory://"
if SQLITE:  # noqa: F405
    DATABASES["default"]["TEST"] = {"NAME": ":memory:"}  # noqa: F405
