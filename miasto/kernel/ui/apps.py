"""The design system as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UiConfig(AppConfig):
    name = "miasto.kernel.ui"
    label = "ui"
    verbose_name = _("Wygląd i strony wspólne")
