"""TLS for MLLP, with client certificates where an authority for them is named."""

import ssl

from scheduling.transports.errors import TransportSettingsError
from scheduling.transports.mllp.settings import ListenerSettings


def tls_context(settings: ListenerSettings) -> ssl.SSLContext | None:
    """The listener's TLS, at least 1.2; None where no certificate is set. Raises TransportSettingsError."""
    if not settings.tls_cert:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(settings.tls_cert, settings.tls_key)
        if settings.tls_client_ca:
            context.load_verify_locations(settings.tls_client_ca)
            context.verify_mode = ssl.CERT_REQUIRED
    except OSError as error:  # ssl.SSLError is one
        reason = error.strerror or type(error).__name__
        raise TransportSettingsError(
            f"The TLS certificate, key or client authority cannot be used: {reason}."
        ) from error
    return context
