"""What becomes of predictions."""

from feedback.models.report import Report
from feedback.models.routing import Routing, RoutingPolicy

__all__ = ["Report", "Routing", "RoutingPolicy"]
