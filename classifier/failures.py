"""Why a run failed, in words for the person who started it."""

import errno

from classifier.recipes import RecipeError
from classifier.recipes.artifact import ArtifactError
from labeling import jobs
from labeling.errors import DomainError

GPU_FULL = (
    "The GPU ran out of memory. Lower the batch size or the text length, choose a smaller encoder, "
    "or end what else runs on the GPU; finished models are kept."
)
MEMORY_FULL = (
    "The worker ran out of memory. Give it more, or choose a smaller vocabulary or encoder; "
    "finished models are kept."
)
DISK_FULL = "The worker's disk is full. Make room and retrain; finished models are kept."
QUOTA_EXCEEDED = getattr(errno, "EDQUOT", errno.ENOSPC)


def reason_of(error: BaseException) -> str:
    """Return why a run failed: never a path or a traceback."""
    if isinstance(error, DomainError | RecipeError | ArtifactError):
        return str(error)
    if _is_full_gpu(error):
        return GPU_FULL
    if isinstance(error, MemoryError) or "can't allocate memory" in str(error):
        return MEMORY_FULL
    if _is_full_disk(error):
        return DISK_FULL
    return jobs.BROKEN


def _is_full_gpu(error: BaseException) -> bool:
    """Tell without importing torch, whose error has this name."""
    return type(error).__name__ == "OutOfMemoryError" or "CUDA out of memory" in str(error)


def _is_full_disk(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno in {errno.ENOSPC, QUOTA_EXCEEDED}
    # What SQLite and PostgreSQL say.
    return "disk is full" in str(error) or "No space left on device" in str(error)
