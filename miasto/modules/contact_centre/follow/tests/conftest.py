"""The catalogue of the module's own tests."""

from miasto.modules.contact_centre.tests.conftest import catalogue

__all__ = ["catalogue"]
