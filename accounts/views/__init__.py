"""Pages about people, and the frame's own."""
