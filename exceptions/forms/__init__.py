"""What people type on the pages of exceptions, one module per subject."""
