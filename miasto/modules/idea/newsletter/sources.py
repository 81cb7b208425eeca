"""What participation has to tell in a newsletter: consultations that take remarks, the budget's phase, meetings ahead."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from miasto.kernel.accounts.selectors import ANONYMOUS
from miasto.kernel.core import clock
from miasto.kernel.participation import selectors
from miasto.kernel.spec.notifications import NewsItem
from miasto.modules.idea.budget import selectors as budgets
from miasto.modules.idea.budget import timing
from miasto.modules.idea.naming import KIND

MOST = 12
SUMMARY = 240


def consultations(language: str) -> Iterator[NewsItem]:
    """Open consultations; 2 queries."""
    with override(language):
        for one in selectors.in_state(selectors.processes(ANONYMOUS, KIND), selectors.OPEN)[:MOST]:
            phase = selectors.open_phase(one)
            until = _("Uwagi do %(day)s.") % {"day": date_format(phase.ends_on)} if phase else ""
            words = f"{one.said('decided', language)[:SUMMARY].strip()} {until}".strip()
            url = selectors.process_url(one)
            yield NewsItem(
                key=str(one.pk), title=one.said("title", language), summary=words, url=url, day=phase and phase.ends_on
            )


def budget(language: str) -> Iterator[NewsItem]:
    """The present phase of the budget's edition that lives; 3 queries."""
    with override(language):
        edition = budgets.current_edition(ANONYMOUS)
        now = next((one for one in timing.line(edition) if one.state == "now"), None) if edition else None
        if edition and now:
            words = _("%(phase)s: do %(day)s.") % {"phase": now.name, "day": date_format(now.ends_on)}
            url = reverse("idea:budget_edition", args=[edition.slug])
            key = f"{edition.pk}-{now.kind}"
            yield NewsItem(key=key, title=edition.title, summary=words, url=url, day=now.ends_on)


def meetings(language: str) -> Iterator[NewsItem]:
    """Meetings ahead; 1 query."""
    now = clock.now()
    with override(language):
        for one in selectors.coming_meetings(ANONYMOUS, KIND).filter(starts_at__gt=now, cancelled_at=None)[:MOST]:
            starts = clock.local(one.starts_at)
            place = one.place or _("przez internet")
            words = f"{date_format(starts.date())}, {starts:%H:%M}, {place}."
            url = f"{selectors.process_url(one.process)}spotkania/{one.pk}/"
            yield NewsItem(key=str(one.pk), title=one.title, summary=words, url=url, day=starts.date())
