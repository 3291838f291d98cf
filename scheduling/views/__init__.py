"""Pages of the facts floor: appointments, patients, messages, feeds, mappings."""
