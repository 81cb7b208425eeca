"""Public addresses of ideas; joined by the module's ``urls.py``."""

from django.urls import path

from miasto.modules.idea.ideas import views, views_support, views_write

ALL, ONE, DRAFT = "pomysly/", "pomysly/<int:number>/", "pomysly/szkic/<uuid:draft_id>/"
urlpatterns = [
    path("ktora-droga/", views.which_way, name="which_way"),
    path(ALL, views.index, name="ideas"),
    path(f"{ALL}nowy/", views_write.write, name="idea_new"),
    path(f"{ALL}nowy/zapis/", views_write.keep, name="idea_keep_new"),
    path(f"{ALL}moje/", views.mine, name="my_ideas"),
    path(f"{ALL}podobne/", views.similar, name="ideas_similar"),
    path(f"{ALL}liczby/", views.numbers, name="ideas_numbers"),
    path(f"{ALL}rss/", views.rss, name="ideas_rss"),
    path(f"{ALL}poparcie/<uuid:support_id>/", views_support.supporter, name="idea_supporter"),
    path(f"{ALL}poparcie/<str:token>/", views_support.link, name="idea_support_link"),
    path(DRAFT, views_write.write, name="idea_draft"),
    path(f"{DRAFT}zapis/", views_write.keep, name="idea_keep"),
    path(f"{DRAFT}sprawdz/", views_write.check, name="idea_check"),
    path(f"{DRAFT}usun/", views_write.discard, name="idea_discard"),
    path(ONE, views.idea, name="idea"),
    path(f"{ONE}wersje/", views.versions, name="idea_versions"),
    path(f"{ONE}zmien/", views_write.revise, name="idea_revise"),
    path(f"{ONE}wycofaj/", views_write.withdraw, name="idea_withdraw"),
    path(f"{ONE}petycja/", views_write.petition, name="idea_petition"),
    path(f"{ONE}popieram/", views_support.support, name="idea_support"),
    path(f"{ONE}nie-popieram/", views_support.unsupport, name="idea_unsupport"),
    path(f"{ONE}obserwuj/", views_support.follow, name="idea_follow"),
    path(f"{ONE}komentarz/", views_support.comment, name="idea_comment"),
    path(f"{ONE}naruszenie/", views_support.flag, name="idea_flag"),
]
