import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0002_months_and_kinds"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="caseparty",
            name="case_party_role",
        ),
        migrations.AddField(
            model_name="case",
            name="co_filers",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="caseparty",
            name="invite_id",
            field=models.UUIDField(null=True, unique=True),
        ),
        migrations.AddField(
            model_name="caseparty",
            name="representative",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="caseparty",
            name="state",
            field=models.CharField(
                choices=[("invited", "Invited"), ("confirmed", "Confirmed")], default="confirmed", max_length=9
            ),
        ),
        migrations.AlterField(
            model_name="casestep",
            name="kind",
            field=models.CharField(
                choices=[
                    ("filed", "Filed"),
                    ("transition", "Transition"),
                    ("assigned", "Assigned"),
                    ("recategorised", "Recategorised"),
                    ("reclassified", "Reclassified"),
                    ("placed", "Placed"),
                    ("comment", "Comment"),
                    ("added", "Added"),
                    ("text_decided", "Text Decided"),
                    ("file_decided", "File Decided"),
                    ("comment_decided", "Comment Decided"),
                    ("erased", "Erased"),
                    ("joined", "Joined"),
                ],
                max_length=16,
            ),
        ),
        migrations.AddIndex(
            model_name="caseparty",
            index=models.Index(
                django.db.models.functions.text.Right(
                    models.Func(
                        models.F("phone"),
                        models.Value("\\D"),
                        models.Value(""),
                        models.Value("g"),
                        function="regexp_replace",
                        output_field=models.TextField(),
                    ),
                    9,
                ),
                condition=models.Q(("phone", ""), _negated=True),
                name="case_party_phone",
            ),
        ),
        migrations.AddConstraint(
            model_name="caseparty",
            constraint=models.UniqueConstraint(
                condition=models.Q(("role", "filer")), fields=("case",), name="case_party_filer"
            ),
        ),
        migrations.AddConstraint(
            model_name="caseparty",
            constraint=models.UniqueConstraint(
                condition=models.Q(("representative", True)), fields=("case",), name="case_party_representative"
            ),
        ),
    ]
