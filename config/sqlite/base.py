"""Django's SQLite backend, where the threads of a process queue to write.

SQLite lets one writer in at a time, and others poll the file at growing intervals: the unlucky wait
for long while the file lies idle. A lock of the process wakes the next at once. Other processes
are kept out by SQLite as ever.
"""

import os
from threading import Lock

from django.db.backends.sqlite3 import base

_turns: dict[str, Lock] = {}
# A child has none of the threads that could give a lock back.
os.register_at_fork(after_in_child=_turns.clear)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection whose transactions begin once those of the other threads have ended."""

    _turn: "Lock | None" = None

    def _start_transaction_under_autocommit(self) -> None:
        self._take_turn()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._end_turn()
            raise

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]
        self._end_turn()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._end_turn()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            self._end_turn()

    def _take_turn(self) -> None:
        turn = _turns.setdefault(str(self.settings_dict["NAME"]), Lock())
        # Who waited in vain asks SQLite all the same, which words the refusal.
        if turn.acquire(timeout=self.settings_dict["OPTIONS"].get("timeout", 5)):
            self._turn = turn

    def _end_turn(self) -> None:
        turn, self._turn = self._turn, None
        if turn is not None:
            turn.release()
