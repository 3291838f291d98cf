"""What changes queue items: the batch, and the clock."""
