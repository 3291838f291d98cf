"""Puts files into a drop folder whole: written under another name, then renamed."""

from pathlib import Path

from scheduling.simulator.senders.base import NotTakenError
from scheduling.simulator.wire import Delivery


class FolderSender:
    """The folder is made when it is missing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def send(self, delivery: Delivery) -> None:
        """Write one file; a reader never sees half of it, for names with a leading dot are not taken."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            unfinished = self.folder / f".{delivery.name}.part"
            unfinished.write_bytes(delivery.body)
            unfinished.replace(self.folder / delivery.name)
        except OSError as error:
            raise NotTakenError(f"The drop folder cannot be written ({type(error).__name__}).") from error

    async def close(self) -> None:
        """Nothing is open."""
