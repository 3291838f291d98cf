"""Run a module of the benchmarks with Django set up: ``python -m benchmarks.inside MODULE [ARGUMENT…]``.

Its models can then be imported where imports stand.
"""

import runpy
import sys

import django

if __name__ == "__main__":
    sys.argv = sys.argv[1:]
    django.setup()
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
