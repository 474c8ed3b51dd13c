"""How gunicorn serves the web application.

SQLite has one writer at a time, so one process with threads answers faster than several processes
that wait for each other's locks; with PostgreSQL raise WEB_WORKERS.
"""

import os

_host = os.environ.get("WEB_HOST", "127.0.0.1")
_port = os.environ.get("WEB_PORT", "8000")

bind = f"[{_host}]:{_port}" if ":" in _host else f"{_host}:{_port}"
workers = int(os.environ.get("WEB_WORKERS", "1"))
threads = int(os.environ.get("WEB_THREADS", "8"))
worker_class = "gthread"
timeout = 60
graceful_timeout = 8
control_socket_disable = True
