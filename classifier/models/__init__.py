"""Snapshots, runs, models, their evaluations and their predictions."""

from classifier.models.behaviour import BehaviourCase, BehaviourDirection, BehaviourKind
from classifier.models.deployment import Deployment
from classifier.models.evaluation import Evaluation, HoldoutPrediction, LaterAnswer, Slice
from classifier.models.gate import GateSettings
from classifier.models.learning_curve import LearningCurve
from classifier.models.out_of_fold import OutOfFoldAnswer
from classifier.models.prediction import BatchChunk, BatchJob, BatchState, Prediction, Route, Source
from classifier.models.priorities import (
    MOST_PICKS,
    Pick,
    PickKind,
    PickStrategy,
    PriorityJob,
    PriorityPolicy,
)
from classifier.models.snapshot import DatasetSnapshot, RowUse, SnapshotRow
from classifier.models.training import (
    CHALLENGING,
    ModelVersion,
    Phase,
    RunPoint,
    Stage,
    TrainingRun,
)
from classifier.models.trial import Outcome, Pair, Trial

__all__ = [
    "CHALLENGING",
    "MOST_PICKS",
    "BatchChunk",
    "BatchJob",
    "BatchState",
    "BehaviourCase",
    "BehaviourDirection",
    "BehaviourKind",
    "DatasetSnapshot",
    "Deployment",
    "Evaluation",
    "GateSettings",
    "HoldoutPrediction",
    "LaterAnswer",
    "LearningCurve",
    "ModelVersion",
    "OutOfFoldAnswer",
    "Outcome",
    "Pair",
    "Phase",
    "Pick",
    "PickKind",
    "PickStrategy",
    "Prediction",
    "PriorityJob",
    "PriorityPolicy",
    "Route",
    "RowUse",
    "RunPoint",
    "Slice",
    "SnapshotRow",
    "Source",
    "Stage",
    "TrainingRun",
    "Trial",
]
