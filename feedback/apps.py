"""Configuration of the feedback app."""

from django.apps import AppConfig


class FeedbackConfig(AppConfig):
    """The feedback app."""

    name = "feedback"

    def ready(self) -> None:
        """Tell the loop page about the steps of this app."""
        from feedback.loop import figures
        from labeling.loop import register

        register(figures)
