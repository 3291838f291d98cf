"""Takes FHIR envelopes apart: a Bundle, an array or ndjson becomes one message per resource.

Every entry becomes a message, also the ones nobody can read, so that the ledger counts what came. An entry that
deletes becomes ``{"resourceType": "Appointment", "id": "17", "meta": {…}, "_deleted": true}``, its time and version
taken from the entry's response; FHIR has no resource for "gone". References to ``urn:uuid`` entries of the same Bundle
are written out as ``Type/id``, for the Bundle is the only place that knows them.
"""

import re
from typing import Any

import orjson

from scheduling.facts import Problem
from scheduling.readers.fhir.common import Resource, objects, plain
from scheduling.readers.shapes import Envelope

BOM = b"\xef\xbb\xbf"
_URN_REFERENCE = re.compile(rb'"reference":"(urn:[^"]+)"')
_ETAG = re.compile(r'(?:W/)?"?([^"]+)"?')


def split(body: bytes) -> Envelope:
    """The messages of one FHIR body; a single resource, or what is no JSON at all, is the one message it is."""
    stripped = body.removeprefix(BOM).strip()
    if _is_ndjson(stripped):
        return _split_lines(stripped)
    return _split_document(stripped, body)


def _is_ndjson(stripped: bytes) -> bool:
    """Several lines of which the first, or the second should the first be broken, is a whole JSON value."""
    lines = stripped.split(b"\n", 2)
    return len(lines) > 1 and (_parses(lines[0]) or (len(lines) > 2 and _parses(lines[1]) and not _parses(stripped)))


def _parses(text: bytes) -> bool:
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True


def _split_lines(stripped: bytes) -> Envelope:
    envelope = Envelope()
    for raw in stripped.split(b"\n"):
        line = raw.strip()
        if b'"Bundle"' in line:
            inner = _split_document(line, line)
            envelope.messages += inner.messages
            envelope.problems += inner.problems
        elif line:
            envelope.messages.append(line)
    return envelope


def _split_document(stripped: bytes, body: bytes) -> Envelope:
    if b'"Bundle"' not in stripped and not stripped.startswith(b"["):
        return Envelope([body])
    try:
        document = orjson.loads(stripped)
    except orjson.JSONDecodeError:
        return Envelope([body])
    if type(document) is list:
        return Envelope([_dumped(each) for each in document])
    if type(document) is not dict or document.get("resourceType") != "Bundle":
        return Envelope([body])
    return _split_bundle(document)


def _split_bundle(bundle: Resource) -> Envelope:
    given = bundle.get("entry")
    entries = given if type(given) is list else [given] if given is not None else []
    names = _names_by_urn(entries)
    messages = [_message(entry, bundle, names) for entry in entries]
    return Envelope(messages, problems=_count_problems(bundle, entries))


def _message(entry: Any, bundle: Resource, names: dict[bytes, bytes]) -> bytes:
    if type(entry) is not dict:
        return _dumped(entry)
    request = next(iter(objects(entry.get("request"))), {})
    if request.get("method") == "DELETE":
        return _dumped(_deletion(entry, request, bundle))
    resource = entry.get("resource")
    if type(resource) is not dict:
        return _dumped(entry)
    if not resource.get("id") and (assigned := _tail(entry.get("fullUrl"))):
        resource["id"] = assigned
    message = _dumped(resource)
    if names and b'"urn:' in message:
        message = _URN_REFERENCE.sub(lambda match: b'"reference":"' + names.get(match[1], match[1]) + b'"', message)
    return message


def _dumped(value: Any) -> bytes:
    """The value as JSON. orjson reads deeper nesting (1,024) than it writes (254): what lies between is unreadable."""
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError:
        return b'{"_unreadable":"nested too deeply"}'


def _deletion(entry: Resource, request: Resource, bundle: Resource) -> Resource:
    """The stand-in for a deleted resource. The time is the server's or the Bundle's, never ours."""
    path = (plain(request.get("url"), 1_000) or plain(entry.get("fullUrl"), 1_000) or "").partition("?")[0]
    path, _, version = path.partition("/_history/")
    parts = path.rstrip("/").split("/")
    response = next(iter(objects(entry.get("response"))), {})
    etag = _ETAG.fullmatch(plain(response.get("etag")) or "")
    meta = {
        "versionId": etag[1] if etag else version or None,
        "lastUpdated": response.get("lastModified") or bundle.get("timestamp"),
    }
    return {
        "resourceType": parts[-2] if len(parts) > 1 else parts[-1],
        "id": parts[-1] if len(parts) > 1 else None,
        "meta": {key: value for key, value in meta.items() if value is not None},
        "_deleted": True,
    }


def _names_by_urn(entries: list[Any]) -> dict[bytes, bytes]:
    """``urn:uuid:…`` of each entry to the ``Type/id`` that its resource goes by."""
    names = {}
    for entry in objects_of(entries):
        url, resource = entry.get("fullUrl"), entry.get("resource")
        if type(url) is str and url.startswith("urn:") and type(resource) is dict:
            kind, known = plain(resource.get("resourceType")), plain(resource.get("id")) or _tail(url)
            if kind and known:
                names[orjson.dumps(url)[1:-1]] = orjson.dumps(f"{kind}/{known}")[1:-1]
    return names


def objects_of(entries: list[Any]) -> list[Resource]:
    """The entries that are objects; unlike the lists inside a resource, those of a Bundle are not capped here."""
    return [entry for entry in entries if type(entry) is dict]


def _tail(url: Any) -> str:
    """The last part of a fullUrl: the uuid of a urn, the id of an address."""
    return re.split(r"[:/]", url)[-1] if type(url) is str else ""


def _count_problems(bundle: Resource, entries: list[Any]) -> list[Problem]:
    """A searchset that came whole, in one page, holds as many matches as it says it found."""
    total = bundle.get("total")
    if bundle.get("type") != "searchset" or type(total) is not int:
        return []
    if any(plain(link.get("relation")) in {"next", "previous", "prev"} for link in objects(bundle.get("link"))):
        return []
    matches = sum(
        all(search.get("mode", "match") == "match" for search in objects(entry.get("search")))
        for entry in objects_of(entries)
    )
    return [] if matches == total else [Problem("batch_count", "Bundle.total", f"{total} declared, {matches} found")]
