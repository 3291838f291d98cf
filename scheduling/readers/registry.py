"""The readers by format: what the pipeline reads with."""

from collections.abc import Callable, Mapping

from scheduling.facts import ReaderContext, Reading
from scheduling.readers.csv.reader import read as read_csv
from scheduling.readers.fhir.reader import read as read_fhir
from scheduling.readers.hl7.reader import read as read_hl7
from scheduling.vocabulary import FeedFormat

Reader = Callable[[bytes, ReaderContext], Reading]

READERS: Mapping[FeedFormat, Reader] = {
    FeedFormat.HL7V2: read_hl7,
    FeedFormat.FHIR: read_fhir,
    FeedFormat.CSV: read_csv,
}
