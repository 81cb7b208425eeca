"""People, organisations with their units, competences, roles and secret links."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from miasto.kernel.core import clock
from miasto.kernel.core.ids import uuid7

LANGUAGES = [("pl", _("polski")), ("en", _("angielski"))]


class PersonManager(BaseUserManager["Person"]):
    """Finds people by address whatever the case of its letters."""

    def get_by_natural_key(self, username: str | None) -> Person:
        return self.get(email__iexact=username or "")

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Person:
        """A person with a hashed password; without one nobody can log in by a password."""
        person = self.model(email=email.strip().lower(), **fields)
        person.set_password(password)
        person.save()
        return person


class Person(AbstractBaseUser):
    """Someone with an account. After erasure the row stays as a tombstone without personal data."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(_("adres e-mail"), unique=True)
    name = models.CharField(_("imię i nazwisko"), max_length=150, blank=True)
    phone = models.CharField(_("telefon"), max_length=20, blank=True)
    language = models.CharField(_("język wiadomości"), max_length=5, choices=LANGUAGES, default="pl")
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=clock.now)
    erased_at = models.DateTimeField(null=True)

    objects = PersonManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []

    class Meta:
        constraints = [models.UniqueConstraint(Upper("email"), name="person_email_any_case")]
        indexes = [models.Index(fields=["name"], name="person_name")]

    def __str__(self) -> str:
        return str(self.id)

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name


class Organisation(models.Model):
    """The city hall, a company of the city, a commune of the functional area, a firm or a non-governmental organisation."""

    class Kind(models.TextChoices):
        CITY = "city", _("urząd miasta")
        COMPANY = "company", _("spółka lub jednostka miejska")
        COMMUNE = "commune", _("gmina")
        FIRM = "firm", _("firma")
        NGO = "ngo", _("organizacja pozarządowa")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(_("nazwa"), max_length=200)
    kind = models.CharField(_("rodzaj"), max_length=10, choices=Kind.choices)

    def __str__(self) -> str:
        return self.name


class Unit(models.Model):
    """A part of an organisation that answers for something; units form a tree. Validity is in local dates, both included."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(_("nazwa"), max_length=200)
    short_name = models.CharField(_("nazwa skrócona"), max_length=80, blank=True)
    email = models.EmailField(_("adres e-mail"), blank=True)
    phone = models.CharField(_("telefon"), max_length=40, blank=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="units")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    valid_from = models.DateField(_("działa od"), null=True, blank=True)
    valid_to = models.DateField(_("działa do"), null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class Competence(models.Model):
    """That a unit answers for a matter (``"roads.repair"``) from one local date to another, both included."""

    id = models.BigAutoField(primary_key=True)
    key = models.CharField(max_length=80)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="competences")
    since = models.DateField(null=True)
    until = models.DateField(null=True)

    class Meta:
        indexes = [models.Index(fields=["key", "since"], name="competence_key")]


class RoleGrant(models.Model):
    """A role of a person in a unit and all below it (or in the whole city), between two local dates, both included."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="role_grants")
    role = models.CharField(max_length=80)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, related_name="role_grants")
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)

    class Meta:
        indexes = [models.Index(fields=["role", "unit"], name="rolegrant_role")]


class ApiKey(models.Model):
    """A program that may write. The key itself is shown once and kept only as a digest; ``start`` tells keys apart.

    ``rights`` holds keys of declared ``ApiRight``s; ``unit`` binds it to a unit and all below it (None: the whole city).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=120)
    digest = models.CharField(max_length=64, unique=True)
    start = models.CharField(max_length=8)
    rights = models.JSONField(default=list)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, related_name="+")
    per_hour = models.PositiveIntegerField(default=100)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=clock.now)
    created_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    used_on = models.DateField(null=True)

    class Meta:
        ordering = ["-active", "name", "id"]


class SecretLink(models.Model):
    """A link whose holder may see one object without an account. Only a digest of its token is stored."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    digest = models.CharField(max_length=64, unique=True)
    object_id = models.UUIDField(db_index=True)
    purpose = models.CharField(max_length=40)
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField(null=True)
    revoked = models.BooleanField(default=False)
