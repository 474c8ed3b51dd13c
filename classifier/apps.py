"""Configuration of the classifier app."""

from django.apps import AppConfig


class ClassifierConfig(AppConfig):
    """The classifier app."""

    name = "classifier"

    def ready(self) -> None:
        """Tell the loop page about this app's steps, and keep gold from what was trained on."""
        from classifier.holdout import trained_among
        from classifier.loop import figures
        from labeling import gold, loop

        loop.register(figures)
        gold.register("a model was trained on", trained_among)
