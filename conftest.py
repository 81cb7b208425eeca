"""What every test stands on: the fixtures of the kernel's core."""

pytest_plugins = ["miasto.kernel.core.testing", "miasto.kernel.core.migrated", "miasto.kernel.observations.emptied"]
