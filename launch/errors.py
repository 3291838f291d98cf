"""What this floor refuses; people read the sentences."""

from scheduling.mapping.errors import MappingError


class StalePreviewError(MappingError):
    """A preview is not as the person saw it, or what it is about changed under it."""


class PreviewTooWideError(MappingError):
    """More would change than a preview holds in memory (I14)."""
