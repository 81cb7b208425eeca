"""What the analysis of readings declares."""

from django.utils.translation import gettext_lazy as _

from miasto.kernel.observations.access import MANAGE
from miasto.kernel.spec.accounts import ChangeName
from miasto.kernel.spec.ui import PanelPage

DECLARED = (
    ChangeName(key="observations.calibrated", name=_("zmieniono poprawkę czujnika")),
    ChangeName(key="observations.anomaly_judged", name=_("oceniono nietypowe odczyty")),
    ChangeName(key="observations.shape_watched", name=_("zmieniono sposób szukania nietypowych odczytów")),
    ChangeName(key="observations.retention_saved", name=_("zapisano, jak długo trzymać odczyty")),
    ChangeName(key="observations.retention_removed", name=_("usunięto regułę przechowywania odczytów")),
    ChangeName(key="observations.hot_days_chosen", name=_("zmieniono liczbę dni odczytów w bazie")),
    PanelPage(
        key="observations.sensors",
        label=_("Czujniki"),
        url_name="observations_sensors:list",
        icon="activity",
        permission=MANAGE,
        group=_("Pomiary"),
        order=320,
    ),
)
