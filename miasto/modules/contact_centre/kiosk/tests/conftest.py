"""The small catalogue of reports."""

from miasto.modules.contact_centre.tests.conftest import catalogue

__all__ = ["catalogue"]
