"""The made-up year of reports for the demo city: ``load`` is the module's ``demo``."""


def load(*, seed: int) -> None:
    """Three thousand reports of the year up to now with their lives, talks, calls, what waits; the worker learns from them."""
    from miasto.kernel.accounts.selectors import SYSTEM
    from miasto.modules.contact_centre.demo import talks
    from miasto.modules.contact_centre.demo.channels import load_channels
    from miasto.modules.contact_centre.demo.importing import import_year
    from miasto.modules.contact_centre.demo.letters import load_letters
    from miasto.modules.contact_centre.demo.petitions import load_petitions
    from miasto.modules.contact_centre.demo.reporting import report_year
    from miasto.modules.contact_centre.demo.routes import make_routes
    from miasto.modules.contact_centre.demo.seldom import bind_some
    from miasto.modules.contact_centre.demo.shifts import hand_over
    from miasto.modules.contact_centre.demo.waiting import load_waiting
    from miasto.modules.contact_centre.likeness.services import ask_training

    import_year(seed=seed)
    bind_some()
    make_routes()
    load_waiting(seed=seed)
    load_letters(seed=seed)
    load_petitions(seed=seed)
    report_year()
    hand_over(seed=seed)
    ask_training(by=SYSTEM)
    talks.load(seed=seed)
    load_channels(seed=seed)
