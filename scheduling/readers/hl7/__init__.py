"""HL7 v2: SIU and ADT messages to facts, tolerant of what real senders do."""
