"""Start of the engine: alerts are judged with every fold, in whichever process it happens."""

from django.apps import AppConfig


class ObservationsConfig(AppConfig):
    name = "miasto.kernel.observations"
    label = "observations"

    def ready(self) -> None:
        from miasto.kernel.observations.alerts.judging import judge
        from miasto.kernel.observations.store.folding import after_fold

        after_fold(judge)
