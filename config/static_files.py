"""Static files with hashed names, by which browsers may keep them for good."""

from typing import ClassVar

from django.contrib.staticfiles.storage import ManifestFilesMixin
from whitenoise.storage import CompressedManifestStaticFilesStorage  # type: ignore[import-untyped]

# A module that imports its neighbours by name must find them under their hashed ones.
IMPORT = (
    r"""(?m)(?P<matched>^import (?P<what>\{[^}]*\}) from "(?P<url>\./[\w-]+\.js)";)""",
    'import %(what)s from "%(url)s";',
)


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Hashed and compressed files; the label page's modules import each other."""

    patterns: ClassVar = (*ManifestFilesMixin.patterns, ("js/annotate/*.js", (IMPORT,)))
