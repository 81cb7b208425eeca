"""People of a proposal, in rows of their own: authors, guardians, supporters, and what is typed and not yet filed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from miasto.kernel.core import clock
from miasto.kernel.core.ids import uuid7
from miasto.modules.idea.budget.states import SupportChannel


class ProposalDraft(models.Model):
    """A proposal being written; known to its session (and its account), deleted with time. Its key is that of the project.

    ``data`` holds the fields of the steps done, right or wrong, as they were typed; ``files`` are identifiers of stored files.
    After filing nothing that was typed stays, only ``project_id``.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    edition = models.ForeignKey("idea.Edition", models.CASCADE, related_name="+")
    person = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+")
    data = models.JSONField(default=dict)
    files = models.JSONField(default=list)
    project_id = models.UUIDField(null=True)
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["changed_at"], name="idea_draft_changed")]


class ProjectAuthor(models.Model):
    """An author. ``lead`` is the one who filed and answers. ``name_public``: agreed that the name stands by the project.

    ``child``: younger than the rules let file alone; then the project waits for a ``GuardianConsent``.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    project = models.ForeignKey("idea.Project", models.CASCADE, related_name="authors")
    person = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+")
    lead = models.BooleanField(default=False)
    name = models.CharField(max_length=120, blank=True)
    email = models.CharField(max_length=254, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    postal_address = models.CharField(max_length=300, blank=True)
    name_public = models.BooleanField(default=False)
    child = models.BooleanField(default=False)
    language = models.CharField(max_length=5, default="pl")
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project"], condition=Q(lead=True), name="idea_one_lead_author"),
            models.UniqueConstraint(fields=["project", "person"], condition=Q(person__isnull=False), name="idea_author_once"),
        ]


class GuardianConsent(models.Model):
    """A guardian's consent to a child's proposal, given by the link sent to the guardian or on paper to a clerk."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    author = models.OneToOneField(ProjectAuthor, models.CASCADE, related_name="consent")
    name = models.CharField(max_length=120, blank=True)
    email = models.CharField(max_length=254, blank=True)
    asked_at = models.DateTimeField()
    given_at = models.DateTimeField(null=True)
    on_paper = models.BooleanField(default=False)


class Supporter(models.Model):
    """Somebody on a project's support list; counted once ``confirmed_at`` is set. Names are seen by the verifying unit only.

    ``digest`` is a keyed hash of the folded name and address: the same person by another channel is the same row.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    project = models.ForeignKey("idea.Project", models.CASCADE, related_name="supporters")
    person = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+")
    channel = models.CharField(max_length=8, choices=SupportChannel.choices)
    name = models.CharField(max_length=120, blank=True)
    email = models.CharField(max_length=254, blank=True)
    postal_address = models.CharField(max_length=300, blank=True)
    digest = models.BinaryField(max_length=32)
    email_digest = models.BinaryField(max_length=32, null=True)
    at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "digest"], name="idea_supporter_once"),
            models.UniqueConstraint(
                fields=["project", "person"], condition=Q(person__isnull=False), name="idea_supporter_person_once"
            ),
            models.UniqueConstraint(
                fields=["project", "email_digest"], condition=Q(email_digest__isnull=False), name="idea_supporter_email_once"
            ),
        ]
