from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0002_attachments"),
    ]

    operations = [
        migrations.CreateModel(
            name="Mailbox",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("uidvalidity", models.BigIntegerField(default=0)),
                ("last_uid", models.BigIntegerField(default=0)),
                ("checked_at", models.DateTimeField(null=True)),
            ],
        ),
    ]
