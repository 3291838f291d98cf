"""What an HTTP request to the intake carries: its token, its type and its body, read within bounds."""

import zlib
from collections.abc import Iterator, Mapping
from typing import Final

from django.http import HttpRequest

from scheduling.vocabulary import FeedFormat

CHUNK: Final = 64 * 1024
TYPES: Final[Mapping[FeedFormat, frozenset[str]]] = {
    FeedFormat.HL7V2: frozenset(
        {"x-application/hl7-v2+er7", "application/hl7-v2+er7", "application/hl7-v2", "application/hl7", "text/plain"}
    ),
    FeedFormat.FHIR: frozenset(
        {
            *("application/fhir+json", "application/json", "application/json+fhir"),
            *("application/fhir+ndjson", "application/ndjson", "application/x-ndjson"),
        }
    ),
    FeedFormat.CSV: frozenset({"text/csv", "application/csv", "text/plain"}),
}


class RequestRefusedError(Exception):
    """A request that is not taken; ``sentence`` is fit for its sender."""

    def __init__(self, status: int, sentence: str, **headers: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def bearer_token(request: HttpRequest) -> str:
    """The token of the Authorization header, "" where there is none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def check_type(request: HttpRequest, format: FeedFormat) -> None:  # noqa: A002
    """Raise RequestRefusedError 415 for a content type or encoding that the feed does not take."""
    if (request.content_type or "").lower() not in TYPES[format]:
        raise RequestRefusedError(415, f"This feed takes {' or '.join(sorted(TYPES[format]))}.")
    if request.headers.get("Content-Encoding", "identity").lower() not in {"identity", "gzip"}:
        raise RequestRefusedError(415, "A body may be sent as it is or with gzip.")


def read_body(request: HttpRequest, *, limit: int) -> bytes:
    """The body, unpacked; never more than ``limit`` bytes in memory. Raises RequestRefusedError 400, 411 or 413."""
    if "Content-Length" not in request.headers:
        raise RequestRefusedError(411, "Say with Content-Length how long the body is.")
    if int(request.headers["Content-Length"] or 0) > limit:
        raise too_large(limit)
    chunks = _chunks(request)
    if request.headers.get("Content-Encoding", "").lower() == "gzip":
        chunks = unpacked(chunks)
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > limit:
            raise too_large(limit)
    if not body.strip():
        raise RequestRefusedError(400, "The body is empty.")
    return bytes(body)


def too_large(limit: int) -> RequestRefusedError:
    """The refusal of a body over the limit."""
    return RequestRefusedError(413, f"This feed takes bodies of at most {limit:,} bytes.")


def _chunks(request: HttpRequest) -> Iterator[bytes]:
    while chunk := request.read(CHUNK):
        yield chunk


def unpacked(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """What gzipped chunks hold, a chunk of bounded size at a time. Raises RequestRefusedError 400."""
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        for chunk in chunks:
            yield unpacker.decompress(chunk, CHUNK)
            while unpacker.unconsumed_tail:
                yield unpacker.decompress(unpacker.unconsumed_tail, CHUNK)
    except zlib.error as error:
        raise RequestRefusedError(400, "The body is not what gzip makes.") from error
    if not unpacker.eof or unpacker.unused_data:
        raise RequestRefusedError(400, "The gzipped body is cut short, or more follows it.")
