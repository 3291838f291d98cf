"""Words of the recovery floor. Values are stored, so they never change meaning; labels are what people read."""

from django.db.models import IntegerChoices, TextChoices


class Family(TextChoices):
    """What an item asks for; a refill falls under one of four decisions, by how soon its slot starts."""

    REFILL = "refill", "Refill"
    REBOOK_MISSED = "rebook_missed", "Rebook missed"
    REBOOK_BUMPED = "rebook_bumped", "Rebook bumped"
    CONFIRM = "confirm", "Confirm visit"


class ItemState(TextChoices):
    """Whether a chance still stands."""

    OPEN = "open", "Open"
    CLOSED = "closed", "Closed"


class CloseReason(TextChoices):
    """Why an item closed by itself."""

    BOOKED = "booked", "The visit stands again"
    SLOT_FILLED = "slot_filled", "The slot was filled"
    REBOOKED = "rebooked", "The patient has another visit"
    VISIT_GONE = "visit_gone", "The visit is no longer lost"
    EXPIRED = "expired", "The chance ended"
    TEMPLATE_BLOCKED = "template_blocked", "The template closed the slot"
    UNWANTED = "unwanted", "Outreach is not wanted"
    DONE = "done", "Done by hand"
    CONFIRMED = "confirmed", "The visit is confirmed"
    MOVED = "moved", "The visit was moved"
    CALLED_OFF = "called_off", "The visit was called off"
    ARRIVED = "arrived", "The patient has arrived"
    OVER = "over", "The visit is over"


class HandReason(TextChoices):
    """Why somebody closed a chance by hand; stored with the history of the item."""

    NOT_WANTED = "not_wanted", "The patient does not want it"
    ELSEWHERE = "elsewhere", "They get care elsewhere"
    LETTER_SENT = "letter_sent", "A letter was sent"
    CLINICIAN = "clinician", "The clinician decided against it"
    CLINIC_KEEPS = "clinic_keeps", "The clinic keeps the time"
    NOBODY = "nobody", "Nobody fits"
    DOUBLE = "double", "The same chance twice"
    OTHER = "other", "Something else"


class Level(IntegerChoices):
    """May this act happen now: yes, yes with a warning, no."""

    READY = 0, "Ready"
    WARN = 1, "Warn"
    HELD = 2, "Held"


class ItemEventKind(TextChoices):
    """What happened to an item."""

    OPENED = "opened", "Opened"
    CHANGED = "changed", "Changed"
    CLOSED = "closed", "Closed"
    CLAIMED = "claimed", "Claimed"
    RELEASED = "released", "Let go"
    HANDED_OVER = "handed_over", "Handed over"
    LEASE_ENDED = "lease_ended", "Claim ran out"
    REFUSED = "refused", "Refused"
    CALLED = "called", "Called"
    OUTCOME = "outcome", "Outcome"
    PINNED = "pinned", "Pinned"
    UNPINNED = "unpinned", "Pin ended"
    OFFERED = "offered", "Offered"
    ANSWERED = "answered", "Answered"
    REVEALED = "revealed", "Revealed"
    REOPENED = "reopened", "Opened again"


class Act(TextChoices):
    """What somebody may be about to do with an item; each passes the guard (I5)."""

    CLAIM = "claim", "Take"
    REVEAL = "reveal", "Reveal"
    CALL = "call", "Call"
    TEXT = "text", "Text"
    EMAIL = "email", "E-mail"
    OFFER = "offer", "Offer"
    ACCEPT = "accept", "Accept"
    OUTCOME = "outcome", "Record how it went"
    HAND_OVER = "hand_over", "Hand over"
    CLOSE = "close", "Close"
    REOPEN = "reopen", "Open again"


class OutreachChannel(TextChoices):
    """By which way a person is reached."""

    CALL = "call", "Call"
    TEXT = "text", "Text"
    EMAIL = "email", "E-mail"
    LETTER = "letter", "Letter"


class Topic(TextChoices):
    """What a message is about; consent is asked by topic and channel."""

    REFILL = "refill", "A sooner visit"
    REBOOK = "rebook", "A new visit"
    CONFIRM = "confirm", "A visit to come"
    STOP = "stop", "That we stop"


class Mark(TextChoices):
    """What was learnt about a number or address."""

    REACHED = "reached", "Reached the person"
    CONFIRMED = "confirmed", "Confirmed by the person"
    WRONG = "wrong", "Wrong number"


class OwnerKind(TextChoices):
    """What a contact counter is of."""

    PERSON = "person", "Person"
    NUMBER = "number", "Number"


class AttemptOutcome(TextChoices):
    """How an attempt went (research/recovery.md section 1b); each forces a next step."""

    CONFIRMED = "confirmed", "Will come"
    BOOKED = "booked", "Booked a visit"
    ACCEPTED = "accepted", "Takes the slot"
    DECLINED = "declined", "Does not want it"
    NO_ANSWER = "no_answer", "No answer"
    VOICEMAIL = "voicemail", "Voicemail"
    BUSY = "busy", "Busy"
    WRONG_NUMBER = "wrong_number", "Wrong number"
    THIRD_PARTY = "third_party", "Somebody else answered"
    CALL_BACK = "call_back", "Wants to be called back"
    INTERPRETER = "interpreter", "Interpreter needed"
    BARRIER = "barrier", "Transport or cost"
    NO_CALLS = "no_calls", "Wants no calls"
    CANCELLED = "cancelled", "Cancels the visit"
    DIED = "died", "Has died"
    GONE = "gone", "Already changed"
    SENT = "sent", "Sent"
    PUT_BACK = "put_back", "Not tried"


class NextStep(TextChoices):
    """What has to happen after an outcome; nothing is left without one."""

    WAIT_FOR_EHR = "wait_for_ehr", "Wait for the EHR"
    BOOK_IT = "book_it", "Enter it in the EHR"
    TRY_AGAIN = "try_again", "Try again"
    CALL_BACK = "call_back", "Call back"
    FIX_CONTACT = "fix_contact", "Mend the contact"
    INTERPRETER = "interpreter", "Get an interpreter"
    OTHER_CHANNEL = "other_channel", "Another way"
    NEXT_PERSON = "next_person", "Ask the next person"
    LETTER = "letter", "Send a letter"
    CLINICIAN = "clinician", "Ask the clinician"
    SUPERVISOR = "supervisor", "Ask a supervisor"
    CONSENT = "consent", "Record the refusal"
    CLOSE = "close", "Nothing more"


class EntryOrigin(TextChoices):
    """Where a waitlist entry came from."""

    FEED = "feed", "A feed"
    STAFF = "staff", "Staff"
    FILE = "file", "A file"


class EntryState(TextChoices):
    """Where a waitlist entry stands."""

    WAITING = "waiting", "Waiting"
    BOOKED = "booked", "Got a sooner visit"
    REMOVED = "removed", "Taken off"
    LAPSED = "lapsed", "Not needed any more"


class OfferState(TextChoices):
    """Where an offer stands; PENDING is accepted, with the EHR's booking still to come."""

    LIVE = "live", "Open"
    PENDING = "pending", "Accepted, not booked yet"
    BOOKED = "booked", "Booked"
    DECLINED = "declined", "Declined"
    EXPIRED = "expired", "No answer in time"
    WITHDRAWN = "withdrawn", "Taken back"
    SLOT_GONE = "slot_gone", "The slot is gone"


class OutboundState(TextChoices):
    """Where a text or e-mail stands."""

    WAITING = "waiting", "Waiting"
    SENDING = "sending", "Being sent"
    SENT = "sent", "Sent"
    DELIVERED = "delivered", "Delivered"
    FAILED = "failed", "Not delivered"
    EXPIRED = "expired", "Too late"
    REFUSED = "refused", "Stopped by the guard"


class ReplyMeaning(TextChoices):
    """What a reply says; ASK means that a person has to find out."""

    YES = "yes", "Yes"
    NO = "no", "No"
    STOP = "stop", "No more messages"
    START = "start", "Messages again"
    HELP = "help", "Help"
    ASK = "ask", "To be asked about"


class ReplyAnswer(TextChoices):
    """What a person found out about a reply."""

    CALL = "call", "Call them back"
    VISIT = "visit", "They cancel the visit"
    STOP = "stop", "They want no more messages"
    START = "start", "They want messages again"
    DONE = "done", "Answered, nothing more"


class Movable(TextChoices):
    """Whether a visit of a type may be moved to a freed slot."""

    FREE = "free", "May be moved"
    REVIEW = "review", "Needs a review"
    NEVER = "never", "Never offered"


class Decider(TextChoices):
    """Who decides about an offer of a visit type."""

    SCHEDULER = "scheduler", "Scheduler"
    SUPERVISOR = "supervisor", "Supervisor"
    CLINICIAN = "clinician", "Clinician"


class RiskArm(TextChoices):
    """What was decided for a visit at risk."""

    CONTACT = "contact", "Contact"
    HOLDOUT = "holdout", "Left uncontacted"
