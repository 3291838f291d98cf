"""HL7's Minimal Lower Layer Protocol: frames over TCP, one acknowledgement for each."""
