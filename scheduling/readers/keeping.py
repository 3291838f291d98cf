"""What readers keep in memory between messages, and how much of it.

Sources repeat themselves: every message about a visit repeats its patient, its room and its staff byte for byte. What
such a text means is kept under the whole text and everything else its meaning depends on (delimiters, zones, settings),
never under a part of it, and only where reading it met no problem. Times, codes and staff are kept likewise.

So a worker holds patient data in its memory for longer than one batch. It stays there: nothing of it is written, logged
or shared with another process, it is bounded, least recently used first, and it is gone when the worker ends. The same
process reads the same data from the database with every batch, so this opens no door that was closed.
"""

from typing import Final

PATIENTS: Final = 4_096  # of one format; a patient takes some 2 kB with its raw text
VISITS: Final = 8_192  # places, staff and times of a visit, some 1 kB each
LONGEST: Final = 2_000  # characters of a raw text; a longer one is read anew each time
CONTEXTS: Final = 256  # settings and zones of feeds
