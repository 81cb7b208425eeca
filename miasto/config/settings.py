"""Settings of the platform. Everything that differs between places comes from the environment or the city's profile."""

import os
import secrets
from pathlib import Path

from csp.constants import NONE, SELF

from miasto.kernel.accounts import allauth_forms
from miasto.kernel.core import discovery
from miasto.kernel.core.city import city
from miasto.kernel.core.dsn import database

REPOSITORY = Path(__file__).resolve().parents[2]
VAR = Path(os.environ.get("MIASTO_VAR") or REPOSITORY / "var")
CITY = city()
BROUGHT_APPS, BROUGHT_SETTINGS = discovery.installs()


def _flag(name: str) -> bool:
    return os.environ.get(name, "") in ("1", "true", "yes")


DEBUG = _flag("MIASTO_DEBUG")
SECRET_KEY = os.environ.get("MIASTO_SECRET_KEY") or secrets.token_urlsafe(50)
SECRET_KEY_FALLBACKS = os.environ.get("MIASTO_SECRET_KEY_FALLBACKS", "").split()
BASE_URL = os.environ.get("MIASTO_BASE_URL", "http://127.0.0.1:8000").rstrip("/")
HTTPS = BASE_URL.startswith("https://")
ALLOWED_HOSTS = os.environ.get("MIASTO_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [BASE_URL]
CSRF_FAILURE_VIEW = "miasto.kernel.ui.views.csrf_failure"
TRUST_PROXY = _flag("MIASTO_TRUST_PROXY")
RATE_LIMIT_FACTOR = int(os.environ.get("MIASTO_RATE_LIMIT_FACTOR", "1"))

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.gis",
    "django.forms",
    "procrastinate.contrib.django",
    "csp",
    "miasto.kernel.core",
    *discovery.engine_packages(),
    "allauth",
    "allauth.account",
    "allauth.mfa",
    *discovery.module_packages(),
    *BROUGHT_APPS,
    "miasto.demo",
]
MIDDLEWARE = [
    "miasto.kernel.core.middleware.StreamsMiddleware",
    "miasto.kernel.core.middleware.MomentMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "miasto.kernel.accounts.middleware.PrivatePagesMiddleware",
    "miasto.kernel.accounts.middleware.ViewerMiddleware",
    "miasto.kernel.core.middleware.TooManyMiddleware",
]
ROOT_URLCONF = "miasto.config.urls"
ASGI_APPLICATION = "miasto.config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "miasto.kernel.ui.context.page",
            ],
            "builtins": ["miasto.kernel.ui.templatetags.ui", "django.templatetags.i18n"],
        },
    }
]
FORM_RENDERER = "miasto.kernel.ui.forms.Renderer"

DATABASES = {"default": database(os.environ.get("DATABASE_URL", ""), VAR)}
# GDAL opens no file or address here: GeoJSON is parsed as JSON, and only integer SRIDs are transformed (docs/adr/0001).
SILENCED_SYSTEM_CHECKS = ["gis.W001"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "core_cache", "max_entries": 9999}}
SESSION_COOKIE_HTTPONLY = True
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

LANGUAGE_CODE = "pl"
LANGUAGES = [("pl", "Polski"), ("en", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = CITY.timezone
LOCALE_PATHS = [REPOSITORY / "miasto" / "config" / "locale"]

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [VAR / "assets"] if (VAR / "assets").exists() else []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": VAR / "files"}},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage."
        + ("StaticFilesStorage" if _flag("MIASTO_PLAIN_STATIC") else "ManifestStaticFilesStorage"),
        # a reverse proxy of another user reads these, unlike the uploads
        "OPTIONS": {"file_permissions_mode": 0o644, "directory_permissions_mode": 0o755},
    },
}
FILE_UPLOAD_PERMISSIONS = 0o640
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

AUTH_USER_MODEL = "accounts.Person"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/konto/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_ADAPTER = "miasto.kernel.accounts.adapter.Adapter"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_CHANGE_EMAIL = ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_FORMS, MFA_FORMS = allauth_forms.ACCOUNT_FORMS, allauth_forms.MFA_FORMS
MFA_ADAPTER = "miasto.kernel.accounts.adapter.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_TOLERANCE = 1

EMAIL_BACKEND = (
    "miasto.kernel.core.mailbox.EmailBackend"
    if os.environ.get("MIASTO_MAILBOX")
    else "django.core.mail.backends.smtp.EmailBackend"
)
MAILBOX = os.environ.get("MIASTO_MAILBOX", "")
EMAIL_HOST = os.environ.get("MIASTO_SMTP_HOST", "localhost")
EMAIL_PORT = int(os.environ.get("MIASTO_SMTP_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("MIASTO_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("MIASTO_SMTP_PASSWORD", "")
EMAIL_USE_TLS = _flag("MIASTO_SMTP_STARTTLS")
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = os.environ.get("MIASTO_MAIL_FROM", CITY.contacts.get("sender", "miasto@localhost"))
INBOX = os.environ.get("MIASTO_INBOX", CITY.contacts.get("inbox", ""))

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "media-src": [SELF],
        "connect-src": [SELF],
        "worker-src": [SELF, "blob:"],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^zdrowie/$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUST_PROXY else None
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_SAMESITE = "Lax"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "filters": {"tokens": {"()": "miasto.kernel.accounts.logs.HideTokens"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["tokens"]}},
    "root": {"handlers": ["console"], "level": os.environ.get("MIASTO_LOG_LEVEL", "WARNING")},
}
globals().update(BROUGHT_SETTINGS)
