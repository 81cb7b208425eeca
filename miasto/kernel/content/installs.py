"""What Wagtail needs of Django's settings (docs/adr/0006). Wagtail is here the editor of texts and nothing else.

``static/wagtailimages/images/Jcrop.gif`` is one empty dot of ours: Wagtail's style sheet names that file of an application
which is not installed, and the static files could not be collected without it.
"""

PREFIX = "WAGTAIL"
APPS = (
    "wagtail.snippets",
    "miasto.kernel.content.wagtail_profiles.EditorProfiles",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
)
SETTINGS = {
    "WAGTAIL_SITE_NAME": "Poradnik",
    "WAGTAILADMIN_BASE_URL": "",
    "WAGTAILADMIN_LOGIN_URL": "account_login",
    "WAGTAIL_WORKFLOW_ENABLED": False,
    "WAGTAIL_ENABLE_UPDATE_CHECK": False,
    "WAGTAIL_ENABLE_WHATS_NEW_BANNER": False,
    "WAGTAIL_GRAVATAR_PROVIDER_URL": None,
    "WAGTAIL_PASSWORD_MANAGEMENT_ENABLED": False,
    "WAGTAIL_PASSWORD_RESET_ENABLED": False,
    "WAGTAIL_EMAIL_MANAGEMENT_ENABLED": False,
    "WAGTAIL_I18N_ENABLED": False,
    "WAGTAIL_AUTOSAVE_INTERVAL": 0,
    "WAGTAILADMIN_PERMITTED_LANGUAGES": [("pl", "Polski"), ("en", "English")],
}
