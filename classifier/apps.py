"""Configuration of the classifier app."""

from django.apps import AppConfig


class ClassifierConfig(AppConfig):
    """The classifier app."""

    name = "classifier"

    def ready(self) -> None:
        """Tell labeling what is not its own to know: of models, and of what people saw for them."""
        from classifier.choose_next import picked_among
        from classifier.file_batch import follow
        from classifier.holdout import trained_among
        from classifier.loop import figures
        from classifier.opinion import opinion_of
        from labeling import gold, intake_run, loop, opinion, ordering

        loop.register(figures)
        gold.register("a model was trained on", trained_among)
        opinion.register(opinion_of)
        ordering.register(picked_among)
        intake_run.register(follow)
