"""Where data, programs and sockets of the embedded servers lie."""

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from config.launcher.identity import ServerUser, server_user
from config.launcher.problems import LaunchError

# The kernel holds a unix socket's path in 108 bytes, closing zero included.
LONGEST_SOCKET_PATH = 107
LONGEST_SOCKET_NAME = len("/.s.PGSQL.5432.lock")
OWN_HOMES = Path("/var/lib")


@dataclass(frozen=True)
class Places:
    """The folders of one set of embedded servers; `home` holds their data, `data_dir` what only we read."""

    data_dir: Path
    home: Path
    sockets: Path
    user: ServerUser

    @property
    def postgres(self) -> Path:
        """PostgreSQL's data folder."""
        return self.home / "postgres"

    @property
    def redis(self) -> Path:
        """Redis's data folder."""
        return self.home / "redis"

    @property
    def programs(self) -> Path:
        """Where copies of the programs go when the user cannot run them from the virtual environment."""
        return self.home / "programs"


def find_places(data_dir: Path) -> Places:
    """Decide and create the folders; the same data folder always leads to the same answer."""
    create_data_dir(data_dir)
    digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:10]
    own_home = OWN_HOMES / f"recovery-desk-{digest}"
    homes = [data_dir, own_home]
    user = server_user(next((owner for home in homes if (owner := owner_of(home / "postgres")) is not None), None))
    home = choose_home(user, homes)
    sockets = choose_sockets(home, user, digest)
    return Places(data_dir=data_dir, home=home, sockets=sockets, user=user)


def create_data_dir(data_dir: Path) -> None:
    """Make the data folder, passable but not readable for others when root's server user must get through it."""
    try:
        if not data_dir.exists():
            data_dir.mkdir(parents=True, exist_ok=True)  # another command may start at the same moment
            data_dir.chmod(0o711 if os.geteuid() == 0 else 0o700)
        writable = os.access(data_dir, os.W_OK | os.X_OK)
    except OSError:
        writable = False
    if not writable:
        raise LaunchError(f"Cannot write to {data_dir}; choose another folder with DATA_DIR=/path/to/folder.")


def owner_of(path: Path) -> int | None:
    """The uid that owns a path, or None where there is none."""
    try:
        return path.stat().st_uid
    except OSError:
        return None


def choose_home(user: ServerUser, homes: list[Path]) -> Path:
    """Take the home that holds data already, else the first one whose whole path the server user can pass."""
    for home in homes:
        if owner_of(home / "postgres") is not None:
            return home
    preferred, own = homes
    if user.may_enter(preferred):
        return preferred
    own.mkdir(mode=0o711, exist_ok=True)
    own.chmod(0o711)
    return own


def choose_sockets(home: Path, user: ServerUser, digest: str) -> Path:
    """Return a private folder (0700) whose path leaves room for a socket's name."""
    candidates = [home / "run", Path(f"/tmp/recovery-desk-{user.uid}-{digest}")]  # noqa: S108 (checked below)
    folder = next(path for path in candidates if len(os.fsencode(path)) + LONGEST_SOCKET_NAME <= LONGEST_SOCKET_PATH)
    create_private(folder, user)
    return folder


def create_private(folder: Path, user: ServerUser) -> None:
    """Create a folder for the server user alone, and refuse one that somebody else put there."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        found = folder.lstat()
        # Our own, too: whoever starts at the same moment may have made it and not yet given it away.
        is_ours = stat.S_ISDIR(found.st_mode) and found.st_uid in (user.uid, os.geteuid())
        if not is_ours or stat.S_IMODE(found.st_mode) != 0o700:
            raise LaunchError(f"{folder} is not a private folder of the server's user; remove it first.") from None
    user.give(folder)
