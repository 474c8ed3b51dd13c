"""What becomes of predictions."""

from feedback.models.drift import DriftCheck, DriftFigure, DriftGroup, DriftState
from feedback.models.online import OnlineEvaluation
from feedback.models.report import Report
from feedback.models.routing import (
    LARGEST_CAP,
    Destination,
    RouteReason,
    Routing,
    RoutingPolicy,
    SettledBy,
    new_salt,
)
from feedback.models.second_look import SecondLook
from feedback.models.trigger import ProposalState, RetrainProposal, Trigger, TriggerPolicy
from feedback.models.webhook import TEST, Attempt, Delivery, DeliveryState, Kind, Webhook

__all__ = [
    "LARGEST_CAP",
    "TEST",
    "Attempt",
    "Delivery",
    "DeliveryState",
    "Destination",
    "DriftCheck",
    "DriftFigure",
    "DriftGroup",
    "DriftState",
    "Kind",
    "OnlineEvaluation",
    "ProposalState",
    "Report",
    "RetrainProposal",
    "RouteReason",
    "Routing",
    "RoutingPolicy",
    "SecondLook",
    "SettledBy",
    "Trigger",
    "TriggerPolicy",
    "Webhook",
    "new_salt",
]
