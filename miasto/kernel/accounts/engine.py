"""What the engine of accounts declares."""

from miasto.kernel.core.module import Engine

ENGINE = Engine(slug="accounts", provides=(), mounts=())
