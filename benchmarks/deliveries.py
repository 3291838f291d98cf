"""What simulated sources sent, as a file that processes hand to each other."""

import pickle
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

Delivery = tuple[str, bytes, datetime]  # feed key, body, moment of arrival


def write(file: Path, deliveries: Sequence[Delivery]) -> None:
    """Write them down in order of arrival."""
    file.write_bytes(pickle.dumps(list(deliveries)))


def read(file: Path) -> list[Delivery]:
    """Read back what ``write`` wrote in this run; never give it a file of somebody else."""
    found: list[Delivery] = pickle.loads(file.read_bytes())
    return found
