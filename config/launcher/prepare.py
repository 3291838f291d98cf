"""Create or refresh the virtual environment, with whatever Python `make` found.

Run as a script before any package is there, perhaps by a Python far too old: so this
file keeps to syntax that every Python 3 can read, and imports nothing of ours.
"""

import hashlib
import os
import shutil
import subprocess
import sys

OLDEST = (3, 11)
CANDIDATES = ("python3.13", "python3.12", "python3.11", "python3.14")
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LOCK = os.path.join(ROOT, "requirements", "lock.txt")


def main() -> int:
    """Bring `.venv` to the state of the lock file; a stamp makes the second time quick."""
    if sys.version_info < OLDEST:
        return continue_with_newer()
    venv = os.path.join(ROOT, ".venv")
    python = os.path.join(venv, "bin", "python")
    stamp = os.path.join(venv, ".locked-" + lock_digest())
    if os.path.exists(stamp):
        return 0
    try:
        if not os.path.exists(python):
            print("Creating the virtual environment in .venv ...")
            create_environment(venv)
        print("Installing the packages of requirements/lock.txt ...")
        install(python)
        with open(stamp, "w"):
            pass
    except OSError as error:
        return refuse("Cannot write to {}: {}.".format(venv, error.strerror or error))
    except subprocess.CalledProcessError:
        return refuse("Setting up .venv failed; what pip or venv said stands above.")
    return 0


def continue_with_newer() -> int:
    """Hand over to a newer Python when there is one on PATH, else say what is needed."""
    for name in CANDIDATES:
        newer = shutil.which(name)
        # A version manager's shim may be there without the version behind it, so the candidate must answer.
        if newer and subprocess.call([newer, "-c", ""], stderr=subprocess.DEVNULL) == 0:
            return subprocess.call([newer, os.path.abspath(__file__)])
    return refuse(
        "Recovery Desk needs Python {}.{} or newer, and this is {}.{}; "
        "name one with PYTHON=/path/to/python3 make run.".format(OLDEST[0], OLDEST[1], *sys.version_info[:2])
    )


def lock_digest() -> str:
    """Digest of the lock file and of the Python that reads it: either one changing asks for a new install."""
    with open(LOCK, "rb") as lock:
        return hashlib.sha256(lock.read() + sys.version.encode()).hexdigest()[:16]


def create_environment(venv: str) -> None:
    """Run `venv`; Debian keeps its pip in a package of its own, which root can fetch."""
    if subprocess.call([sys.executable, "-c", "import ensurepip"], stderr=subprocess.DEVNULL) != 0:
        if os.geteuid() != 0 or not shutil.which("apt-get"):
            raise SystemExit(refuse("This Python has no venv; install it first (Debian: apt install python3-venv)."))
        subprocess.check_call(["apt-get", "update", "-qq"])
        subprocess.check_call(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "python3-venv"])
    subprocess.check_call([sys.executable, "-m", "venv", "--clear", venv])


def install(python: str) -> None:
    """Install exactly what the lock file names, every file held against its digest."""
    pip = [python, "-m", "pip", "--disable-pip-version-check", "--no-input"]
    subprocess.check_call([*pip, "install", "--quiet", "--require-hashes", "--only-binary", ":all:", "-r", LOCK])


def refuse(sentence: str) -> int:
    """Print why it cannot go on; the caller ends with the status returned."""
    print(sentence, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
