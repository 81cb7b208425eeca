"""Personal data in what is about to be published; the finding itself is common to all engines."""

from miasto.kernel.places.masking import found_in, masked

__all__ = ["found_in", "masked"]
