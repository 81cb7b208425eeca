"""What the contact centre does when something happens to a report."""

from miasto.kernel.cases.events import CaseErased, CasesImported
from miasto.kernel.search import services as search
from miasto.modules.contact_centre.case_type import KEY
from miasto.modules.contact_centre.phone import services as phone

SOURCE = "contact_centre.reports"


def report_changed(event) -> None:
    """Bring one report in the search up to date; what is no longer public disappears."""
    if KEY in (event.case_type, getattr(event, "before", "")):
        search.reindex(SOURCE, [event.case_id])


def letters_erased(event) -> None:
    """The letters of a case go with its words."""
    from miasto.modules.contact_centre.mail.privacy import erase_of_case

    erase_of_case(event.case_id)


def reports_imported(event: CasesImported) -> None:
    """Read all reports into the search."""
    if event.case_type == KEY:
        search.reindex(SOURCE)


def calls_forgotten(event: CaseErased) -> None:
    """The calls from which an erased case came forget who called and what was said."""
    phone.forget_calls_of(case_id=event.case_id)
