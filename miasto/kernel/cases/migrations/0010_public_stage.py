from django.db import migrations, models


class Migration(migrations.Migration):
    """The register narrowed to one stage read every case of a million."""

    dependencies = [("cases", "0009_retention")]

    operations = [
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("public", True)),
                fields=["case_type", "stage", "-filed_at", "-id"],
                name="case_public_stage",
            ),
        ),
    ]
