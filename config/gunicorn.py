"""How gunicorn serves the web application.

There are as many processes as cores. SQLite has one writer at a time, whom the others stand in line
for: more than four processes would only wait there.
"""

import os

_host = os.environ.get("WEB_HOST", "127.0.0.1")
_port = os.environ.get("WEB_PORT", "8000")

bind = f"[{_host}]:{_port}" if ":" in _host else f"{_host}:{_port}"
_database = os.environ.get("DATABASE_URL") or os.environ.get("DATABASE_URL_FILE") or "sqlite:"
_fitting = min(os.cpu_count() or 1, 4 if _database.startswith("sqlite:") else 8)
workers = int(os.environ.get("WEB_WORKERS") or _fitting)
threads = int(os.environ.get("WEB_THREADS", "8"))
worker_class = "gthread"
timeout = 60
graceful_timeout = 8
control_socket_disable = True
