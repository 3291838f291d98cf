"""Which system user the embedded servers run as.

PostgreSQL refuses to run as root, so root starts both servers as a user of their own.
"""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.launcher.problems import LaunchError

USER_NAME = "recoverydesk"


@dataclass(frozen=True)
class ServerUser:
    """The user and group the servers run as; `switches` when this process must change to it first."""

    uid: int
    gid: int
    switches: bool

    @property
    def popen_arguments(self) -> dict[str, Any]:
        """What `subprocess` needs to start a program as this user and as nobody else."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.switches else {}

    def give(self, path: Path) -> None:
        """Make this user the owner of a path that the launcher itself created."""
        if self.switches:
            os.chown(path, self.uid, self.gid)

    def may_enter(self, folder: Path) -> bool:
        """Whether this user gets into the folder, found out by trying: modes do not tell of ACLs or mounts."""
        if not self.switches:
            return os.access(folder, os.X_OK)
        return run_quietly(["test", "-x", str(folder)], self)

    def may_run(self, program: Path) -> bool:
        """Whether this user can start the program where it lies."""
        return run_quietly([str(program), "--version"], self)


def run_quietly(command: list[str], user: ServerUser) -> bool:
    """Run a command as the user and say whether it ended well."""
    try:
        done = subprocess.run(command, capture_output=True, cwd="/", check=False, timeout=30, **user.popen_arguments)
    except OSError:
        return False
    return done.returncode == 0


def server_user(data_owner: int | None) -> ServerUser:
    """Choose the user: ourselves, or as root the owner of existing data, else the system user made for it."""
    if os.geteuid() != 0:
        return ServerUser(os.geteuid(), os.getegid(), switches=False)
    if data_owner:
        return ServerUser(data_owner, group_of(data_owner), switches=True)
    return system_user()


def group_of(uid: int) -> int:
    """The primary group of a user, or the group of the same number for a user without an entry."""
    try:
        return pwd.getpwuid(uid).pw_gid
    except KeyError:
        return uid


def system_user() -> ServerUser:
    """Find or create the system user; a machine without useradd lends its unprivileged `nobody`."""
    for create in (False, True):
        if create and shutil.which("useradd"):
            command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", USER_NAME]
            subprocess.run(command, capture_output=True, check=False)
        try:
            entry = pwd.getpwnam(USER_NAME)
        except KeyError:
            continue
        return ServerUser(entry.pw_uid, entry.pw_gid, switches=True)
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError as error:
        raise LaunchError(
            "PostgreSQL will not run as root, and this machine has no other user to run it as."
        ) from error
    return ServerUser(entry.pw_uid, entry.pw_gid, switches=True)
