"""What the engine of observations declares."""

from django.utils.translation import gettext_lazy as _

from miasto.kernel.core.module import Disk, Engine, Mount
from miasto.kernel.observations.access import ALERTS, MANAGE, WRITE
from miasto.kernel.observations.alerts.declared import DECLARED as ALERTING
from miasto.kernel.observations.analysis.declared import DECLARED as ANALYSING
from miasto.kernel.observations.archive.place import disk
from miasto.kernel.observations.importing.declared import DECLARED as IMPORTING
from miasto.kernel.observations.listing import page_of
from miasto.kernel.observations.quarantine.declared import DECLARED as QUARANTINE
from miasto.kernel.observations.sta.declared import STA
from miasto.kernel.spec.accounts import ChangeName, Permission, Role
from miasto.kernel.spec.observations import ThingKind
from miasto.kernel.spec.places import ObjectKind

ENGINE = Engine(
    slug="observations",
    provides=(
        ObjectKind(
            key="observations.thing",
            model="observations.Thing",
            name=_("punkt pomiarowy"),
            name_plural=_("punkty pomiarowe"),
            icon="radio",
            url=page_of,
        ),
        Disk(key="observations.archive", folder=disk),
        ThingKind(key="observations.thing", name=_("punkt pomiarowy"), name_plural=_("punkty pomiarowe")),
        Permission(key=MANAGE, name=_("Zarządza punktami pomiarowymi, ich seriami i odczytami w kwarantannie")),
        Permission(key=WRITE, name=_("Wpisuje odczyty")),
        Permission(key=ALERTS, name=_("Ustala reguły alertów i obsługuje alerty")),
        Role(
            key="observations.keeper",
            name=_("Opiekun pomiarów"),
            summary=_("Prowadzi punkty pomiarowe swojej jednostki, ocenia odczyty w kwarantannie i obsługuje alerty."),
            permissions=(MANAGE, WRITE, ALERTS),
        ),
        ChangeName(key="observations.thing_saved", name=_("zapisano punkt pomiarowy")),
        ChangeName(key="observations.datastream_saved", name=_("zapisano serię pomiarową")),
        *ALERTING,
        *STA,
        *ANALYSING,
        *QUARANTINE,
        *IMPORTING,
    ),
    mounts=(
        Mount("panel/alerty/", "alerts.urls"),
        Mount("panel/czujniki/", "analysis.urls"),
        Mount("panel/kwarantanna/", "quarantine.urls"),
        Mount("prognozy/", "forecasting.urls"),
        Mount("panel/pomiary/wgraj/", "importing.urls"),
        Mount("api/sta/", "sta.urls"),
        Mount("odczyty/", "live_urls"),
        Mount("api/ngsi-ld/v1/", "ngsi_urls"),
    ),
)
