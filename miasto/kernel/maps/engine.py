"""What the engine of maps declares."""

from django.utils.translation import gettext_lazy as _

from miasto.kernel.core.module import Engine, Mount, Setup
from miasto.kernel.maps import freshness
from miasto.kernel.spec.ui import NavItem

ENGINE = Engine(
    slug="maps",
    name=_("Mapa"),
    summary=_("Warstwy miasta na mapie i jako otwarte dane przestrzenne."),
    provides=(
        NavItem(key="maps.map", label=_("Mapa"), url_name="maps:map", icon="map", order=40),
        Setup(key="maps.triggers", run=freshness.install_triggers, order=900),
    ),
    mounts=(Mount(""),),
)
