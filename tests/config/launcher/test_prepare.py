"""The first file that runs, perhaps under a Python that is too old."""

import ast
import subprocess
import sys
from pathlib import Path

from config.launcher import prepare

SOURCE = Path(prepare.__file__)
PRETEND_OLD = f"""
import runpy, sys
sys.version_info = (3, 9, 2, "final", 0)
runpy.run_path({str(SOURCE)!r}, run_name="__main__")
"""


def prepare_with_old_python(path: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", PRETEND_OLD]
    return subprocess.run(command, capture_output=True, text=True, env={"PATH": path}, check=False)


def test_an_old_python_can_read_the_file():
    ast.parse(SOURCE.read_text(), feature_version=(3, 4))


def test_an_old_python_without_a_newer_one_beside_it_gets_one_sentence():
    done = prepare_with_old_python("/nowhere")

    assert (done.returncode, done.stdout, done.stderr) == (
        1,
        "",
        "Recovery Desk needs Python 3.11 or newer, and this is 3.9; name one with PYTHON=/path/to/python3 make run.\n",
    )


def test_an_old_python_hands_over_to_a_newer_one(tmp_path):
    newer = tmp_path / "python3.11"
    newer.write_text('#!/bin/sh\n[ "$1" = -c ] || echo "handed over: $1"\n')
    newer.chmod(0o755)
    done = prepare_with_old_python(str(tmp_path))

    assert (done.returncode, done.stdout) == (0, f"handed over: {SOURCE}\n")
