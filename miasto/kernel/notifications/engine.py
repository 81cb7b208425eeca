"""What the engine of notifications declares."""

from django.utils.translation import gettext_lazy as _

from miasto.kernel.core.module import Engine, Mount, Setup
from miasto.kernel.notifications import events, listeners, privacy, push, views, views_push
from miasto.kernel.spec.accounts import ChangeName, PersonalData, SigningOut
from miasto.kernel.spec.notifications import Topic
from miasto.kernel.spec.ui import AccountPage, HeaderItem

ENGINE = Engine(
    slug="notifications",
    name=_("Powiadomienia"),
    summary=_("E-maile i powiadomienia o tym, co się dzieje w sprawach"),
    icon="bell",
    provides=(
        Topic(
            key=listeners.CONFIRM,
            name=_("Potwierdzenie adresu"),
            summary=_("Jedna wiadomość z odsyłaczem, bez którego nie wysyłamy następnych"),
            template="notifications/mail/confirm",
            urgent=True,
            channels=("email",),
        ),
        Topic(
            key=listeners.NEWS,
            name=_("Wieści raz dziennie"),
            summary=_("To, co obserwujesz, zebrane w jednej wiadomości"),
            template="notifications/mail/news",
            channels=("email", "inbox", "push"),
        ),
        ChangeName(key="notifications.subscribed", name=_("zamówiono powiadomienia")),
        ChangeName(key="notifications.subscription_confirmed", name=_("potwierdzono adres do powiadomień")),
        ChangeName(key="notifications.subscription_stopped", name=_("zrezygnowano z powiadomień")),
        PersonalData(
            key="notifications.notices",
            name=_("Powiadomienia, wybór sposobu powiadamiania, to, co ktoś obserwuje, i adresy powiadomień w przeglądarkach"),
            purpose=_("Żeby powiadamiać o tym, o czym ktoś chce wiedzieć, i tylko tak, jak chce."),
            stays=_("Przez rok ślad, że wiadomość wyszła, bez jej treści i bez adresu."),
            retention=_(
                "Powiadomienia i dziennik wysyłki: rok. Wysłane e-maile: 30 dni. Obserwowane: do rezygnacji, "
                "a adres, którego nikt nie potwierdził: 7 dni. Adresy w przeglądarkach: do wyłączenia powiadomień, "
                "a gdy przeglądarka niczego nie obserwuje: 30 dni."
            ),
            export=privacy.export,
            erase=privacy.erase,
            expire=privacy.expire,
        ),
        Setup(key="notifications.push_key", run=push.keys, order=200),
        SigningOut(key="notifications.browser", forget=views_push.forget),
        HeaderItem(key="notifications.bell", template="notifications/bell.html", context=views.bell, order=10),
        AccountPage(
            key="notifications.notices", label=_("Powiadomienia"), url_name="notifications:notices", icon="bell", order=20
        ),
    ),
    mounts=(Mount("konto/powiadomienia/"), Mount("obserwuj/", "urls_following")),
    listens={events.SubscriptionAsked: (listeners.ask_to_confirm,)},
)
