"""Public addresses of participation."""

from django.urls import path

from miasto.modules.idea import views, views_meeting, views_remark, views_report
from miasto.modules.idea.budget.results_urls import urlpatterns as budget_results
from miasto.modules.idea.budget.urls import urlpatterns as budget
from miasto.modules.idea.ideas.urls import urlpatterns as ideas
from miasto.modules.idea.panels.urls import urlpatterns as panels
from miasto.modules.idea.requests.urls import urlpatterns as requests
from miasto.modules.idea.surveys.urls import urlpatterns as surveys
from miasto.modules.idea.voting.urls import urlpatterns as voting

ONE = "konsultacje/<slug:slug>/"
app_name = "idea"
urlpatterns = [
    path("", views.home, name="home"),
    path("konsultacje/", views.index, name="list"),
    path("spotkania.ics", views_meeting.feed, name="feed"),
    path("s/<str:token>/", views_remark.link, name="link"),
    path("zapis/<uuid:registration_id>/", views_meeting.seat, name="seat"),
    path(ONE, views.process, name="process"),
    path(f"{ONE}dokumenty/<uuid:version_id>/", views.document, name="document"),
    path(f"{ONE}uwaga/", views_remark.write, name="write"),
    path(f"{ONE}uwagi/", views.ledger, name="ledger"),
    path(f"{ONE}uwagi.csv", views_report.ledger_csv, name="ledger_csv"),
    path(f"{ONE}uwagi.geojson", views.places, name="places"),
    path(f"{ONE}uwagi/<int:number>/", views_remark.remark, name="remark"),
    path(f"{ONE}uwagi/<int:number>/adres/", views_remark.contact, name="contact"),
    path(f"{ONE}spotkania/<uuid:meeting_id>/", views_meeting.meeting, name="meeting"),
    path(f"{ONE}spotkania/<uuid:meeting_id>.ics", views_meeting.calendar, name="meeting_ics"),
    path(f"{ONE}raport/", views_report.report, name="report"),
    path(f"{ONE}raport.pdf", views_report.pdf, name="report_pdf"),
    path(f"{ONE}raport.csv", views_report.report_csv, name="report_csv"),
    *panels,
    *voting,
    *surveys,
    *budget,
    *ideas,
    *budget_results,
    *requests,
]
