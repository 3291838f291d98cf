"""Posts resources to the intake address with the feed's bearer token."""

import asyncio
from http.client import HTTPConnection, HTTPException

from scheduling.simulator.senders.base import NotTakenError, RefusedError
from scheduling.simulator.wire import Delivery

ANSWER_WITHIN = 15.0


class HttpSender:
    """One kept connection to the web process, used from a thread so that the loop is free."""

    def __init__(self, host: str, port: int, path: str, token: str) -> None:
        self.path = path
        self._connection = HTTPConnection(host, port, timeout=ANSWER_WITHIN)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/fhir+json"}

    async def send(self, delivery: Delivery) -> None:
        """Post one resource; 2xx means stored."""
        try:
            status = await asyncio.to_thread(self._post, delivery.body)
        except (OSError, HTTPException) as error:
            self._connection.close()
            raise NotTakenError(f"No answer from the web process ({type(error).__name__}).") from error
        if status in {400, 413, 415, 422}:
            raise RefusedError(f"The intake answered {status}.")
        if not 200 <= status < 300:
            raise NotTakenError(f"The intake answered {status}.")

    def _post(self, body: bytes) -> int:
        self._connection.request("POST", self.path, body, self._headers)
        answer = self._connection.getresponse()
        answer.read()
        return answer.status

    async def close(self) -> None:
        """Close the connection."""
        self._connection.close()
