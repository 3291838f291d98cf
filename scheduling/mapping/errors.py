"""What the mapping verbs refuse; people read the sentences."""


class MappingError(Exception):
    """A mapping verb that cannot be done; the text is a sentence fit for the screen."""


class UnknownPackError(MappingError):
    """There is no starter pack of this name, or it has no such row."""


class StaleRevisionError(MappingError):
    """Somebody else changed or moved the revision first."""


class NotAllowedError(MappingError):
    """This person may not do this to this revision: its makers do not approve it."""


class InvalidMappingError(MappingError):
    """A rule, reason or setting that makes no sense or is there already."""
