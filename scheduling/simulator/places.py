"""Where the desk listens and keeps its files, as the environment says."""

from os import environ
from pathlib import Path

from django.conf import settings


def data_folder() -> Path:
    """The desk's data folder."""
    return Path(environ.get("DATA_DIR") or Path(settings.BASE_DIR) / ".data")


def position_file() -> Path:
    """Where the simulator notes how far it has sent."""
    return data_folder() / "simulator" / "position.json"


def drop_folder(feed_key: str) -> Path:
    """Where a file feed drops its files."""
    return data_folder() / "drop" / feed_key


def mllp_address() -> tuple[str, int]:
    """Host and port of the MLLP listener."""
    return _host(), int(environ.get("MLLP_PORT") or 2575)


def web_address() -> tuple[str, int]:
    """Host and port of the web process."""
    return _host(), int(environ.get("PORT") or 8000)


def _host() -> str:
    """The address to call: a server that listens everywhere is called at home."""
    host = environ.get("BIND", "")
    return "127.0.0.1" if host in {"", "0.0.0.0", "::"} else host  # noqa: S104 - compared, not bound
