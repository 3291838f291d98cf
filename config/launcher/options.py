"""What a person can choose by environment variable, read and checked once."""

import errno
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from config.launcher.problems import LaunchError

CHECKOUT = Path(__file__).resolve().parent.parent.parent
LOCAL_HOST = "127.0.0.1"


@dataclass(frozen=True)
class Options:
    """The launcher's settings; `demo` fills an empty desk with the demonstration organisation."""

    host: str
    port: int
    mllp_port: int
    data_dir: Path
    demo: bool
    database_url: str | None
    owner_url: str | None
    redis_url: str | None


def read_options(environ: Mapping[str, str]) -> Options:
    """Parse the environment; raises LaunchError with a sentence that names the variable at fault."""
    return Options(
        host=environ.get("BIND") or LOCAL_HOST,
        port=read_port(environ, "PORT", 8000),
        mllp_port=read_port(environ, "MLLP_PORT", 2575),
        data_dir=Path(environ.get("DATA_DIR") or CHECKOUT / ".data").expanduser().absolute(),
        demo=read_switch(environ, "DEMO", default=True),
        database_url=read_secret(environ, "DATABASE_URL"),
        owner_url=read_secret(environ, "DATABASE_OWNER_URL"),
        redis_url=read_secret(environ, "REDIS_URL"),
    )


def read_secret(environ: Mapping[str, str], name: str) -> str | None:
    """Return a value, from the file that `<name>_FILE` points to when there is one, as settings do."""
    if file := environ.get(f"{name}_FILE"):
        try:
            return Path(file).read_text().strip()
        except OSError as error:
            raise LaunchError(f"{name}_FILE cannot be read: {error.strerror}.") from error
    return environ.get(name) or None


def read_port(environ: Mapping[str, str], name: str, default: int) -> int:
    """Return a TCP port from 1 to 65535."""
    text = environ.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise LaunchError(f"{name} must be a number from 1 to 65535, not {text!r}.")
    return int(text)


def read_switch(environ: Mapping[str, str], name: str, *, default: bool) -> bool:
    """Return a yes or no."""
    text = environ.get(name, "").strip().lower()
    if text in {"0", "no", "off", "false"}:
        return False
    if text in {"1", "yes", "on", "true"}:
        return True
    if text:
        raise LaunchError(f"{name} must be 0 or 1, not {text!r}.")
    return default


def check_port(host: str, port: int, *, name: str) -> None:
    """Raise LaunchError unless this process could listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise LaunchError(port_sentence(error, host, port, name)) from error


def port_sentence(error: OSError, host: str, port: int, name: str) -> str:
    """Say why a port cannot be had and what to do about it."""
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is taken; stop what uses it or choose another with {name}={port + 1}."
    if error.errno == errno.EACCES:
        return f"Port {port} needs more rights than this user has; choose one above 1023 with {name}=."
    return f"Cannot listen on {host} port {port} ({error.strerror}); check BIND and {name}."
