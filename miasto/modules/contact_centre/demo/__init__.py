"""The made-up year of reports for the demo city: ``load`` is the module's ``demo``."""


def load(*, seed: int) -> None:
    """Three thousand reports over the year up to now, with their lives, and the classifier that has learned from them."""
    from miasto.modules.contact_centre.demo.importing import import_year
    from miasto.modules.contact_centre.likeness.services import train_now

    import_year(seed=seed)
    train_now()
