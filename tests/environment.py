"""The environment of every test; loaded before Django's settings (``-p`` in pyproject.toml)."""

import gc
import os

# As in miasto/__main__.py: looking through all that is loaded after each 700 new objects took a seventh of the time of tests.
gc.set_threshold(100_000, 50, 20)

os.environ.setdefault("MIASTO_PLAIN_STATIC", "1")
os.environ.setdefault("MIASTO_SECRET_KEY", "a key for tests only")
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
