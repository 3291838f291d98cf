"""RQ jobs of this floor: ids in, one service called."""

import structlog
from django.utils import timezone

from launch.services.previews import compute_preview

log = structlog.get_logger(__name__)


def preview_revision(preview_id: int) -> None:
    """Compute a preview, if it still waits."""
    compute_preview(preview_id, now=timezone.now())
    log.info("preview computed", preview_id=preview_id)
