"""A live meeting, its questions, who takes part, and what was voted."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from miasto.kernel.core.ids import uuid7

MANAGE = "participation.manage"


class Admission(models.TextChoices):
    """Who takes part, besides those with a card."""

    OPEN = "open", _("każdy, kto ma kod spotkania")
    ACCOUNTS = "accounts", _("każdy po zalogowaniu na konto")
    LISTED = "listed", _("osoby z listy, z kodem osobistym")


class Quorum(models.TextChoices):
    """How the least attendance is said."""

    NONE = "none", _("bez kworum")
    NUMBER = "number", _("podana liczba osób")
    SHARE = "share", _("co najmniej taka część uprawnionych")


class LiveMeetingQuerySet(models.QuerySet):
    """Meetings narrowed to those whom a viewer leads."""

    def managed_by(self, viewer: Any) -> LiveMeetingQuerySet:
        """The meetings of the units in which the viewer prepares participation."""
        units = viewer.units_with(MANAGE)
        return self if units is None else self.filter(unit_id__in=units)


class LiveMeeting(models.Model):
    """A meeting that votes. Whoever knows ``code`` sees its page and screen.

    ``entitled`` is the number of people with the right to vote (a council's statutory number); empty, it is the number of
    people on the list, of cards, or of those who joined. ``cards``: secret votes are given with an anonymous card only.
    ``process_meeting`` is the meeting of a process whose minutes get the results. ``languages`` beside Polish.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=6, unique=True)
    title = models.CharField(max_length=200)
    about = models.TextField(blank=True)
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="+")
    process_meeting = models.ForeignKey("participation.Meeting", models.SET_NULL, null=True, related_name="+")
    languages = models.JSONField(default=list)
    starts_at = models.DateTimeField()
    admission = models.CharField(max_length=8, choices=Admission.choices, default=Admission.OPEN)
    cards = models.BooleanField(default=False)
    entitled = models.PositiveIntegerField(null=True)
    quorum = models.CharField(max_length=6, choices=Quorum.choices, default=Quorum.NONE)
    quorum_number = models.PositiveIntegerField(default=1)
    quorum_parts = models.PositiveSmallIntegerField(default=1)
    quorum_of = models.PositiveSmallIntegerField(default=2)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)

    objects = LiveMeetingQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["-starts_at"], name="idea_live_newest")]
        constraints = [
            models.CheckConstraint(condition=Q(ended_at=None) | Q(started_at__isnull=False), name="idea_live_ends_after_start"),
            models.CheckConstraint(condition=Q(published_at=None) | Q(ended_at__isnull=False), name="idea_live_results_last"),
            models.CheckConstraint(condition=Q(quorum_of__gte=models.F("quorum_parts")), name="idea_live_quorum_is_a_share"),
        ]

    @property
    def running(self) -> bool:
        """Whether questions may be opened now."""
        return self.started_at is not None and self.ended_at is None


class Kind(models.TextChoices):
    """What is asked."""

    YES_NO = "yes_no", _("za, przeciw, wstrzymuję się")
    ONE = "one", _("jedna z kilku odpowiedzi")
    SEVERAL = "several", _("kilka odpowiedzi")
    SCALE = "scale", _("skala od 1 do 5")
    WORDS = "words", _("chmura słów")
    OPEN = "open", _("odpowiedź własnymi słowami")


WRITTEN = (Kind.WORDS, Kind.OPEN)
DECIDING = (Kind.YES_NO, Kind.ONE, Kind.SEVERAL)


class Majority(models.TextChoices):
    """What decides."""

    NONE = "none", _("sondaż – nic nie rozstrzyga")
    SIMPLE = "simple", _("zwykła większość")
    ABSOLUTE = "absolute", _("bezwzględna większość")
    QUALIFIED = "qualified", _("kwalifikowana większość")


class Base(models.TextChoices):
    """Of what an absolute or a qualified majority is counted."""

    CAST = "cast", _("oddanych głosów")
    PRESENT = "present", _("obecnych")
    ENTITLED = "entitled", _("uprawnionych (ustawowego składu)")


class SecondRound(models.TextChoices):
    """What happens where nobody has the majority."""

    NO = "no", _("nie ma")
    BUTTON = "button", _("przygotuję ją przyciskiem")
    AUTO = "auto", _("przygotuje się sama po zamknięciu")


class State(models.TextChoices):
    """Where a question stands."""

    PLANNED = "planned", _("przygotowane")
    OPEN = "open", _("trwa głosowanie")
    CLOSED = "closed", _("zamknięte")


class LiveQuestion(models.Model):
    """One point of the agenda. ``options`` are the texts of the answers (yes/no and scales have fixed ones).

    ``version`` grows when the wording of an open question is mended; the answers on offer never change then. ``result`` is
    what ``rules.decide`` said at the close with the tally. ``hidden_words`` are left out of the cloud, ``merged_words`` is
    ``{"word": "shown as"}``. ``translations`` is ``{"en": {"title": ..., "options": [...]}}``. ``present_*`` are those who
    may vote on it: at the opening, at the close.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    meeting = models.ForeignKey(LiveMeeting, models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    title = models.CharField(max_length=300)
    note = models.TextField(blank=True)
    options = models.JSONField(default=list)
    translations = models.JSONField(default=dict)
    secret = models.BooleanField(default=True)
    changeable = models.BooleanField(default=False)
    majority = models.CharField(max_length=9, choices=Majority.choices, default=Majority.NONE)
    base = models.CharField(max_length=8, choices=Base.choices, default=Base.CAST)
    parts = models.PositiveSmallIntegerField(default=2)
    of = models.PositiveSmallIntegerField(default=3)
    seats = models.PositiveSmallIntegerField(default=1)
    most = models.PositiveSmallIntegerField(default=1)
    second_round = models.CharField(max_length=6, choices=SecondRound.choices, default=SecondRound.NO)
    round = models.PositiveSmallIntegerField(default=1)
    previous = models.OneToOneField("self", models.SET_NULL, null=True, related_name="following")
    limit_s = models.PositiveIntegerField(null=True)
    state = models.CharField(max_length=7, choices=State.choices, default=State.PLANNED)
    version = models.PositiveSmallIntegerField(default=1)
    opened_at = models.DateTimeField(null=True)
    closes_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    present_open = models.PositiveIntegerField(default=0)
    present_close = models.PositiveIntegerField(default=0)
    entitled = models.PositiveIntegerField(default=0)
    result = models.JSONField(default=dict)
    shown_at = models.DateTimeField(null=True)
    hidden_words = models.JSONField(default=list)
    merged_words = models.JSONField(default=dict)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["meeting"], condition=Q(state="open"), name="idea_live_one_open_question"),
            models.CheckConstraint(condition=Q(of__gte=models.F("parts")), name="idea_live_majority_is_a_share"),
        ]

    def said(self, language: str) -> tuple[str, list[str]]:
        """The question and its answers in a language; in the city's own where nobody translated it."""
        told = self.translations.get(language, {})
        options = told.get("options") or []
        return told.get("title") or self.title, options if len(options) == len(self.options) else self.options


class Role(models.TextChoices):
    """As whom somebody takes part."""

    GUEST = "guest", _("gość")
    ACCOUNT = "account", _("osoba z kontem")
    LISTED = "listed", _("osoba z listy")
    CARD = "card", _("karta do głosowania")


class LiveParticipant(models.Model):
    """Somebody who takes part. A card has no name and nobody writes down who got it.

    ``secret`` is a keyed digest of the code on the card, or on the sheet of a listed person; the code itself is stored
    nowhere. The identifier is random: it says nothing of the order in which people came.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(LiveMeeting, models.CASCADE, related_name="participants")
    role = models.CharField(max_length=7, choices=Role.choices)
    secret = models.CharField(max_length=40, null=True)
    place = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=150, blank=True)
    person = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+")
    remote = models.BooleanField(default=False)
    joined_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["meeting", "role"], name="idea_live_participants")]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "secret"], name="idea_live_one_secret"),
            models.UniqueConstraint(fields=["meeting", "person"], name="idea_live_one_person"),
        ]


class LiveSpent(models.Model):
    """That somebody has voted in secret on a question: no time, a random key, nothing of the answer."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    question = models.ForeignKey(LiveQuestion, models.CASCADE, related_name="+")
    participant = models.ForeignKey(LiveParticipant, models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["question", "participant"], name="idea_live_one_secret_vote")]


class LiveBallot(models.Model):
    """An answer without its voter: no time, a random key. ``answer`` is a list of option numbers, of words, or one text.

    At the close all ballots of the question are written anew in the order of fresh random keys. ``shown`` lets an answer in
    own words be read by everybody.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    question = models.ForeignKey(LiveQuestion, models.CASCADE, related_name="+")
    answer = models.JSONField()
    shown = models.BooleanField(default=False)


class LiveRollCall(models.Model):
    """What somebody answered by name. ``by_hand``: said aloud and written down by the office."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    question = models.ForeignKey(LiveQuestion, models.CASCADE, related_name="+")
    participant = models.ForeignKey(LiveParticipant, models.CASCADE, related_name="+")
    answer = models.JSONField()
    at = models.DateTimeField()
    by_hand = models.BooleanField(default=False)
    shown = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["question", "participant"], name="idea_live_one_roll_call_vote")]
