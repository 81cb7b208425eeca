from django.db import migrations

COPY = """INSERT INTO core_mailbox (key, uidvalidity, last_uid, checked_at)
SELECT key, uidvalidity, last_uid, checked_at FROM contact_centre_mailbox ON CONFLICT (key) DO NOTHING"""


class Migration(migrations.Migration):
    """The engine reads the mailbox for every module now; how far it was read goes with it."""

    dependencies = [
        ("core", "0003_mailbox"),
        ("contact_centre", "0013_petitions_public"),
    ]

    operations = [
        migrations.RunSQL(COPY, migrations.RunSQL.noop),
        migrations.DeleteModel(name="Mailbox"),
    ]
