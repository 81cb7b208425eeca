"""The channel of social media and chat; an index by which other systems ask what is new."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("cases", "0003_parties")]

    operations = [
        migrations.AlterField(
            model_name="case",
            name="channel",
            field=models.CharField(
                choices=[
                    ("web", "Web"),
                    ("phone", "Phone"),
                    ("email", "Email"),
                    ("desk", "Desk"),
                    ("letter", "Letter"),
                    ("api", "Api"),
                    ("kiosk", "Kiosk"),
                    ("social", "Social"),
                ],
                default="web",
                max_length=8,
            ),
        ),
        AddIndexConcurrently(
            model_name="casestep",
            index=models.Index(fields=["at", "id"], name="case_step_at"),
        ),
    ]
