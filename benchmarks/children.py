"""Child processes that get ready, wait for a word, work, and say what they saw; so that start-up is not measured."""

import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from benchmarks import scratch


def command_of(module: str, *arguments: object) -> list[str]:
    """How one of our modules is run with Django set up."""
    return [sys.executable, "-m", "benchmarks.inside", module, *map(str, arguments)]


class Child:
    """A module of ours run as a process on one database: ``ready`` first, then one JSON answer for each line."""

    def __init__(self, database: str, module: str, *arguments: object) -> None:
        self.module = module
        self.process = subprocess.Popen(
            command_of(module, *arguments),
            env=scratch.environment_of(database),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        if self._line().strip() != "ready":
            raise RuntimeError(f"{module} did not start")

    def tell(self, word: object) -> None:
        """Send a line and do not wait."""
        if self.process.stdin is None:
            raise RuntimeError("the child has no standard input")
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()

    def answer(self) -> Any:
        """The next answer; raises RuntimeError when the child ended without one."""
        line = self._line()
        if not line:
            raise RuntimeError(f"{self.module} ended with status {self.process.wait()}")
        return json.loads(line)

    def ask(self, word: object) -> Any:
        """Send a line and wait for its answer."""
        self.tell(word)
        return self.answer()

    def end(self) -> None:
        """Close its input, which ends it."""
        self.process.communicate()

    def _line(self) -> str:
        if self.process.stdout is None:
            raise RuntimeError("the child has no standard output")
        return self.process.stdout.readline()


def race(children: Sequence[Child], word: object = "go") -> list[Any]:
    """Let all children go at once and end them; what each answered."""
    for child in children:
        child.tell(word)
    answers = [child.answer() for child in children]
    for child in children:
        child.end()
    return answers
