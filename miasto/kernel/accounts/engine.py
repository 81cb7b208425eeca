"""What the engine of accounts declares."""

from django.utils.translation import gettext_lazy as _

from miasto.kernel.accounts import personal, profile, second_factor
from miasto.kernel.core.module import Engine, Mount, Setup
from miasto.kernel.spec.accounts import ChangeName, Permission, PersonalData, Role
from miasto.kernel.spec.ui import AccountPage, PanelPage, Shared

GROUP = _("Administracja")
CHANGES = {
    "accounts.person_registered": _("założono konto"),
    "accounts.person_imported": _("wczytano konto"),
    "accounts.person_invited": _("wysłano zaproszenie"),
    "accounts.person_changed": _("zmieniono dane konta"),
    "accounts.person_deactivated": _("wyłączono konto"),
    "accounts.second_factor_removed": _("usunięto logowanie dwuskładnikowe"),
    "accounts.person_reactivated": _("włączono konto"),
    "accounts.person_erased": _("usunięto konto i dane osobowe"),
    "accounts.email_confirmed": _("potwierdzono adres e-mail"),
    "accounts.password_changed": _("ustawiono hasło"),
    "accounts.totp_activated": _("włączono logowanie dwuskładnikowe"),
    "accounts.totp_deactivated": _("wyłączono logowanie dwuskładnikowe"),
    "accounts.recovery_codes_generated": _("utworzono kody zapasowe"),
    "accounts.role_granted": _("nadano rolę"),
    "accounts.role_revoked": _("odebrano rolę"),
    "accounts.unit_changed": _("zmieniono dane jednostki"),
    "accounts.personal_expired": _("zanonimizowano dane po terminie"),
    "accounts.link_made": _("utworzono tajny odsyłacz"),
    "accounts.link_revoked": _("unieważniono tajny odsyłacz"),
    "accounts.key_issued": _("wydano klucz programowi"),
    "accounts.key_switched_on": _("włączono klucz programu"),
    "accounts.key_switched_off": _("wyłączono klucz programu"),
}

ENGINE = Engine(
    slug="accounts",
    name=_("Konta i uprawnienia"),
    provides=(
        Shared(key="accounts.competences", models=("accounts.Competence", "accounts.Unit")),
        Permission(key="accounts.manage", name=_("Zarządzanie kontami, rolami i jednostkami")),
        Permission(key="accounts.log", name=_("Przeglądanie dziennika zmian")),
        Permission(key="accounts.api_keys", name=_("Wydawanie kluczy programom")),
        Permission(key="accounts.privacy", name=_("Przeglądanie rejestru danych osobowych")),
        Role(
            key="accounts.data_protection",
            name=_("Inspektor ochrony danych"),
            summary=_("Widzi, jakie dane osobowe trzyma platforma, po co i jak długo, oraz dziennik zmian."),
            permissions=("accounts.privacy", "accounts.log"),
            citywide=True,
        ),
        Role(
            key="accounts.admin",
            name=_("Administrator"),
            summary=_("Zaprasza pracowników, nadaje role, zmienia dane jednostek i czyta dziennik zmian."),
            permissions=("accounts.manage", "accounts.log", "accounts.privacy", "accounts.api_keys", "ui.styleguide"),
            citywide=True,
        ),
        Setup(key="accounts.profile", run=profile.sync_profile, order=10),
        Setup(key="accounts.second_factor", run=second_factor.renew, order=15),
        AccountPage(key="accounts.own_data", label=_("Moje dane"), url_name="accounts:own_data", icon="user-round", order=800),
        AccountPage(
            key="accounts.security",
            label=_("Logowanie i bezpieczeństwo"),
            url_name="accounts:security",
            icon="shield-check",
            order=810,
        ),
        PanelPage(
            key="accounts.people",
            label=_("Osoby i role"),
            url_name="accounts_people:list",
            icon="users",
            permission="accounts.manage",
            group=GROUP,
            order=800,
        ),
        PanelPage(
            key="accounts.units",
            label=_("Jednostki"),
            url_name="accounts_units:list",
            icon="network",
            permission="accounts.manage",
            group=GROUP,
            order=810,
        ),
        PanelPage(
            key="accounts.log",
            label=_("Dziennik zmian"),
            url_name="accounts_log:log",
            icon="scroll-text",
            permission="accounts.log",
            group=GROUP,
            order=820,
        ),
        PanelPage(
            key="accounts.privacy",
            label=_("Dane osobowe"),
            url_name="accounts_privacy:register",
            icon="shield-user",
            permission="accounts.privacy",
            group=GROUP,
            order=830,
        ),
        PersonalData(
            key="accounts.person",
            name=_("Konto"),
            retention=_(
                "Adres e-mail, imię i nazwisko, telefon i język przechowujemy, dopóki masz konto. Konta, którego nie "
                "potwierdzono, nie trzymamy dłużej niż 30 dni. Wysłane wiadomości kasujemy po 30 dniach."
            ),
            purpose=_("Żeby było wiadomo, kto się loguje, i żeby odpowiedzi trafiały do właściwej osoby."),
            stays=_("Sam numer konta w dzienniku zmian, bez danych, które wskazują osobę."),
            export=personal.export_person,
            erase=personal.erase_own_row,
            expire=personal.forget_unconfirmed,
        ),
        *(ChangeName(key=key, name=name) for key, name in CHANGES.items()),
    ),
    mounts=(
        Mount("konto/"),
        Mount("panel/osoby/", "people_urls"),
        Mount("panel/jednostki/", "unit_urls"),
        Mount("panel/dziennik/", "log_urls"),
        Mount("panel/dane-osobowe/", "privacy_urls"),
    ),
)
