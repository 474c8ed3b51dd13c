"""Configuration of the labeling app."""

from django.apps import AppConfig


class LabelingConfig(AppConfig):
    """The labeling app."""

    name = "labeling"

    def ready(self) -> None:
        """Tell the loop page about the steps of this app."""
        from labeling.loop import register
        from labeling.loop_figures import figures

        register(figures)
