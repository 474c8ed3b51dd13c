"""A way to a server that can be cut."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock, Thread


class Proxy:
    """Passes on what comes to its port; while it is cut it takes nobody and keeps nobody."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lock, self._cut = Lock(), False
        self._open: set[socket.socket] = set()
        self.port: int = self._listener.getsockname()[1]

    @classmethod
    @contextmanager
    def start(cls, host: str, port: int) -> Iterator["Proxy"]:
        """Pass on until the end of the block."""
        proxy = cls(host, port)
        Thread(target=proxy._accept, daemon=True).start()
        try:
            yield proxy
        finally:
            proxy.cut()
            proxy._listener.close()

    def cut(self) -> None:
        """End every connection, and let nobody in."""
        with self._lock:
            self._cut = True
            for end in self._open:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
            self._open.clear()

    def restore(self) -> None:
        """Let everybody in again."""
        self._cut = False

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                with self._lock:
                    if self._cut:
                        near.close()
                        continue
                    far = socket.create_connection(self._target)
                    self._open |= {near, far}
                for source, target in ((near, far), (far, near)):
                    Thread(target=_pump, args=(source, target), daemon=True).start()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
    with suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)
