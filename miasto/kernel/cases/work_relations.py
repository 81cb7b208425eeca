"""What the work page shows and offers around a case: related cases, forwarding, why the unit has it, watching."""

from __future__ import annotations

from typing import Any

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.cases import selectors
from miasto.kernel.cases.forms_relations import ForwardForm, MergeForm, OutsideForm, ReasonForm, SplitForm
from miasto.kernel.cases.uploads import Basket
from miasto.kernel.spec.cases import FORWARD, MERGE, UNMERGE


def around_work(
    view: selectors.CaseView, viewer: Viewer, bound: dict[str, Any], unit_form: Any, category_form: Any
) -> dict[str, Any]:
    """The context; ``bound`` holds forms that were sent. At most 9 queries, 5 for a case without relations.

    ``unit_form`` and ``category_form`` are those of the page: their choices serve the split too.
    """
    related, forwardings = selectors.related(view, viewer), selectors.forwardings_of(view)
    why = selectors.why_here(view)
    waiting = next((one for one in forwardings if one.is_open), None)
    answer_form, answer_basket = bound.get("outside_answer") or (OutsideForm(auto_id="outside_%s"), Basket())
    return {
        "related": related,
        "forwardings": forwardings,
        "waiting_for": waiting if "cases.handle" in view.may else None,
        "why": why,
        "watched": selectors.is_watched(view.id, viewer),
        "merge_form": (bound.get("merge") or MergeForm()) if _may(view, MERGE) and not related.part_of else None,
        "unmerge_form": (bound.get("unmerge") or ReasonForm()) if related.merged_into and _may(view, UNMERGE) else None,
        "split_form": _split_form(view, bound, unit_form, category_form) if _may_split(view, related) else None,
        "forward_form": _forward_form(view, why, bound) if _may(view, FORWARD) else None,
        "outside_form": answer_form,
        "outside_basket": answer_basket,
    }


def _may(view: selectors.CaseView, effect: str) -> bool:
    step = view.type.effect(effect, view.stage.key)
    return step is not None and any(who in view.may for who in step.by)


def _may_split(view: selectors.CaseView, related: selectors.Related) -> bool:
    return "cases.assign" in view.may and view.progress != "closed" and related.part_of is None


def _split_form(view: selectors.CaseView, bound: dict[str, Any], unit_form: Any, category_form: Any) -> SplitForm:
    others = [choice for choice in unit_form.fields["unit"].choices if choice[0]]
    named = sorted([(str(view.unit_id), view.unit_name), *others], key=lambda choice: choice[1])
    return bound.get("split") or SplitForm(case=view, named=named, categories=category_form.fields["category"].choices)


def _forward_form(view: selectors.CaseView, why: selectors.Why | None, bound: dict[str, Any]) -> ForwardForm:
    suggested = {"body": str(why.body_id)} if why and why.body_id else None
    return bound.get("forward") or ForwardForm(initial=suggested)
