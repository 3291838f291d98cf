"""Words about people and what they may do."""

from django.db.models import TextChoices


class Role(TextChoices):
    """What a grant lets a person do, inside the grant's source or clinic (DESIGN section 13: role x grant)."""

    ACCESS = "access", "Access staff"
    SUPERVISOR = "supervisor", "Access supervisor"
    INTEGRATION = "integration", "Integration owner"
    MAPPING = "mapping", "Mapping admin"
    LAUNCH = "launch", "Launch lead"
    AUDITOR = "auditor", "Auditor"
    ADMIN = "admin", "Administrator"


OVERSEERS = (Role.AUDITOR, Role.ADMIN)


class Theme(TextChoices):
    """Which colours a person chose; AUTO follows the system."""

    AUTO = "auto", "Auto"
    LIGHT = "light", "Light"
    DARK = "dark", "Dark"


class Density(TextChoices):
    """How tall a row is."""

    COSY = "cosy", "Cosy"
    COMPACT = "compact", "Compact"


class AuditAction(TextChoices):
    """What an audit row records; denials are rows of their own."""

    READ = "read", "Read"
    LISTED = "listed", "Listed"
    SEARCHED = "searched", "Searched"
    CHANGED = "changed", "Changed"
    EXPORTED = "exported", "Exported"
    REVEALED = "revealed", "Revealed"
    DENIED = "denied", "Denied"
    SIGNED_IN = "signed_in", "Signed in"
    SIGNED_OUT = "signed_out", "Signed out"
    SIGN_IN_FAILED = "sign_in_failed", "Sign-in failed"
