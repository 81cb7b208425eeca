"""Start of the engine: alerts are judged and readings are published with every fold, in whichever process it happens."""

from django.apps import AppConfig


class ObservationsConfig(AppConfig):
    name = "miasto.kernel.observations"
    label = "observations"

    def ready(self) -> None:
        from miasto.kernel.observations.alerts.judging import judge
        from miasto.kernel.observations.store import told
        from miasto.kernel.observations.store.folding import after_fold

        after_fold(judge)
        if told.wanted():
            after_fold(told.note, every=True)
