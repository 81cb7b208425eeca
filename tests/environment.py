"""The environment of every test; loaded before Django's settings (``-p`` in pyproject.toml)."""

import os

os.environ.setdefault("MIASTO_PLAIN_STATIC", "1")
os.environ.setdefault("MIASTO_SECRET_KEY", "a key for tests only")
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
