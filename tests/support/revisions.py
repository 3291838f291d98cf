"""Plain rows of revisions: plain ones by hand, and random ones as the mapping verbs would store them."""

from hypothesis import strategies as st

from scheduling.mapping.exchange import CODECS
from scheduling.mapping.packs import pack_names, read_pack
from scheduling.mapping.rows import COLUMNS, PlainRow, Table
from scheduling.mapping.validation import ELSEWHERE, STATUSLESS
from scheduling.vocabulary import EventKind, Initiator, SetBy, Status

CLINICS = ("heart", "skin", "007")
# Spreadsheet formulas, our own words, separators, quotes, breaks, spaces, digits that programs reshape.
ODD = ("(none)", "'", "''x", "=1+1", "+49", "-1", "@SUM(A1)", "\t=1", ";", '"', 'a"b', "a\r\nb", "\r", "007", "1E5",
       "TRUE", "MAR1", "12/1", "yes", "null", "\ufeff", " ", "＝1", "Ä·ö")  # fmt: skip


def rule(status="booked", **columns):
    named = dict.fromkeys(COLUMNS[Table.RULE], "") | dict.fromkeys(COLUMNS[Table.RULE][:8])
    flags = {"initiator_by_reason": False, "reopens": True, "suppresses": False, "counts_as_missed": False}
    named |= {"set_by": "person", "pack_row": None, **flags, "status": status, **columns}
    return PlainRow(Table.RULE, tuple(named.values()))


def reason(code, **columns):
    named = dict.fromkeys(COLUMNS[Table.REASON], "") | {"code": code, "pack_row": None, **columns}
    return PlainRow(Table.REASON, tuple(named.values()))


def leads(trigger, word, clinic=None):
    return PlainRow(Table.PRECEDENCE, (clinic, trigger, word))


def texts(limit):
    """Texts that PostgreSQL stores."""
    letters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
    return st.sampled_from(ODD) | st.text(letters, max_size=min(limit, 12)) | st.just("x" * limit)


def trimmed(limit):
    return texts(limit).map(str.strip)


def signals(limit, stars=99):
    return st.none() | st.just("") | trimmed(limit).filter(lambda text: text.count("*") <= stars)


@st.composite
def origins(draw):
    """A row of a pack, or none."""
    if not draw(st.booleans()):
        return {"pack": "", "pack_row": None, "citation": ""}
    pack = read_pack(draw(st.sampled_from(pack_names())))
    return {"pack": pack.name, "pack_row": draw(st.integers(1, len(pack.rows))), "citation": draw(texts(500))}


@st.composite
def meanings(draw):
    """Kind, status and initiator as a rule is stored: a cancellation by the clinic is bumped."""
    status = draw(st.sampled_from(("", *Status.values)))
    if status == Status.BUMPED:
        return draw(st.sampled_from(("", "bumped"))), status, "clinic"
    kinds = set(EventKind.values) - ELSEWHERE if status else STATUSLESS | ELSEWHERE
    initiators = set(Initiator.values) - ({Initiator.CLINIC} if status == Status.CANCELLED else set())
    return draw(st.sampled_from(["", *sorted(kinds)])), status, draw(st.sampled_from(["", *sorted(initiators)]))


@st.composite
def flags(draw):
    return {
        "set_by": draw(st.sampled_from(SetBy.values)),
        **{name: draw(st.booleans()) for name in ("reopens", "suppresses", "counts_as_missed")},
    }


@st.composite
def rules(draw):
    stated = {name: draw(signals(100, 8) if name == "note" else signals(200)) for name in COLUMNS[Table.RULE][1:8]}
    if all(value is None for value in stated.values()):
        stated["trigger"] = draw(trimmed(200))
    kind, status, initiator = draw(meanings())
    return _row(Table.RULE, {
        "clinic": draw(st.none() | st.sampled_from(CLINICS)), **stated, "kind": kind, "status": status,
        "initiator": initiator, "initiator_by_reason": draw(st.booleans()), **draw(flags()),
        "remark": draw(texts(300)), **draw(origins()),
    })  # fmt: skip


@st.composite
def reasons(draw):
    return _row(Table.REASON, {
        "code": draw(trimmed(200).filter(bool)), "text": draw(texts(200)),
        "initiator": draw(st.sampled_from(Initiator.values)), **draw(flags()), **draw(origins()),
    })  # fmt: skip


@st.composite
def precedence(draw):
    clinic = draw(st.none() | st.sampled_from(CLINICS))
    return PlainRow(
        Table.PRECEDENCE, (clinic, draw(trimmed(200)), draw(st.sampled_from(["neither", "status", "trigger"])))
    )


def revisions():
    """Whole revisions without twins."""
    rows = rules() | reasons() | precedence()
    return st.lists(rows, max_size=8, unique_by=lambda row: row.identity)


def _row(table, named):
    assert list(named) == list(CODECS[table])
    return PlainRow(table, tuple(named.values()))
