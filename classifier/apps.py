"""Configuration of the classifier app."""

from django.apps import AppConfig


class ClassifierConfig(AppConfig):
    """The classifier app."""

    name = "classifier"

    def ready(self) -> None:
        """Tell the loop page about the steps of this app."""
        from classifier.loop import figures
        from labeling.loop import register

        register(figures)
