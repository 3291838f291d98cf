"""How the listener listens: from the command line and the environment (docs/running.md)."""

from collections.abc import Mapping
from dataclasses import dataclass

from scheduling.transports.errors import TransportSettingsError

DEFAULT_PORT = 2575


@dataclass(frozen=True)
class ListenerSettings:
    """``idle_seconds`` bounds the quiet between messages, ``frame_seconds`` the time one message may take to come."""

    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    idle_seconds: float = 3600
    frame_seconds: float = 60
    answer_seconds: float = 30
    max_connections: int = 500
    stop_seconds: float = 10
    reuse_port: bool = False
    tls_cert: str = ""
    tls_key: str = ""
    tls_client_ca: str = ""


def read_settings(
    environ: Mapping[str, str], *, host: str | None = None, port: int | None = None, reuse_port: bool = False
) -> ListenerSettings:
    """The settings; what the command line gives comes first. Raises TransportSettingsError."""
    cert, key = environ.get("MLLP_TLS_CERT", ""), environ.get("MLLP_TLS_KEY", "")
    client_ca = environ.get("MLLP_TLS_CLIENT_CA", "")
    if bool(cert) != bool(key):
        raise TransportSettingsError("MLLP_TLS_CERT and MLLP_TLS_KEY must be given together.")
    if client_ca and not cert:
        raise TransportSettingsError("MLLP_TLS_CLIENT_CA needs MLLP_TLS_CERT and MLLP_TLS_KEY.")
    return ListenerSettings(
        host=host or environ.get("BIND") or ListenerSettings.host,
        port=port if port is not None else int(_number(environ, "MLLP_PORT", DEFAULT_PORT, most=65535)),
        idle_seconds=_number(environ, "MLLP_IDLE_SECONDS", 3600),
        frame_seconds=_number(environ, "MLLP_FRAME_SECONDS", 60),
        max_connections=int(_number(environ, "MLLP_MAX_CONNECTIONS", 500)),
        reuse_port=reuse_port,
        tls_cert=cert,
        tls_key=key,
        tls_client_ca=client_ca,
    )


def _number(environ: Mapping[str, str], name: str, default: float, *, most: float = 1_000_000) -> float:
    text = environ.get(name) or str(default)
    try:
        number = float(text)
    except ValueError:
        number = -1
    if not 0 < number <= most:
        raise TransportSettingsError(f"{name} must be a number above 0 and at most {most:,.0f}, not {text!r}.")
    return number
