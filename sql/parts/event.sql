--
-- Event: the append-only trace.
--
-- The parent has no key, no index and no identity: pg_dump could not restore
-- them for a member of an extension.  Leaves have them (partition.sql).  There
-- is no foreign key either, since checking it for each event would cost more
-- than all the rest; registry rows are never deleted, so ids stay meaningful.
--
CREATE SEQUENCE maestro.event_id_seq AS bigint CACHE 1;
COMMENT ON SEQUENCE maestro.event_id_seq IS 'event ids; gaps are transactions that rolled back';

CREATE TABLE maestro.event (
	event_id bigint NOT NULL,
	recorded_at timestamptz NOT NULL,
	occurred_at timestamptz NOT NULL,
	system_id integer,
	component_id integer,
	component_version text,
	target_id integer,
	dependency_id integer,
	kind maestro.event_kind NOT NULL,
	level maestro.log_level NOT NULL,
	outcome maestro.outcome,
	trace_id maestro.trace_id,
	span_id maestro.span_id,
	parent_span_id maestro.span_id,
	duration interval,
	message text,
	body jsonb,
	attributes jsonb,
	valid boolean,
	contract_version integer,
	violations jsonb,
	findings jsonb,
	decision maestro.decision,
	reason text,
	claimed_component text,
	caller name NOT NULL,
	session_role name NOT NULL,
	stamp bigint NOT NULL,
	salt bytea,
	payload_hash maestro.digest NOT NULL,
	leaf maestro.digest NOT NULL
) PARTITION BY RANGE (recorded_at);
COMMENT ON TABLE maestro.event IS 'the trace: one row an event, written by log_event and log_events alone';
COMMENT ON COLUMN maestro.event.recorded_at IS 'when maestro stored it; decides the partition';
COMMENT ON COLUMN maestro.event.occurred_at IS 'when it happened by the caller''s clock; more than 5 minutes ahead is clamped and marked with the attribute maestro.claimed_occurred_at';
COMMENT ON COLUMN maestro.event.system_id IS 'the system; NULL when the claimed one does not exist';
COMMENT ON COLUMN maestro.event.component_id IS 'the component that acted; NULL when nobody registered it (claimed_component)';
COMMENT ON COLUMN maestro.event.target_id IS 'the registered component acted on';
COMMENT ON COLUMN maestro.event.body IS 'what contracts check: the input, output, arguments or result, sanitized';
COMMENT ON COLUMN maestro.event.attributes IS 'everything else, by OpenTelemetry''s names, sanitized';
COMMENT ON COLUMN maestro.event.valid IS 'the contract''s verdict; NULL: not checked';
COMMENT ON COLUMN maestro.event.findings IS 'what sanitizing replaced, by type and count: {"EMAIL": 2}; NULL: nothing';
COMMENT ON COLUMN maestro.event.decision IS 'deny for a refusal, a guard''s answer, otherwise NULL';
COMMENT ON COLUMN maestro.event.reason IS 'why it was refused: a word';
COMMENT ON COLUMN maestro.event.claimed_component IS 'the name that an unregistered writer gave, sanitized';
COMMENT ON COLUMN maestro.event.caller IS 'effective role of the writer';
COMMENT ON COLUMN maestro.event.session_role IS 'login role of the writer';
COMMENT ON COLUMN maestro.event.stamp IS 'incarnation times 2^48 plus the id of the writing transaction: the order of sealing';
COMMENT ON COLUMN maestro.event.salt IS '16 random bytes hashed with the payload; NULL: the payload was erased';
COMMENT ON COLUMN maestro.event.payload_hash IS 'of salt, message, body, attributes, violations and claimed_component; stays when they are erased';
COMMENT ON COLUMN maestro.event.leaf IS 'of the whole event: what the Merkle tree holds';

SELECT pg_catalog.pg_extension_config_dump('maestro.event_id_seq', '');
