"""Read models of the facts pages: what a page prints, asked in a fixed number of queries."""
