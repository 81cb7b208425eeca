"""Public pages of ideas: the list, one idea, its versions, the numbers, the feed, the way to choose."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.feedgenerator import Rss201rev2Feed
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from miasto.kernel.accounts.access import login_required
from miasto.kernel.accounts.selectors import ANONYMOUS
from miasto.kernel.core import conditional
from miasto.kernel.core.city import city
from miasto.kernel.ui.charts import Series
from miasto.modules.idea.ideas import figures as counted
from miasto.modules.idea.ideas import rules, selectors
from miasto.modules.idea.ideas.forms import CommentForm, FilterForm, SupportForm
from miasto.modules.idea.ideas.models import Idea
from miasto.modules.idea.ideas.petitioning import petition_type
from miasto.modules.idea.naming import brand

PER_PAGE = 20
FEED = 50


def found(request: HttpRequest, number: int) -> Idea:
    """The idea of an address for this viewer; 404 where there is none."""
    one = selectors.idea_for(number, request.viewer) if number < 2**31 else None
    if one is None:
        raise Http404
    return one


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All ideas with filters and the map."""
    form = FilterForm(request.GET)
    asked = form.filters()
    page = Paginator(selectors.ideas(ANONYMOUS, asked), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "brand": brand(),
        "form": form,
        "narrowed": any(request.GET.get(name) for name in form.fields),
        "page": page,
        "rows": [(one, rules.topic(one.topic)) for one in page],
        "thresholds": [(name, rules.threshold(name)) for name in rules.REACHES],
    }
    return render(request, "idea/ideas/list.html", context)


@require_safe
def idea(request: HttpRequest, number: int) -> HttpResponse:
    """One idea from its words to what became of it."""
    one = selectors.idea_for(number, request.viewer) if number < 2**31 else None
    if one is None:
        why = selectors.hidden(number) if number < 2**31 else None
        if why is None:
            raise Http404
        return render(request, "idea/ideas/hidden.html", {"brand": brand(), "number": number, "why": why}, status=410)
    if request.GET.get("fragment"):
        return render(request, "idea/ideas/fragment.html", {"idea": one, "topic": rules.topic(one.topic)})
    return idea_page(request, one)


def idea_page(request: HttpRequest, one: Idea, status: int = 200, **forms: Any) -> HttpResponse:
    """The page, with a form that was refused where there is one."""
    view = selectors.idea_view(one, request.viewer, request.GET.get("page", ""))
    context = {
        "brand": brand(),
        "idea": one,
        "view": view,
        "decision_days": rules.days("decision_days"),
        "answer_days": rules.days("answer_days"),
        "rule": rules.rule_name(one.hidden_rule) if one.hidden_at else "",
        "support_form": SupportForm(),
        "comment_form": CommentForm(known=selectors.own_name(request.viewer)),
        **forms,
    }
    return render(request, "idea/ideas/idea.html", context, status=status)


@require_safe
def versions(request: HttpRequest, number: int) -> HttpResponse:
    """Every wording with what changed in it."""
    one = found(request, number)
    rows = selectors.versions_of(one)
    return render(request, "idea/ideas/versions.html", {"brand": brand(), "idea": one, "rows": rows})


@require_safe
def similar(request: HttpRequest) -> HttpResponse:
    """The ideas like some words: a part of the form, drawn while they are written."""
    rows = selectors.similar(request.GET.get("title", "")[:200], request.GET.get("text", "")[:6000])
    return render(request, "idea/ideas/parts/similar.html", {"rows": rows})


@require_safe
def numbers(request: HttpRequest) -> HttpResponse:
    """How many, where they stand, how long the city takes."""
    told = counted.figures()
    context = {
        "brand": brand(),
        "told": told,
        "by_state": Series(_("Gdzie są teraz pomysły"), _("Stan"), _("Liczba pomysłów"), told.by_state),
        "by_topic": Series(_("O czym są pomysły"), _("Temat"), _("Liczba pomysłów"), told.by_topic),
    }
    return render(request, "idea/ideas/numbers.html", context)


@require_safe
def rss(request: HttpRequest) -> HttpResponse:
    """The newest ideas as RSS 2.0."""
    feed = Rss201rev2Feed(
        title=_("Pomysły mieszkańców – %(platform)s") % {"platform": city().platform_name},
        link=request.build_absolute_uri("/idea/pomysly/"),
        description=_("Co mieszkańcy chcą zmienić i co miasto na to odpowiada."),
        language=request.LANGUAGE_CODE,
        feed_url=request.build_absolute_uri(),
    )
    for one in selectors.ideas(ANONYMOUS)[:FEED]:
        url = request.build_absolute_uri(one.get_absolute_url())
        said = one.get_state_display()
        feed.add_item(
            title=one.title, link=url, description=said, unique_id=url, pubdate=one.published_at,
            categories=[rules.topic(one.topic).name],
        )  # fmt: skip
    return conditional.feed(request, feed.writeString("utf-8").encode())


@require_safe
def which_way(request: HttpRequest) -> HttpResponse:
    """Report, idea, petition, consultation, budget: which is right for what, in plain words."""
    context = {
        "brand": brand(),
        "city_threshold": rules.threshold(rules.CITY),
        "decision_days": rules.days("decision_days"),
        "petitions": petition_type(),
    }
    return render(request, "idea/ideas/which_way.html", context)


@require_safe
@login_required
def mine(request: HttpRequest) -> HttpResponse:
    """The account's drafts and ideas, and those that it supports or follows."""
    return render(request, "idea/ideas/mine.html", {"brand": brand(), **selectors.mine(request.viewer)})


def done(request: HttpRequest, number: int) -> HttpResponse:
    """Back to the idea."""
    return redirect("idea:idea", number=number)
