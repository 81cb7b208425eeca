"""What every test stands on: settings of the tests, and the fixtures of the kernel's core."""

import os

os.environ.setdefault("MIASTO_PLAIN_STATIC", "1")
os.environ.setdefault("MIASTO_SECRET_KEY", "a key for tests only")
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

pytest_plugins = ["miasto.kernel.core.testing"]
