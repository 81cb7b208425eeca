"""Address of the stream of readings."""

from django.urls import path

from miasto.kernel.observations import live

app_name = "observations_live"
urlpatterns = [path("na-zywo/", live.readings, name="readings")]
