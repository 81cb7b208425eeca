"""What the inventory of heating declares."""

from django.utils.translation import gettext_lazy as _

from miasto.kernel.spec.accounts import ChangeName, Permission, PersonalData, RoleGrant
from miasto.kernel.spec.ui import PanelPage
from miasto.modules.environment.heating import privacy
from miasto.modules.environment.heating.services import PERMISSION

DECLARED = (
    Permission(key=PERMISSION, name=_("Prowadzi spis źródeł ciepła z ewidencji emisyjności budynków")),
    RoleGrant(key="environment.heating_keeper", role="observations.keeper", permissions=(PERMISSION,)),
    ChangeName(key="environment.heating_asked", name=_("zlecono wczytanie eksportu z ewidencji źródeł ciepła")),
    ChangeName(key="environment.heating_taken", name=_("wczytano eksport z ewidencji źródeł ciepła")),
    PanelPage(
        key="environment.heating",
        label=_("Źródła ciepła"),
        url_name="environment_panel:heating",
        icon="flame",
        permission=PERMISSION,
        group=_("Środowisko"),
        order=60,
    ),
    PersonalData(
        key="environment.heating",
        name=_("Spis źródeł ciepła: adres budynku, rodzaj i klasa pieca, bez nazwisk"),
        purpose=_("Żeby gmina wiedziała, gdzie zostały piece, których zabrania prawo, i komu pomóc w wymianie."),
        retention=_("Źródło używane: dopóki jest w ewidencji. Usunięte: 6 lat, bo tyle lat pokazujemy zmiany."),
        export=privacy.export,
        erase=privacy.erase,
        expire=privacy.expire,
    ),
)
