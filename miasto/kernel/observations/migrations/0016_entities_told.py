"""Changes of entities are told to whoever publishes them; not those of counters, which every fold writes."""

from django.db import migrations

NAMED = "name, description, properties"
TABLES = {
    "thing": ("Things", f"{NAMED}, audience, unit_id"),
    "datastream": ("Datastreams", f"{NAMED}, unit_name, unit_symbol, unit_definition, observation_type, audience, unit_id"),
    "location": ("Locations", f"{NAMED}, location"),
    "sensor": ("Sensors", f"{NAMED}, metadata"),
    "observedproperty": ("ObservedProperties", f"{NAMED}, definition"),
    "featureofinterest": ("FeaturesOfInterest", f"{NAMED}, feature"),
    "historicallocation": ("HistoricalLocations", "time"),
}
FUNCTION = """
CREATE FUNCTION observations_entity_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_ARGV[0] = 'Things' THEN
        PERFORM pg_notify('observations_entities', TG_ARGV[0] || '(' || NEW.number || ')');
    ELSE
        PERFORM pg_notify('observations_entities', TG_ARGV[0] || '(' || NEW.id || ')');
    END IF;
    RETURN NULL;
END $$;
"""
TRIGGERS = "".join(
    f"CREATE TRIGGER told AFTER INSERT OR UPDATE OF {columns} ON observations_{table} "
    f"FOR EACH ROW EXECUTE FUNCTION observations_entity_told('{plural}');\n"
    for table, (plural, columns) in TABLES.items()
)


class Migration(migrations.Migration):
    dependencies = [("observations", "0015_forgotten")]

    operations = [migrations.RunSQL(FUNCTION + TRIGGERS, "DROP FUNCTION observations_entity_told() CASCADE")]
