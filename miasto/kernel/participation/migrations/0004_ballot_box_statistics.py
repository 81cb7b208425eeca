"""The planner keeps samples of what ANALYZE saw, of a partitioned table even after its partitions are gone: none of ballots."""

from django.db import migrations

COLUMNS = ("election_id", "voter", "channel", "number", "ciphertext", "signature", "requests")
SAMPLES = "ALTER TABLE participation_sealedballot " + ", ".join(f"ALTER {column} SET STATISTICS {{0}}" for column in COLUMNS)


class Migration(migrations.Migration):
    dependencies = [("participation", "0003_ballot_box")]
    operations = [migrations.RunSQL(SAMPLES.format(0), SAMPLES.format(-1))]
