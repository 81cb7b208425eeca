"""What likeness declares: who may see and train the classifier, and where."""

from django.utils.translation import gettext_lazy as _

from miasto.kernel.spec.accounts import ChangeName, Permission, RoleGrant
from miasto.kernel.spec.cases import CasePart
from miasto.kernel.spec.ui import PanelPage
from miasto.modules.contact_centre.case_type import KEY
from miasto.modules.contact_centre.likeness import work

SEEN = ("contact_centre.classifier",)
LIKENESS = (
    Permission(key="contact_centre.classifier", name=_("Ogląda i uczy klasyfikator kategorii")),
    RoleGrant(key="contact_centre.classifier_operator", role="contact_centre.operator", permissions=SEEN),
    RoleGrant(key="contact_centre.classifier_admin", role="accounts.admin", permissions=SEEN),
    ChangeName(key="contact_centre.training_asked", name=_("rozpoczęto uczenie klasyfikatora")),
    ChangeName(key="contact_centre.training_stopped", name=_("zatrzymano uczenie klasyfikatora")),
    PanelPage(
        key="contact_centre.classifier",
        label=_("Klasyfikator kategorii"),
        url_name="contact_centre_classifier:classifier",
        icon="graduation-cap",
        permission="contact_centre.classifier",
        group=_("Sprawy"),
        order=60,
    ),
    CasePart(
        key="contact_centre.other_category",
        case_type=KEY,
        template="contact_centre/likeness/other_category.html",
        context=work.other_category,
        permission="cases.assign",
        order=10,
    ),
    CasePart(
        key="contact_centre.alike",
        case_type=KEY,
        template="contact_centre/likeness/work_part.html",
        context=work.similar,
        permission="cases.see_unit",
        order=20,
    ),
)
