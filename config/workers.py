"""The RQ worker of the desk: what failed is told without the values that made it fail."""

import json
import sys
from typing import Any

import structlog
from rq.job import Job
from rq.queue import Queue
from rq.worker import Worker

# Imported for its imports: a worker forks for each job, and the fork should find the jobs' code in memory.
import config.ticks  # noqa: F401
from config.logs import describe_error

log = structlog.get_logger(__name__)


class DeskWorker(Worker):
    """Keeps exception messages, which may quote a patient's row, out of the log and out of Redis."""

    def handle_exception(self, job: Job, *exc_info: Any) -> None:
        """Log the failure by type and place; RQ itself would log the message and the traceback."""
        log.error("job failed", job_id=job.id, function=job.func_name, queue=job.origin, exc_info=exc_info)

    def handle_job_failure(
        self, job: Job, queue: Queue, started_job_registry: Any = None, exc_string: str = ""
    ) -> None:
        """Store the failure in Redis as type and place; RQ calls this while it handles the exception, if any."""
        error = sys.exc_info()[1]
        told = json.dumps(describe_error(error)) if error is not None else exc_string
        super().handle_job_failure(job, queue, started_job_registry, exc_string=told)
