"""What may be subscribed to (18-088 § 14.2), and what of it is told."""

import json

import pytest

from miasto.kernel.accounts.selectors import ANONYMOUS, SYSTEM
from miasto.kernel.observations.models import Datastream, FeatureOfInterest
from miasto.kernel.observations.mqtt import rights
from miasto.kernel.observations.mqtt.rights import Heard, allowed, member
from miasto.kernel.observations.testing import make_datastream, make_thing

pytestmark = pytest.mark.django_db


@pytest.fixture
def stream():
    return make_datastream()


def test_every_kind_of_topic_of_the_standard(stream):
    thing = stream.thing.number
    direct = f"out/v1.1/Datastreams({stream.pk})/Observations"
    found = {
        "v1.1/Observations": Heard("out/v1.1/Observations"),
        "v1.1/Observations?$select=result": Heard("out/v1.1/Observations", ("result",)),
        f"v1.1/Datastreams({stream.pk})/Observations": Heard(direct),
        f"v1.1/Things({thing})/Datastreams({stream.pk})/Observations?$select=result": Heard(direct, ("result",), renamed=True),
        "v1.1/Things": Heard("out/v1.1/Things"),
        "v1.1/Things?$select=name,description": Heard("out/v1.1/Things", ("name", "description")),
        f"v1.1/Things({thing})": Heard(f"out/v1.1/Things({thing})"),
        f"v1.1/Datastreams({stream.pk})/Thing": Heard(f"out/v1.1/Things({thing})", renamed=True),
        f"v1.1/Things({thing})/description": Heard(f"out/v1.1/Things({thing})", ("description",), changed=True),
        f"v1.1/Things({thing})/Datastreams": Heard("out/v1.1/Datastreams", within=f"Things({thing})/Datastreams"),
        f"v1.1/Things({thing})/Datastreams?$select=name": Heard(
            "out/v1.1/Datastreams", ("name",), within=f"Things({thing})/Datastreams"
        ),
        "alerts/#": Heard("out/alerts/#"),
    }
    assert {asked: allowed(asked, ANONYMOUS) for asked in found} == found
    known = allowed(f"v1.1/Things({thing})/description", ANONYMOUS).known
    assert json.loads(known) == {"description": stream.thing.description}


def test_what_is_no_topic_or_not_for_this_viewer_is_refused(stream):
    hidden = make_datastream(make_thing(audience="private"))
    thing, secret = stream.thing.number, hidden.thing.number
    wrong = ["$SYS/#", "/v1.1/Things", "v1.1/Nothing", f"v1.1/Things({thing})/nothing", f"v1.1/Things({thing})?$select=name",
             f"v1.1/Things({thing})/name/$value", "v1.1/Things?$top=3", "alerts/#?$select=x"]  # fmt: skip
    unseen = [f"v1.1/Things({secret})", f"v1.1/Things({secret})/name", f"v1.1/Things({secret})/Datastreams",
              f"v1.1/Datastreams({hidden.pk})/Thing", f"v1.1/Datastreams({hidden.pk})/Observations"]  # fmt: skip
    assert [one for one in [*wrong, *unseen] if allowed(one, ANONYMOUS)] == []
    assert allowed(f"v1.1/Things({secret})/name", SYSTEM).filter == f"{rights.INSIDE}v1.1/Things({secret})"


def test_observations_of_a_place_come_in_the_streams_that_the_listener_may_see(stream):
    place = FeatureOfInterest.objects.create(name="Most", description="", encoding_type="application/geo+json", feature={})
    hidden = make_datastream(make_thing(audience="private"))
    Datastream.objects.filter(pk__in=[stream.pk, hidden.pk]).update(feature=place)
    path = f"FeaturesOfInterest({place.pk})/Observations"
    shown = f"out/v1.1/Datastreams({stream.pk})/Observations"
    assert allowed(f"v1.1/{path}", ANONYMOUS) == Heard(shown, within=path)
    both = allowed(f"v1.1/{path}?$select=result", SYSTEM)
    assert both == Heard(shown, ("result",), within=path, others=(f"inside/v1.1/Datastreams({hidden.pk})/Observations",))
    assert allowed(f"v1.1/FeaturesOfInterest({place.pk + 1})/Observations", SYSTEM) is None


def test_only_members_of_a_set_are_told(stream):
    other = make_datastream()
    path = f"Things({stream.thing.number})/Datastreams"
    assert [member(path, one.pk, ANONYMOUS) for one in (stream, other)] == [True, False]
