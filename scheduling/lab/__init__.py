"""The message lab: one message through every stage of the pipeline's own functions, and nothing stored."""
