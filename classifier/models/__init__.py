"""Snapshots, runs, models, their evaluations and their predictions."""

from classifier.models.deployment import Deployment
from classifier.models.evaluation import Evaluation, HoldoutPrediction, Slice, SliceKind
from classifier.models.prediction import BatchJob, Prediction, Route, Source
from classifier.models.snapshot import DatasetSnapshot, SnapshotRow
from classifier.models.training import ModelVersion, Stage, TrainingRun

__all__ = [
    "BatchJob",
    "DatasetSnapshot",
    "Deployment",
    "Evaluation",
    "HoldoutPrediction",
    "ModelVersion",
    "Prediction",
    "Route",
    "Slice",
    "SliceKind",
    "SnapshotRow",
    "Source",
    "Stage",
    "TrainingRun",
]
