"""What the results page counts: each number defined once, pure; SQL brings the counts (recovery.selectors.results)."""
