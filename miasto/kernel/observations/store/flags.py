"""The bits of a reading's ``flags``."""

EXTRA = 1  # observations_extra holds more about it
CORRECTED = 2  # another value stood here before
FILLED = 4  # nobody measured it: a gap filled by calculation
RELEASED = 8  # it was in quarantine and a person let it through
CALIBRATED = 16  # the raw value went through a calibration
RESULT_TIME = 32  # resultTime was given and equals the time of the phenomenon
DELETED = 64  # only in observations_late: the reading of this instant is no more
