-- The second fence of tenancy: row-level security for every table that has a tenant_id or an account_id, found in the catalogue, so that a
-- new table is fenced without anybody remembering it. The owner (MailHost, jobs, migrations) passes; the API takes the role below
-- for each caller who is not an operator. Safe to run any number of times.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'postyard_fenced') THEN
    BEGIN
      CREATE ROLE postyard_fenced NOLOGIN;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; -- made meanwhile for another database of the cluster
    END;
  END IF;
  IF NOT pg_has_role(current_user, 'postyard_fenced', 'MEMBER') THEN
    EXECUTE format('GRANT postyard_fenced TO %I', current_user);
  END IF;
END $$;

GRANT USAGE ON SCHEMA public TO postyard_fenced;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO postyard_fenced;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO postyard_fenced;
REVOKE ALL ON schema_migration, server_key, rate_counter, user_session, totp_secret, recovery_code, app_user_passkey FROM postyard_fenced;

CREATE OR REPLACE FUNCTION app_id(name text) RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS
  $$ SELECT nullif(current_setting(name, true), '')::bigint $$;

CREATE OR REPLACE FUNCTION app_sees_tenant(t bigint) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE current_setting('app.scope', true)
    WHEN 'tenant' THEN t = app_id('app.tenant')
    WHEN 'reseller' THEN EXISTS (SELECT FROM tenant WHERE id = t AND reseller_id = app_id('app.reseller'))
    WHEN 'account' THEN t = (SELECT tenant_id FROM account_state WHERE account_id = app_id('app.account'))
    ELSE false
  END $$;

CREATE OR REPLACE FUNCTION app_sees_account(a bigint) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN current_setting('app.scope', true) = 'account' THEN a = app_id('app.account')
    ELSE EXISTS (SELECT FROM account WHERE id = a) END $$;

DO $$
DECLARE
  t record;
  rule text;
  -- The sub-selects are asked once a statement; a function in their place is asked for each row, thirty times the cost of a long list.
  sees CONSTANT text := 'CASE (SELECT current_setting(''app.scope'', true)) WHEN ''tenant'' THEN tenant_id = (SELECT app_id(''app.tenant''))'
    || ' WHEN ''reseller'' THEN tenant_id IN (SELECT id FROM tenant WHERE reseller_id = (SELECT app_id(''app.reseller'')))'
    || ' ELSE app_sees_tenant(tenant_id) END';
BEGIN
  FOR t IN
    SELECT c.oid::regclass AS name, c.relname,
      EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'account_id' AND NOT a.attisdropped) AS by_account,
      EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped) AS by_tenant
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')
  LOOP
    rule := CASE
      WHEN t.relname = 'account_state' THEN
        'CASE WHEN (SELECT current_setting(''app.scope'', true)) = ''account'' THEN account_id = (SELECT app_id(''app.account'')) ELSE ' || sees || ' END'
      WHEN t.relname = 'account' THEN
        'CASE WHEN (SELECT current_setting(''app.scope'', true)) = ''account'' THEN id = (SELECT app_id(''app.account'')) ELSE ' || sees || ' END'
      WHEN t.relname = 'tenant' THEN
        'CASE current_setting(''app.scope'', true) WHEN ''reseller'' THEN reseller_id = app_id(''app.reseller'') WHEN ''tenant'' THEN id = app_id(''app.tenant'') ELSE app_sees_tenant(id) END'
      WHEN t.relname = 'reseller' THEN
        'CASE current_setting(''app.scope'', true) WHEN ''reseller'' THEN id = app_id(''app.reseller'') ELSE EXISTS (SELECT FROM tenant WHERE reseller_id = reseller.id) END'
      -- Rows of a reseller itself, or of the platform, stand beside the tenants' rows in these.
      WHEN t.relname IN ('brand', 'role_grant', 'audit_entry') THEN
        '(tenant_id IS NOT NULL AND app_sees_tenant(tenant_id)) OR (reseller_id IS NOT NULL AND current_setting(''app.scope'', true) = ''reseller'' AND reseller_id = app_id(''app.reseller''))'
      -- A platform of a reseller is its tenants' too, and one of nobody is everybody's.
      WHEN t.relname = 'legacy_platform' THEN
        'CASE WHEN tenant_id IS NOT NULL THEN app_sees_tenant(tenant_id) WHEN reseller_id IS NULL THEN true ELSE CASE current_setting(''app.scope'', true) WHEN ''reseller'' THEN reseller_id = app_id(''app.reseller'') ELSE EXISTS (SELECT FROM tenant WHERE reseller_id = legacy_platform.reseller_id) END END'
      WHEN t.relname IN ('app_user') THEN
        'tenant_id IS NOT NULL AND app_sees_tenant(tenant_id)'
      -- Its account_id is the local account that it goes to; whose it is, the message says.
      WHEN t.relname = 'queue_recipient' THEN
        'EXISTS (SELECT FROM queue_message m WHERE m.id = message_id)'
      WHEN t.by_tenant THEN sees
      WHEN t.by_account THEN
        'CASE WHEN (SELECT current_setting(''app.scope'', true)) = ''account'' THEN account_id = (SELECT app_id(''app.account'')) ELSE app_sees_account(account_id) END'
    END;
    IF rule IS NULL THEN CONTINUE; END IF;
    -- These statements lock out everybody for a moment, so a table that has this very rule is left alone.
    IF EXISTS (SELECT FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
        WHERE p.polrelid = t.name AND p.polname = 'tenancy' AND c.relrowsecurity AND obj_description(p.oid, 'pg_policy') = md5(rule)) THEN CONTINUE; END IF;
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t.name);
    EXECUTE format('DROP POLICY IF EXISTS tenancy ON %s', t.name);
    EXECUTE format('CREATE POLICY tenancy ON %s TO postyard_fenced USING (%s)%s', t.name, rule,
      CASE WHEN t.relname = 'legacy_platform' THEN ' WITH CHECK (NOT operator_defined AND (tenant_id IS NOT NULL OR reseller_id IS NOT NULL) AND ' || rule || ')' END);
    EXECUTE format('COMMENT ON POLICY tenancy ON %s IS %L', t.name, md5(rule));
  END LOOP;
END $$;
