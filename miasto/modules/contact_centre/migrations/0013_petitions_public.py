"""Petitions that are there come into the public register (act of 11 July 2014, art. 8); their words wait for a person."""

from django.db import migrations

PUBLISH = """
UPDATE cases_case c
SET public = true, version = version + 1,
    pending = (c.text_state = 'waiting')::int
            + (SELECT count(*) FROM cases_casefile f WHERE f.case_id = c.id AND f.state = 'waiting')
WHERE c.case_type = 'contact_centre.petition' AND NOT c.public
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0011_published_names"), ("contact_centre", "0012_opinions")]

    operations = [migrations.RunSQL(PUBLISH, migrations.RunSQL.noop)]
