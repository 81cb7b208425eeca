"""What staff do with a petition under the Petitions Act: send it on, consider it with others, leave a repeated one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from miasto.kernel.accounts.access import panel
from miasto.kernel.cases import selectors as cases
from miasto.kernel.core import clock
from miasto.modules.contact_centre.mail.case_types import AT_PETITION, PETITION
from miasto.modules.contact_centre.petitions import forms, selectors
from miasto.modules.contact_centre.petitions import proceeding as act
from miasto.modules.contact_centre.petitions.services import HANDLE

DOES = ("transfer", "joint", "add", "settle", "repeated")


@panel(HANDLE)
@never_cache
def proceeding(request: HttpRequest, number: str) -> HttpResponse:
    """The page of a petition's way; each of its forms posts here and says by ``do`` which it is."""
    try:
        case = cases.case_for(number, request.viewer)
        view = cases.case_page(number, request.viewer)
    except ObjectDoesNotExist:
        raise Http404 from None
    if case.case_type != PETITION or HANDLE not in view.may:
        raise Http404
    wanted = request.POST.get("do", "") if request.method == "POST" else ""
    shown = _forms(case, wanted, request.POST if wanted else None)
    if wanted in DOES and wanted in shown and shown[wanted].is_valid():
        try:
            done = _DO[wanted](case, shown[wanted].cleaned_data, request)
        except ValidationError as error:
            _complain(shown[wanted], error)
        else:
            messages.success(request, done)
            return redirect("petitions_panel:proceeding", case.number)
    return render(request, "contact_centre/petitions/proceeding.html", _context(case, view, shown, wanted))


def _forms(case: Any, wanted: str, sent: Any) -> dict[str, Any]:
    def data(name: str) -> Any:
        return sent if name == wanted else None

    until = act.latest_wait(clock.today())
    return {
        "transfer": forms.TransferForm(data("transfer"), auto_id="t_%s"),
        "joint": forms.JointForm(
            data("joint"), others=selectors.others_at_work(case), initial={"wait_until": until}, auto_id="l_%s"
        ),
        "add": forms.AddForm(data("add"), multiples=selectors.multiples(open_only=True), auto_id="d_%s"),
        "settle": forms.SettleForm(data("settle"), auto_id="o_%s"),
        "repeated": forms.RepeatedForm(data("repeated"), auto_id="p_%s"),
    }


def _complain(form: Any, error: ValidationError) -> None:
    if not hasattr(error, "error_dict"):
        form.add_error(None, error.messages)
        return
    for field, words in error.message_dict.items():
        form.add_error(field if field in form.fields else None, words)


def _transfer(case: Any, data: dict[str, Any], request: HttpRequest) -> str:
    act.transfer(case=case, **data, by=request.viewer)
    return _("Zapisano przekazanie. Zawiadomienie jest w drodze.")


def _joint(case: Any, data: dict[str, Any], request: HttpRequest) -> str:
    others = cases.visible_cases(request.viewer).filter(number__in=data["petitions"], case_type=PETITION)
    act.announce(petitions=[case, *others], subject=data["subject"], wait_until=data["wait_until"], by=request.viewer)
    return _("Ogłoszono łączne rozpatrzenie. Ogłoszenie jest w rejestrze petycji.")


def _add(case: Any, data: dict[str, Any], request: HttpRequest) -> str:
    found = selectors.multiple(UUID(data["multiple"]))
    if found is None:
        raise Http404
    act.add(multiple=found[0], case=case, by=request.viewer)
    return _("Petycja jest rozpatrywana łącznie z innymi.")


def _settle(case: Any, data: dict[str, Any], request: HttpRequest) -> str:
    multiple = selectors.multiple_of(case.pk)
    if multiple is None:
        raise Http404
    act.settle(multiple=multiple, **data, by=request.viewer)
    return _("Odpowiedź wysłana do wszystkich, którzy złożyli te petycje.")


def _repeated(case: Any, data: dict[str, Any], request: HttpRequest) -> str:
    act.leave_repeated(case=case, **data, by=request.viewer)
    return _("Pozostawiono bez rozpatrzenia. Zawiadomienie jest w drodze.")


_DO: dict[str, Callable[[Any, dict[str, Any], HttpRequest], str]] = {
    "transfer": _transfer,
    "joint": _joint,
    "add": _add,
    "settle": _settle,
    "repeated": _repeated,
}


def _context(case: Any, view: Any, shown: dict[str, Any], wanted: str) -> dict[str, Any]:
    multiple = selectors.multiple_of(case.pk)
    return {
        "case": view,
        "open": case.stage in AT_PETITION,
        "form": shown.get(wanted),
        "transfer_until": cases.last_day_of(PETITION, case.filed_at, "forward"),
        "transfers": selectors.transfers_of(case.pk),
        "multiple": multiple,
        "may_settle": multiple is not None and clock.today() > multiple.wait_until,
        "multiples": selectors.multiples(open_only=True),
        "others": shown["joint"].fields["petitions"].choices,
        **shown,
    }
