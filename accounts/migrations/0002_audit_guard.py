"""The audit trail only grows: PostgreSQL itself refuses to change, remove or empty it (I11)."""

from django.db import migrations

# ENABLE ALWAYS: fires in replica mode too, which a superuser could otherwise switch on to slip past.
GUARD = """
CREATE FUNCTION accounts_refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The audit trail only grows: % refused.', TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER audit_refuses_change BEFORE UPDATE OR DELETE ON accounts_auditentry
    FOR EACH ROW EXECUTE FUNCTION accounts_refuse_audit_change();
CREATE TRIGGER audit_refuses_truncate BEFORE TRUNCATE ON accounts_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION accounts_refuse_audit_change();
ALTER TABLE accounts_auditentry ENABLE ALWAYS TRIGGER audit_refuses_change;
ALTER TABLE accounts_auditentry ENABLE ALWAYS TRIGGER audit_refuses_truncate;
DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'desk_app') THEN
        REVOKE UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON accounts_auditentry FROM desk_app;
    END IF;
END
$$;
"""
UNGUARD = """
DROP TRIGGER audit_refuses_truncate ON accounts_auditentry;
DROP TRIGGER audit_refuses_change ON accounts_auditentry;
DROP FUNCTION accounts_refuse_audit_change();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [migrations.RunSQL(GUARD, UNGUARD)]
