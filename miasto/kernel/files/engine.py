"""What the engine of files declares."""

from django.utils.translation import gettext_lazy as _

from miasto.kernel.core.module import Engine, Mount
from miasto.kernel.files import personal
from miasto.kernel.spec.accounts import ChangeName, PersonalData

ENGINE = Engine(
    slug="files",
    name=_("Pliki"),
    provides=(
        ChangeName(key="files.stored", name=_("przyjęto plik")),
        ChangeName(key="files.attached", name=_("dołączono plik")),
        ChangeName(key="files.released", name=_("odłączono plik")),
        ChangeName(key="files.removed", name=_("usunięto plik")),
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
