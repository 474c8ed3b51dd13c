"""What a labeling project consists of."""

from labeling.models.event import Event
from labeling.models.item import DRAWS, Deletion, ImportJob, Item, ItemStatus, ItemText, Split
from labeling.models.job import Job, JobState
from labeling.models.project import Guideline, Label, Membership, Project, Role
from labeling.models.resolution import Adjudication, Resolution, ResolutionMethod
from labeling.models.task import (
    RARE_REASONS,
    Annotation,
    Assignment,
    LookState,
    Task,
    TaskReason,
    TaskState,
)

__all__ = [
    "DRAWS",
    "RARE_REASONS",
    "Adjudication",
    "Annotation",
    "Assignment",
    "Deletion",
    "Event",
    "Guideline",
    "ImportJob",
    "Item",
    "ItemStatus",
    "ItemText",
    "Job",
    "JobState",
    "Label",
    "LookState",
    "Membership",
    "Project",
    "Resolution",
    "ResolutionMethod",
    "Role",
    "Split",
    "Task",
    "TaskReason",
    "TaskState",
]
