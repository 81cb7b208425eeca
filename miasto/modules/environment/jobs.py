"""Background jobs of the environment."""

from miasto.kernel.core.jobs import periodic
from miasto.modules.environment import demo


@periodic(name="environment.demo_goes_on", cron="* * * * *")
def demo_goes_on() -> None:
    """The made-up stations of a demo city measure on; does nothing in a real one."""
    demo.go_on()
