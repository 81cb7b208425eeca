"""The register as RSS 2.0: the same filters, the same public facts."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.feedgenerator import Rss201rev2Feed
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from miasto.kernel.cases import selectors as cases
from miasto.kernel.core import conditional
from miasto.kernel.core.city import city
from miasto.kernel.ui.kept import kept
from miasto.modules.contact_centre.views_register import asked


@require_safe
def rss(request: HttpRequest) -> HttpResponse:
    """The newest reports that the filters leave; asked again with ``If-None-Match`` it answers 304 while nothing changed."""
    variant = f"rss {request.build_absolute_uri('/')} {request.GET.urlencode()}"
    body: bytes = kept("contact_centre.register", variant, lambda: _feed(request))
    return conditional.feed(request, body)


def _feed(request: HttpRequest) -> bytes:
    _form, filters = asked(request)
    page = cases.public_register(filters)
    feed = Rss201rev2Feed(
        title=_("Zgłoszenia mieszkańców – %(platform)s") % {"platform": city().platform_name},
        link=request.build_absolute_uri(request.get_full_path().replace("rss/", "", 1)),
        description=_("Co zgłosili mieszkańcy i co miasto z tym robi."),
        language=request.LANGUAGE_CODE,
        feed_url=request.build_absolute_uri(),
    )
    for row in page.rows:
        url = request.build_absolute_uri(row.url)
        place = ", ".join(part for part in (row.address_text, row.district_name) if part)
        feed.add_item(
            title=f"{row.category}, {place}" if place else str(row.category),
            link=url,
            description=". ".join(part for part in (str(row.stage.name), row.text or "") if part),
            unique_id=url,
            pubdate=row.filed_at,
            categories=[str(row.category)],
        )
    return feed.writeString("utf-8").encode()
