"""What the engine of participation declares."""

from django.utils.translation import gettext_lazy as _

from miasto.kernel.core.module import Engine

ENGINE = Engine(
    slug="participation",
    name=_("Udział mieszkańców"),
    summary=_("Konsultacje, pomysły i głosowania, które każdy może przeliczyć"),
    icon="users",
    provides=(),
)
