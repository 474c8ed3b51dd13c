"""The processes that train one model side by side, as torchrun starts them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import distributed


@dataclass(frozen=True)
class World:
    """This process's place among those that share the work: alone unless said otherwise."""

    rank: int = 0
    size: int = 1

    def share(self, count: int) -> slice:
        """Return which of `count` rows are this process's."""
        return slice(self.rank, count, self.size)

    def add_up(self, tensors: list[torch.Tensor]) -> None:
        """Replace each tensor by its sum over all processes, which is the same in all of them."""
        if self.size == 1:
            return
        flat = torch.cat([tensor.reshape(-1) for tensor in tensors])
        distributed.all_reduce(flat)
        start = 0
        for tensor in tensors:
            tensor.copy_(flat[start : start + tensor.numel()].view_as(tensor))
            start += tensor.numel()

    def meet(self) -> None:
        """Wait for all processes: one that ends while another still talks to it may abort it."""
        if self.size > 1:
            distributed.barrier()


def local_rank() -> int:
    """Return the number that torchrun gave this process on its machine."""
    return int(os.environ["LOCAL_RANK"])


@contextmanager
def join_world(*, gpu: bool) -> Iterator[World]:
    """Take the place that torchrun gave this process, and leave it at the end."""
    distributed.init_process_group("nccl" if gpu else "gloo")
    try:
        yield World(int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"]))
    finally:
        distributed.destroy_process_group()
