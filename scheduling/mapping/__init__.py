"""Status mapping: from a source's raw signals to a canonical meaning (DESIGN section 6). Pure but for loading."""
