"""The RQ worker of the desk."""

from rq.worker import Worker


class DeskWorker(Worker):
    """RQ's worker."""
