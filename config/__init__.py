"""Roof and floor of the project: settings, addresses, the pipeline, the launcher and web helpers."""
