"""CSV extracts: a header and one row in, facts out."""
