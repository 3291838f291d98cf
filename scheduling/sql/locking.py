"""The same query for a batch, which locks what it reads, and for a preview, which may not."""


def for_update(query: str, *, lock: bool) -> str:
    """The query with its rows locked until the transaction ends, or as it is."""
    return f"{query} FOR UPDATE" if lock else query
