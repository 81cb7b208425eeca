"""Versions of the routing rules: a draft is written, tried and switched on; what was in force before stays to be read."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.accounts.services import require
from miasto.kernel.cases.models import RoutingPlan, RoutingRule
from miasto.kernel.cases.routing import named
from miasto.kernel.core import changes, clock

MANAGE = "cases.routing"
KIND = "cases.routing"
RULE_FIELDS = (
    "priority", "category", "area", "owner", "street_class", "unit", "body", "valid_from", "valid_to", "note",
)  # fmt: skip


def plans() -> list[RoutingPlan]:
    """Every version, the newest first; 1 query."""
    return list(RoutingPlan.objects.all())


def rules_of(plan: RoutingPlan | None) -> list[RoutingRule]:
    """The rules of a version in their order, with names; 1 query."""
    return list(named(RoutingRule.objects.filter(plan=plan))) if plan else []


@transaction.atomic
def open_draft(*, by: Viewer) -> RoutingPlan:
    """The draft; a new one begins as a copy of the rules in force. Needs ``cases.routing``."""
    require(by, MANAGE)
    _one_at_a_time()
    draft = RoutingPlan.objects.filter(state=RoutingPlan.State.DRAFT).first()
    if draft is not None:
        return draft
    last = RoutingPlan.objects.aggregate(last=Max("number"))["last"] or 0
    draft = RoutingPlan.objects.create(number=last + 1, made_at=clock.now(), made_by=by.person_id)
    for rule in RoutingRule.objects.filter(plan__state=RoutingPlan.State.ACTIVE):
        rule.pk, rule.plan, rule._state.adding = RoutingRule._meta.pk.get_default(), draft, True
        rule.save(force_insert=True)
    _record("routing_drafted", draft, by)
    return draft


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('cases.routing'))")


def _draft(by: Viewer) -> RoutingPlan:
    require(by, MANAGE)
    _one_at_a_time()
    draft = RoutingPlan.objects.filter(state=RoutingPlan.State.DRAFT).first()
    if draft is None:
        raise ValidationError(_("Nie ma wersji roboczej. Zacznij od „Przygotuj zmiany”."), code="no_draft")
    return draft


@transaction.atomic
def save_rule(*, rule_id: UUID | None, case_type: str, by: Viewer, **values: Any) -> RoutingRule:
    """Write a rule of the draft (``RULE_FIELDS``), new or changed. Raises ``PermissionDenied`` and ``ValidationError``."""
    draft = _draft(by)
    rule = RoutingRule.objects.filter(plan=draft, pk=rule_id).first() if rule_id else None
    rule = rule or RoutingRule(plan=draft, case_type=case_type)
    for name in RULE_FIELDS:
        if name in values:
            setattr(rule, name, values[name])
    _check(rule)
    rule.save()
    _record("routing_rule_saved", draft, by, rule=str(rule.pk))
    return rule


def _check(rule: RoutingRule) -> None:
    wrong: dict[str, str] = {}
    if not (rule.category_id or rule.area_id or rule.owner or rule.street_class):
        wrong["category"] = _("Podaj choć jeden warunek: kategorię, obszar albo drogę.")
    if not (rule.unit_id or rule.body_id):
        wrong["unit"] = _("Wybierz jednostkę albo instytucję, do której trafi sprawa.")
    if rule.valid_from and rule.valid_to and rule.valid_to < rule.valid_from:
        wrong["valid_to"] = _("Data końca nie może być wcześniejsza niż data początku.")
    if rule.category_id and rule.category.case_type != rule.case_type:
        wrong["category"] = _("Wybierz kategorię z listy.")
    if wrong:
        raise ValidationError(wrong)


@transaction.atomic
def delete_rule(*, rule_id: UUID, by: Viewer) -> None:
    """Take a rule out of the draft."""
    draft = _draft(by)
    if RoutingRule.objects.filter(plan=draft, pk=rule_id).delete()[0]:
        _record("routing_rule_deleted", draft, by, rule=str(rule_id))


@transaction.atomic
def discard_draft(*, by: Viewer) -> None:
    """Throw the draft away; what is in force stays in force."""
    draft = _draft(by)
    _record("routing_discarded", draft, by)
    draft.delete()


@transaction.atomic
def switch_on(*, by: Viewer) -> RoutingPlan:
    """The draft comes into force for cases that are filed from now on; the version before it is kept."""
    draft, now = _draft(by), clock.now()
    before = RoutingPlan.objects.filter(state=RoutingPlan.State.ACTIVE)
    before.update(state=RoutingPlan.State.RETIRED, active_until=now)
    draft.state, draft.active_from, draft.switched_by = RoutingPlan.State.ACTIVE, now, by.person_id
    draft.save(update_fields=["state", "active_from", "switched_by"])
    _record("routing_switched_on", draft, by, rules=draft.rules.count())
    return draft


def _record(action: str, plan: RoutingPlan, by: Viewer, **data: Any) -> None:
    data = {"version": plan.number, **data}
    changes.record(action=f"cases.{action}", kind=KIND, object_id=plan.pk, actor=by.actor, data=data)
