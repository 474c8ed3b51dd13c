"""What a labeling project consists of."""

from labeling.models.event import Event
from labeling.models.imports import ImportJob, ImportProblem, ImportState
from labeling.models.item import DRAWS, Deletion, Item, ItemStatus, Split
from labeling.models.job import Job, JobState
from labeling.models.project import Guideline, Label, Membership, Project, Role
from labeling.models.resolution import Adjudication, Resolution, ResolutionMethod
from labeling.models.task import Annotation, Assignment, LookState, Task, TaskReason, TaskState

__all__ = [
    "DRAWS",
    "Adjudication",
    "Annotation",
    "Assignment",
    "Deletion",
    "Event",
    "Guideline",
    "ImportJob",
    "ImportProblem",
    "ImportState",
    "Item",
    "ItemStatus",
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
