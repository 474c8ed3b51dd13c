"""The secret key of a local installation is made once, whoever comes first."""

import multiprocessing
import stat
from pathlib import Path

from config.secret import development_secret

PROCESSES = 8


def _make(directory: Path, start: "multiprocessing.synchronize.Barrier") -> str:
    start.wait()
    return development_secret(directory)


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    with context.Manager() as manager:
        barrier = manager.Barrier(PROCESSES)
        with context.Pool(PROCESSES) as pool:
            keys = pool.starmap(_make, [(tmp_path, barrier)] * PROCESSES, chunksize=1)
    assert len(set(keys)) == 1
    assert len(keys[0]) >= 50
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    development_secret(tmp_path)
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
