from django.db import migrations

AT_ONCE = 2_000


def give_features(apps, _schema_editor):
    """Every stream whose readings name no feature of their own is about the place of its thing (18-088 § 8.2.8)."""
    Datastream = apps.get_model("observations", "Datastream")
    Feature = apps.get_model("observations", "FeatureOfInterest")
    places = apps.get_model("observations", "Thing").locations.through.objects
    bare = Datastream._base_manager.filter(feature=None)
    things = list(bare.order_by("thing_id").values_list("thing_id", flat=True).distinct())
    for start in range(0, len(things), AT_ONCE):
        rows = places.filter(thing_id__in=things[start : start + AT_ONCE]).select_related("location").order_by("-location_id")
        homes = {row.thing_id: row.location for row in rows}
        made = {
            thing: Feature(
                name=where.name,
                description=where.description,
                encoding_type=where.encoding_type,
                feature=where.location,
                geom=where.geom,
            )
            for thing, where in homes.items()
        }
        Feature.objects.bulk_create(made.values())
        streams = list(bare.filter(thing_id__in=made).only("id", "thing_id"))
        for one in streams:
            one.feature_id = made[one.thing_id].pk
        Datastream._base_manager.bulk_update(streams, ["feature"], batch_size=AT_ONCE)


class Migration(migrations.Migration):
    dependencies = [("observations", "0020_groups")]

    operations = [migrations.RunPython(give_features, migrations.RunPython.noop, elidable=True)]
