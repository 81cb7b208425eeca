"""What the engine of places declares."""

from miasto.kernel.core.module import Engine

ENGINE = Engine(slug="places", provides=(), mounts=())
