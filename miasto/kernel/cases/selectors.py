"""What others may ask about cases. Every answer is already cut down to what its viewer may know."""

from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.cases.access import Standing, is_filer, standing
from miasto.kernel.cases.callers import cases_of_email, cases_of_phone
from miasto.kernel.cases.case_page import (
    AllowedStep,
    CaseView,
    CommentView,
    PartyView,
    PhotoView,
    StepView,
    allowed_steps,
    case_page,
    view_of,
)
from miasto.kernel.cases.catalogue import (
    CategoryNode,
    Suggestion,
    answer_templates,
    categories,
    leaves,
    suggest_categories,
)
from miasto.kernel.cases.deadlines import Term, months_after
from miasto.kernel.cases.exchange import News, SharedCase, Wanted, news, shared_cases
from miasto.kernel.cases.forecast import Forecast, overdue_forecast
from miasto.kernel.cases.lately import Answered, Week, by_week, latest_answered
from miasto.kernel.cases.learning import Told, told
from miasto.kernel.cases.masking import found_in
from miasto.kernel.cases.models import Case, Category
from miasto.kernel.cases.naming import Named, names_of, published_names
from miasto.kernel.cases.nearby import NearbyCase, nearby_cases
from miasto.kernel.cases.open_statistics import (
    Asked,
    Share,
    Statistics,
    Sum,
    channel_shares,
    first_month,
    months_between,
    open_at_end,
    statistics_by_unit_and_category,
    units_counted,
)
from miasto.kernel.cases.pages import Page
from miasto.kernel.cases.parties import CoFiler, Group, Invitation, addresses, invitation_of
from miasto.kernel.cases.presenting import map_colour, points_geojson
from miasto.kernel.cases.queue import QueueCounts, QueueFilters, queue, queue_counts, queue_points
from miasto.kernel.cases.register import (
    CasePoint,
    RegisterFilters,
    latest,
    my_cases,
    public_register,
    register_points,
)
from miasto.kernel.cases.related import (
    ForwardedView,
    Related,
    RelatedCase,
    Why,
    external_bodies,
    forwarding,
    forwardings_of,
    open_forwardings,
    related,
    supporters_count,
    waiting_outside,
    why_here,
)
from miasto.kernel.cases.routing import Route, route
from miasto.kernel.cases.rows import QueueRow, RegisterRow
from miasto.kernel.cases.statistics import Figures, Recently, recently, statistics
from miasto.kernel.cases.supporting import is_watched, supported_by
from miasto.kernel.cases.types import case_type, case_types
from miasto.kernel.core import clock

__all__ = [
    "AllowedStep",
    "Answered",
    "Asked",
    "CasePoint",
    "CaseView",
    "CategoryNode",
    "CoFiler",
    "CommentView",
    "Figures",
    "Forecast",
    "ForwardedView",
    "Group",
    "Invitation",
    "Named",
    "NearbyCase",
    "News",
    "Page",
    "PartyView",
    "PhotoView",
    "QueueCounts",
    "QueueFilters",
    "QueueRow",
    "Recently",
    "RegisterFilters",
    "RegisterRow",
    "Related",
    "RelatedCase",
    "Route",
    "Share",
    "SharedCase",
    "Standing",
    "Statistics",
    "StepView",
    "Suggestion",
    "Sum",
    "Told",
    "Wanted",
    "Week",
    "Why",
    "addresses",
    "allowed_steps",
    "answer_templates",
    "by_week",
    "case_by_id",
    "case_for",
    "case_page",
    "case_type",
    "case_types",
    "cases_of_email",
    "cases_of_phone",
    "categories",
    "category",
    "category_by_id",
    "channel_shares",
    "due_on",
    "external_bodies",
    "first_month",
    "forwarding",
    "forwardings_of",
    "found_in",
    "invitation_of",
    "is_filer",
    "is_watched",
    "latest",
    "latest_answered",
    "leaves",
    "map_colour",
    "months_after",
    "months_between",
    "my_cases",
    "names_of",
    "nearby_cases",
    "news",
    "number_of",
    "open_at_end",
    "open_forwardings",
    "overdue_forecast",
    "points_geojson",
    "public_register",
    "published_names",
    "queue",
    "queue_counts",
    "queue_points",
    "recently",
    "register_points",
    "related",
    "route",
    "shared_cases",
    "standing",
    "statistics",
    "statistics_by_unit_and_category",
    "suggest_categories",
    "supported_by",
    "supporters_count",
    "told",
    "units_counted",
    "view_of",
    "visible_cases",
    "waiting_outside",
    "why_here",
]  # fmt: skip


def due_on(key: str, received_on: date) -> date:
    """The last day for the answer of a case type, for what was received on a local day; raises ``KeyError``."""
    deadline = case_type(key).deadline
    return Term(received_on, deadline.days, deadline.working, months=deadline.months).due_on


def last_day_of(key: str, filed_at: datetime, transition: str) -> date | None:
    """The last local day on which the law allows a step of a case type (``Transition.limit``); None where it is not limited."""
    limit = case_type(key).transition(transition).limit
    start = clock.local(filed_at).date()
    return Term(start, limit.days, limit.working, months=limit.months).due_on if limit else None


def visible_cases(viewer: Viewer) -> QuerySet:
    """The cases that a viewer may know of."""
    return Case.objects.visible_to(viewer)


def case_for(number: str, viewer: Viewer) -> Case:
    """The case of a number, to be handed to a service; raises ``Case.DoesNotExist`` where the viewer may not know of it."""
    return Case.objects.visible_to(viewer).get(number=number.strip().upper())


def case_by_id(case_id: UUID, viewer: Viewer) -> CaseView:
    """As ``case_page`` by identifier (of a secret link, of an event)."""
    return case_page(Case.objects.visible_to(viewer).values_list("number", flat=True).get(pk=case_id), viewer)


def number_of(case_id: UUID) -> str:
    """The public number of a case, for addresses and messages; raises ``Case.DoesNotExist``."""
    return Case.objects.values_list("number", flat=True).get(pk=case_id)


def category_by_id(category_id: int) -> Category | None:
    """One category by its key, with its parent; None where there is none."""
    return Category.objects.select_related("parent").filter(pk=category_id).first()


def category(case_type: str, slug: str) -> Category:
    """One category; raises ``Category.DoesNotExist``."""
    return Category.objects.select_related("parent").get(case_type=case_type, slug=slug)
