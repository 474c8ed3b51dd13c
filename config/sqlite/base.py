"""Django's SQLite backend, where everybody who writes a file stands in one line.

SQLite lets one writer in at a time, and others poll the file at growing intervals: the unlucky wait
for long while the file lies idle. Here a lock of the process wakes its next thread at once, and a
lock on a file beside the database lets the next process in. Whoever writes without them is kept out
by SQLite as ever.
"""

import os

from django.db.backends.sqlite3 import base

from config.sqlite.turns import Turn

_turns: dict[str, Turn] = {}


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection whose transactions begin once those of all others have ended."""

    _turn: Turn | None = None

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
        name = str(self.settings_dict["NAME"])
        path = None if self.is_in_memory_db() else f"{name}-turn"
        turn = _turns.setdefault(name, Turn(path))
        # Who waited in vain asks SQLite all the same, which words the refusal.
        if turn.take(self.settings_dict["OPTIONS"].get("timeout", 5)):
            self._turn = turn

    def _end_turn(self) -> None:
        turn, self._turn = self._turn, None
        if turn is not None:
            turn.end()


def _begin_as_child() -> None:
    """Drop what a child has of its parent's turns: it has none of the threads to end them."""
    for turn in _turns.values():
        turn.forget()
    _turns.clear()


os.register_at_fork(after_in_child=_begin_as_child)
