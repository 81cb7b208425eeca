"""What modules may do with things and readings."""

from miasto.kernel.observations.alerts.judging import look_for_silence
from miasto.kernel.observations.alerts.rules import save_rule
from miasto.kernel.observations.analysis.calibration import calibrate
from miasto.kernel.observations.analysis.deciding import watch_shape
from miasto.kernel.observations.analysis.jobs import look_for_anomalies
from miasto.kernel.observations.analysis.watching import judge_all as judge_sensors
from miasto.kernel.observations.archive.retention import keep_readings
from miasto.kernel.observations.forecasting.jobs import ask_for_forecasts
from miasto.kernel.observations.importing.running import guessed_layout, import_file
from miasto.kernel.observations.importing.undoing import undo_import
from miasto.kernel.observations.ingest import Busy, Ingested, UnknownSeries, import_history, ingest
from miasto.kernel.observations.things import (
    declared_property,
    feature_of,
    import_datastreams,
    property_of,
    save_datastream,
    save_thing,
)

__all__ = [
    "Busy",
    "Ingested",
    "UnknownSeries",
    "ask_for_forecasts",
    "calibrate",
    "declared_property",
    "feature_of",
    "guessed_layout",
    "import_datastreams",
    "import_file",
    "import_history",
    "ingest",
    "judge_sensors",
    "keep_readings",
    "look_for_anomalies",
    "look_for_silence",
    "property_of",
    "save_datastream",
    "save_rule",
    "save_thing",
    "undo_import",
    "watch_shape",
]
