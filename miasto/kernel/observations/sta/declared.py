"""What the keys of programs allow here."""

from django.utils.translation import gettext_lazy as _

from miasto.kernel.observations.access import MANAGE, WRITE
from miasto.kernel.spec.accounts import ApiRight, ChangeName

STA = (
    ApiRight(key="observations.write", name=_("Wpisuje odczyty"), permissions=(WRITE,), order=200),
    ApiRight(
        key="observations.manage",
        name=_("Zakłada, zmienia i usuwa punkty pomiarowe i ich serie"),
        permissions=(MANAGE, WRITE),
        order=210,
    ),
    ChangeName(key="observations.entity_saved", name=_("zapisano opis w SensorThings")),
    ChangeName(key="observations.entity_removed", name=_("usunięto w SensorThings")),
)
