"""What the engine of files declares."""

from django.utils.translation import gettext_lazy as _

from miasto.kernel.core.module import Engine, Mount
from miasto.kernel.files import personal
from miasto.kernel.spec.accounts import PersonalData

ENGINE = Engine(
    slug="files",
    name=_("Pliki"),
    provides=(
        PersonalData(
            key="files.uploads",
            name=_("Przesłane zdjęcia"),
            retention=_(
                "Metadane zdjęcia, w tym miejsce wykonania, usuwamy przy przesłaniu. Zdjęcia, których nie dołączono do żadnej "
                "sprawy, kasujemy po 48 godzinach. Pozostałe przechowujemy tak długo jak sprawę."
            ),
            purpose=_("Żeby było widać, o co chodzi w zgłoszeniu."),
            stays=_("Zdjęcia, które urząd zrobił po wykonaniu pracy."),
            export=personal.export,
            attachments=personal.attachments,
            erase=personal.erase,
        ),
    ),
    mounts=(Mount("pliki/"),),
)
