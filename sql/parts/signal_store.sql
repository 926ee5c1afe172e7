--
-- Signal store: what sealed events said, counted, so that reading posture costs the
-- same however long the log is.  The sealer alone writes here, in the transaction
-- that seals (signal_fold.sql).  Where there is no component, dependency or version
-- stands 0 or infinity, since keys hold no NULL.
--
CREATE TABLE maestro.signal_total (
	system_id integer NOT NULL,
	component_id integer NOT NULL,
	dependency_id integer NOT NULL,
	valid_from timestamptz NOT NULL,
	contract_version integer NOT NULL,
	drill boolean NOT NULL,
	signal text NOT NULL,
	ok bigint NOT NULL,
	bad bigint NOT NULL,
	newest_ok timestamptz,
	bad_events bigint[] NOT NULL,
	bad_times timestamptz[] NOT NULL,
	PRIMARY KEY (system_id, component_id, dependency_id, valid_from, contract_version, drill, signal)
);
COMMENT ON TABLE maestro.signal_total IS 'what sealed events of the last 30 days said (of drills 90), counted';
COMMENT ON COLUMN maestro.signal_total.valid_from IS 'since when what was declared of the component then has held, which tells its version; infinity: of none';
COMMENT ON COLUMN maestro.signal_total.contract_version IS 'whose verdict it is, where a newer contract ends the good; 0: of none';
COMMENT ON COLUMN maestro.signal_total.bad_events IS 'the newest bad events, at most 8, the newest first';
COMMENT ON COLUMN maestro.signal_total.bad_times IS 'when those were recorded';

CREATE TABLE maestro.signal_day (
	day date NOT NULL,
	system_id integer NOT NULL,
	component_id integer NOT NULL,
	dependency_id integer NOT NULL,
	valid_from timestamptz NOT NULL,
	contract_version integer NOT NULL,
	drill boolean NOT NULL,
	signal text NOT NULL,
	ok bigint NOT NULL,
	bad bigint NOT NULL,
	PRIMARY KEY (day, system_id, component_id, dependency_id, valid_from, contract_version, drill, signal)
);
COMMENT ON TABLE maestro.signal_day IS 'the same by day in UTC: what is to be taken off the totals when a day is too old';

CREATE TABLE maestro.signal_fault (
	event_id bigint PRIMARY KEY,
	recorded_at timestamptz NOT NULL,
	faults bigint NOT NULL
);
COMMENT ON TABLE maestro.signal_fault IS 'which signals each counted event was bad in, so that a review can take back just that';
COMMENT ON COLUMN maestro.signal_fault.faults IS 'bit n: the signal_slot n';

CREATE TABLE maestro.signal_pending (
	event_id bigint PRIMARY KEY
);
COMMENT ON TABLE maestro.signal_pending IS 'sealed events whose meaning later ones may still change, so that they are not counted yet: outputs that may be asked for again, failures that may be explained (an hour), failed calls of dependencies whose run goes on (a day)';

-- Of what takes more than one event, as much as the next event has to know.
CREATE TABLE maestro.signal_run (
	component_id integer NOT NULL,
	trace_id maestro.trace_id NOT NULL,
	calls bigint NOT NULL,
	is_over boolean NOT NULL,
	recorded_at timestamptz NOT NULL,
	PRIMARY KEY (component_id, trace_id)
);
COMMENT ON TABLE maestro.signal_run IS 'calls so far of the last 30 days'' runs, of components with max_iterations';
COMMENT ON COLUMN maestro.signal_run.is_over IS 'true: counted as out of bounds';

CREATE TABLE maestro.signal_breaker (
	dependency_id integer PRIMARY KEY,
	said text NOT NULL,
	recorded_at timestamptz NOT NULL,
	event_id bigint NOT NULL
);
COMMENT ON TABLE maestro.signal_breaker IS 'the last word of each dependency''s breaker';

CREATE TABLE maestro.signal_files (
	component_id integer NOT NULL,
	slot timestamptz NOT NULL,
	recorded_at timestamptz NOT NULL,
	event_id bigint NOT NULL,
	files float8 NOT NULL,
	bound float8,
	PRIMARY KEY (component_id, slot)
);
COMMENT ON TABLE maestro.signal_files IS 'open files of each component in the last 24 hours, by the heartbeat with the most of each five minutes';

CREATE TABLE maestro.signal_trend (
	component_id integer PRIMARY KEY,
	system_id integer NOT NULL,
	valid_from timestamptz NOT NULL,
	yes boolean NOT NULL,
	newest timestamptz NOT NULL,
	event_id bigint NOT NULL
);
COMMENT ON TABLE maestro.signal_trend IS 'whether the open files of each component are stable, by its sealed heartbeats';

CREATE TABLE maestro.signal_use (
	system_id integer NOT NULL,
	resource text NOT NULL,
	event_id bigint NOT NULL,
	component_id integer NOT NULL,
	component_version text,
	recorded_at timestamptz NOT NULL,
	trace_id maestro.trace_id,
	span_id maestro.span_id,
	parent_span_id maestro.span_id,
	caller name NOT NULL,
	begun timestamptz NOT NULL,
	ended timestamptz NOT NULL,
	is_counted boolean NOT NULL,
	PRIMARY KEY (event_id)
);
CREATE INDEX ON maestro.signal_use (system_id, resource, ended);
COMMENT ON TABLE maestro.signal_use IS 'the actions on each resource that ended last, at most 50, within the last hour';
COMMENT ON COLUMN maestro.signal_use.is_counted IS 'true: counted as overlapping';

DO $$
DECLARE
	t text;
BEGIN
	FOREACH t IN ARRAY ARRAY['total', 'day', 'fault', 'pending', 'run', 'breaker', 'files', 'trend', 'use'] LOOP
		PERFORM pg_catalog.pg_extension_config_dump('maestro.signal_' || t, '');
	END LOOP;
END
$$;
