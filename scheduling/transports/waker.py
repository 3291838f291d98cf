"""Wakes the workers beside the committing thread, so that a slow Redis never holds up an acknowledgement."""

from threading import Event, Thread

from scheduling.services.waking import wake_workers


class Waker:
    """A thread that calls ``wake_workers`` once for however many commits there were since the last call."""

    def __init__(self) -> None:
        self._wanted = Event()
        self._is_stopping = False
        self._thread = Thread(target=self._run, name="waker", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Ask for a wake-up and return at once."""
        self._wanted.set()

    def stop(self, *, seconds: float = 5) -> None:
        """Do what was asked for, then end; gives up waiting after ``seconds``, since the sweep finds the rest."""
        self._is_stopping = True
        self._wanted.set()
        self._thread.join(seconds)

    def _run(self) -> None:
        while not self._is_stopping:
            self._wanted.wait()
            self._wanted.clear()
            wake_workers()
