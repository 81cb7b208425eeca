"""A forwarded report now waits for the answer; those forwarded before this version ended there, and stay ended."""

from django.db import migrations

# The history first: it needs the rows that the second statement moves.
ENDED = """
INSERT INTO cases_casestep (case_id, at, kind, transition, from_stage, to_stage, actor_kind, by_filer)
SELECT id, now(), 'transition', 'hand_over', 'forwarded', 'handed_over', 'system', false
FROM cases_case WHERE case_type = 'contact_centre.report' AND stage = 'forwarded' AND progress = 'closed';
UPDATE cases_case SET stage = 'handed_over', version = version + 1
WHERE case_type = 'contact_centre.report' AND stage = 'forwarded' AND progress = 'closed';
"""


class Migration(migrations.Migration):
    dependencies = [
        ("contact_centre", "0005_letters"),
        ("cases", "0006_relations_forwarding_routing"),
    ]
    operations = [migrations.RunSQL(ENDED, migrations.RunSQL.noop)]
