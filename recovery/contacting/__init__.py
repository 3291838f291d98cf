"""May this person be contacted for this, now, how, and if not, why and when again. Pure: facts and a moment in.

Rules and their sources: research on outreach rules is summed up per rule in ``recovery.contacting.rules``. Reading the
facts, for now or as they were known at a past moment, is ``recovery.services.read_contact``.
"""
