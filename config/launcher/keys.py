"""Passwords and keys of one data folder: random, made once, readable by their owner only."""

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from config.launcher.problems import LaunchError


@dataclass(frozen=True)
class Keys:
    """Secrets of the embedded servers and of Django; all are safe inside a URL."""

    superuser: str
    owner: str
    app: str
    redis: str
    secret_key: str


def load_keys(data_dir: Path) -> Keys:
    """Read the keys of a data folder, making them the first time; callers hold the launcher's lock."""
    path = data_dir / "keys.json"
    try:
        return Keys(**json.loads(path.read_text()))
    except FileNotFoundError:
        keys = make_keys()
    except PermissionError as error:
        raise LaunchError(f"{data_dir} belongs to another user; choose your own with DATA_DIR=.") from error
    write_private(path, json.dumps(asdict(keys)))
    return keys


def make_keys() -> Keys:
    """Draw new ones."""
    return Keys(
        superuser=secrets.token_urlsafe(24),
        owner=secrets.token_urlsafe(24),
        app=secrets.token_urlsafe(24),
        redis=secrets.token_urlsafe(24),
        secret_key=secrets.token_urlsafe(50),
    )


def write_private(path: Path, text: str) -> None:
    """Write a file that was never readable by others, not even for a moment, and never half."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
