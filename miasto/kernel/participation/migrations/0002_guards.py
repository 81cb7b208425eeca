"""What no code may do, said to the database: close over an unanswered remark, change a decision or a published document."""

from django.db import migrations

MAKE = """
CREATE FUNCTION participation_close() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM participation_contribution WHERE process_id = NEW.id AND decision_id IS NULL) THEN
        RAISE EXCEPTION 'a remark of process % has no answer', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER participation_close BEFORE UPDATE OF closed_at ON participation_process
FOR EACH ROW WHEN (OLD.closed_at IS NULL AND NEW.closed_at IS NOT NULL) EXECUTE FUNCTION participation_close();

CREATE FUNCTION participation_unanswered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM participation_process WHERE id = NEW.process_id AND closed_at IS NOT NULL) THEN
        RAISE EXCEPTION 'process % is closed', NEW.process_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER participation_unanswered BEFORE INSERT OR UPDATE OF decision_id ON participation_contribution
FOR EACH ROW WHEN (NEW.decision_id IS NULL) EXECUTE FUNCTION participation_unanswered();

CREATE FUNCTION participation_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is never changed', TG_TABLE_NAME USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER participation_frozen BEFORE UPDATE OF outcome, reasons, at, decided_by, unit_id, process_id
ON participation_decision FOR EACH ROW EXECUTE FUNCTION participation_frozen();
CREATE TRIGGER participation_frozen BEFORE UPDATE ON participation_documentversion
FOR EACH ROW EXECUTE FUNCTION participation_frozen();
CREATE TRIGGER participation_frozen BEFORE UPDATE ON participation_paragraph
FOR EACH ROW EXECUTE FUNCTION participation_frozen();
"""
UNDO = """
DROP TRIGGER participation_close ON participation_process;
DROP TRIGGER participation_unanswered ON participation_contribution;
DROP TRIGGER participation_frozen ON participation_decision;
DROP TRIGGER participation_frozen ON participation_documentversion;
DROP TRIGGER participation_frozen ON participation_paragraph;
DROP FUNCTION participation_close;
DROP FUNCTION participation_unanswered;
DROP FUNCTION participation_frozen;
"""


class Migration(migrations.Migration):
    dependencies = [("participation", "0001_processes")]
    operations = [migrations.RunSQL(MAKE, UNDO)]
