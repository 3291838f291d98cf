"""What can be found wrong, one module per family. Pure: a state in, findings out; no database, no clock.

A module offers ``CHECKS``, the kinds it knows, and where it judges appointments ``find(state)``. The catalogue and the
judge list the modules, so that a new one is one file and one line.
"""
