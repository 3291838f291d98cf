"""The facts floor of one batch: claim, read, map, merge patients, fold appointments, write. Set-based throughout."""
