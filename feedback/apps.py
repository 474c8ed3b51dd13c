"""Configuration of the feedback app."""

from django.apps import AppConfig


class FeedbackConfig(AppConfig):
    """The feedback app."""

    name = "feedback"

    def ready(self) -> None:
        """Tell the apps below what is not theirs to know: what came back, who may report a tag."""
        from classifier import report_links
        from feedback.answered import told_by
        from feedback.evidence import facets as finer_reasons
        from feedback.links import linked_projects, url_of
        from feedback.loop import figures
        from feedback.second_look import draw_second_look
        from labeling import decided, facets, loop

        loop.register(figures)
        report_links.register(report_links.Linker(linked_projects, url_of))
        decided.register(told_by)
        decided.register_follower(draw_second_look)
        for facet in finer_reasons():
            facets.register(facet)
        facets.register_evidence("review-evidence")
        facets.register_way(facets.Panel("review-bulk", "Approve many together"))
