"""What models predict with, imported before the first of them has to be loaded."""

from contextlib import suppress
from importlib import import_module

from classifier.recipes.skops_file import skops_io

LIBRARIES = (
    "sklearn.feature_extraction.text",
    "sklearn.linear_model",
    "onnxruntime",
    "tokenizers",
)


def import_libraries() -> None:
    """Import what any recipe's models predict with, where it is installed.

    The first promotion would else wait for that, for seconds on a busy machine.
    """
    skops_io()
    for name in LIBRARIES:
        with suppress(ImportError):
            import_module(name)
