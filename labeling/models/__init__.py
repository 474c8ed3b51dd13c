"""What a labeling project consists of."""

from labeling.models.annotation import Annotation
from labeling.models.assignment import Assignment, LookState
from labeling.models.event import Event
from labeling.models.export import ExportJob
from labeling.models.gold import GoldPick
from labeling.models.imports import ImportContent, ImportJob, ImportProblem, ImportState
from labeling.models.item import DRAWS, Deletion, Item, ItemStatus, ItemText, Split
from labeling.models.job import Job, JobState
from labeling.models.project import (
    SKIP_REASONS,
    AfterSkip,
    Consensus,
    Guideline,
    Label,
    Membership,
    Order,
    Project,
    Role,
)
from labeling.models.proposal import GuidelineProposal, ProposalState
from labeling.models.reason import (
    ASKED,
    CHECK_PRIORITY,
    CHECKS,
    RARE_REASONS,
    TaskReason,
)
from labeling.models.resolution import Adjudication, Reopening, Resolution, ResolutionMethod
from labeling.models.task import Task, TaskState
from labeling.models.weighing import AnnotatorWeight, ConsensusJob, Weighing

__all__ = [
    "ASKED",
    "CHECKS",
    "CHECK_PRIORITY",
    "DRAWS",
    "RARE_REASONS",
    "SKIP_REASONS",
    "Adjudication",
    "AfterSkip",
    "Annotation",
    "AnnotatorWeight",
    "Assignment",
    "Consensus",
    "ConsensusJob",
    "Deletion",
    "Event",
    "ExportJob",
    "GoldPick",
    "Guideline",
    "GuidelineProposal",
    "ImportContent",
    "ImportJob",
    "ImportProblem",
    "ImportState",
    "Item",
    "ItemStatus",
    "ItemText",
    "Job",
    "JobState",
    "Label",
    "LookState",
    "Membership",
    "Order",
    "Project",
    "ProposalState",
    "Reopening",
    "Resolution",
    "ResolutionMethod",
    "Role",
    "Split",
    "Task",
    "TaskReason",
    "TaskState",
    "Weighing",
]
