"""The Celery application: two named queues and the schedule of the loop's recurring work."""

import gc
import os

from celery import Celery
from celery.signals import worker_process_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("tagloop")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_init.connect
def _keep_what_is_loaded(**_: object) -> None:
    # Code stays as long as the process: collections need not walk it amid a job.
    gc.freeze()
