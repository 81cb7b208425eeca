"""What the engine of files declares."""

from miasto.kernel.core.module import Engine

ENGINE = Engine(slug="files", provides=(), mounts=())
