"""An EHR simulator: what really happens in a clinic group, and what its systems say about it."""
