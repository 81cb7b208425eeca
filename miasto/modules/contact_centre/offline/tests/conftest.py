"""The small catalogue of the module's tests."""

from miasto.modules.contact_centre.tests.conftest import catalogue

__all__ = ["catalogue"]
