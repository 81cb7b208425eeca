"""What the pages declare themselves."""

from django.utils.translation import gettext_lazy as _

from miasto.kernel.core.module import Engine, Mount, Setup
from miasto.kernel.spec.accounts import Permission
from miasto.kernel.spec.ui import PanelPage
from miasto.kernel.ui import kept

STYLEGUIDE = Permission(key="ui.styleguide", name=_("Przeglądanie wzornika elementów stron"))

ENGINE = Engine(
    slug="ui",
    name=_("Strony wspólne"),
    provides=(
        STYLEGUIDE,
        Setup(key="ui.triggers", run=kept.install_triggers, order=900),
        PanelPage(
            key="ui.styleguide",
            label=_("Wzornik"),
            url_name="ui:styleguide",
            icon="palette",
            permission="ui.styleguide",
            group=_("Administracja"),
            order=900,
        ),
    ),
    mounts=(Mount(""), Mount("api/", "api_urls")),
)
