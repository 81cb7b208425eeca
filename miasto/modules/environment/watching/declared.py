"""What the watches declare."""

from django.utils.translation import gettext_lazy as _

from miasto.kernel.spec.accounts import PersonalData
from miasto.kernel.spec.notifications import Following, Topic
from miasto.modules.environment.watching import privacy
from miasto.modules.environment.watching.judging import TOPIC, names

DECLARED = (
    Topic(
        key=TOPIC,
        name=_("Próg pod adresem"),
        summary=_("Gdy powietrze, rzeka, hałas albo pogoda pod wybranym adresem przekroczy Twój próg"),
        template="environment/mail/watch",
        subscribable=True,
        channels=("email", "inbox", "push"),
        subjects=names,
    ),
    Following(
        key="environment.watch",
        label=_("Próg pod adresem"),
        hint=_("Napiszemy, gdy powietrze, rzeka, hałas albo pogoda pod wybranym adresem przekroczy próg."),
        url_name="environment_air:watch",
        icon="bell",
        order=20,
    ),
    PersonalData(
        key="environment.watches",
        name=_("Adresy, pod którymi ktoś obserwuje powietrze, rzekę, hałas lub pogodę"),
        purpose=_("Żeby napisać, gdy pod adresem coś przekroczy próg, który ktoś sam wybrał."),
        retention=_("Do rezygnacji; adres, którego nikt nie potwierdził: 7 dni. Wysłane e-maile: 30 dni."),
        export=privacy.export,
        erase=privacy.erase,
    ),
)
