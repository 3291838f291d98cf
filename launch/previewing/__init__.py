"""What publishing a mapping would do, on every floor at once: the pipeline's stages over a snapshot."""
