"""What a labeling project consists of."""

from labeling.models.event import Event
from labeling.models.item import DRAWS, ImportJob, Item, Split
from labeling.models.job import Job, JobState
from labeling.models.project import Guideline, Label, Membership, Project, Role
from labeling.models.resolution import Adjudication, Resolution, ResolutionMethod
from labeling.models.task import Annotation, Assignment, LookState, Task, TaskReason, TaskState

__all__ = [
    "DRAWS",
    "Adjudication",
    "Annotation",
    "Assignment",
    "Event",
    "Guideline",
    "ImportJob",
    "Item",
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
