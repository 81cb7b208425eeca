"""Forecasts made from what drives a series."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("observations", "0010_archive_trouble"),
    ]

    operations = [
        migrations.AlterField(
            model_name="forecastskill",
            name="method",
            field=models.CharField(
                blank=True,
                choices=[
                    ("model", "model uczony na dotychczasowych pomiarach"),
                    ("driven", "model oparty na opadzie i na sąsiednich pomiarach"),
                    ("day", "jak wczoraj o tej porze"),
                    ("week", "jak tydzień temu o tej porze"),
                    ("usual", "jak zwykle o tej porze (średnia z czterech tygodni)"),
                ],
                max_length=6,
            ),
        ),
        migrations.AlterField(
            model_name="foretold",
            name="method",
            field=models.CharField(
                choices=[
                    ("model", "model uczony na dotychczasowych pomiarach"),
                    ("driven", "model oparty na opadzie i na sąsiednich pomiarach"),
                    ("day", "jak wczoraj o tej porze"),
                    ("week", "jak tydzień temu o tej porze"),
                    ("usual", "jak zwykle o tej porze (średnia z czterech tygodni)"),
                ],
                max_length=6,
            ),
        ),
    ]
