"""What the engine of discussions declares."""

from django.utils.translation import gettext_lazy as _

from miasto.kernel.core.module import Engine
from miasto.kernel.discussions import events, privacy  # noqa: F401  the events must be known before a listener asks
from miasto.kernel.spec.accounts import ChangeName, PersonalData

ENGINE = Engine(
    slug="discussions",
    name=_("Rozmowy"),
    summary=_("Komentarze i wiadomości przy sprawach i obiektach"),
    icon="message-circle",
    provides=(
        ChangeName(key="discussions.post", name=_("dodano wiadomość")),
        ChangeName(key="discussions.decide", name=_("rozstrzygnięto o wiadomości")),
        PersonalData(
            key="discussions.comments",
            name=_("Komentarze i wiadomości"),
            retention=_(
                "Tak długo jak sprawę, przy której je napisano. Na żądanie usuwamy je od razu. Wiadomości opublikowane po "
                "sprawdzeniu zostają w wersji bez danych osobowych."
            ),
            purpose=_("Żeby dało się wyjaśnić sprawę i na nią odpowiedzieć."),
            stays=_("Ślad, że wiadomość była, bez jej treści."),
            export=privacy.export,
            erase=privacy.erase,
        ),
    ),
)
