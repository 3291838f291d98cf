"""What the EHR still owes: bookings that were promised and have not been heard of."""
