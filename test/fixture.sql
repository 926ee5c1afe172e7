-- A small system for tests, written by role tap_agent, who owns nothing else.
CREATE ROLE tap_agent;
CREATE ROLE tap_other;
SELECT count(*) AS roles FROM maestro.install_roles() \gset
GRANT maestro_agent TO tap_agent, tap_other;
SELECT count(*) AS applied FROM maestro.apply_manifest($$ {"systems": [
	{"name": "tap", "db_role": "tap_agent", "components": [
		{"name": "planner", "kind": "agent", "version": "1.2"},
		{"name": "search", "kind": "tool"},
		{"name": "vault", "kind": "memory", "db_role": "tap_other"}]},
	{"name": "strict", "db_role": "tap_agent", "unregistered": "refuse"}]} $$) \gset
SELECT maestro.register_dependency('tap/planner', 'openai', address => 'api.openai.com:443') AS dependency \gset
