--
-- Partition: leaves of the trace, made ahead or by log_event as a last resort.
--
-- A leaf is a table like the parent with key, triggers and then ATTACH.  It is
-- no member of the extension, or pg_dump would leave out its definition.
--
CREATE FUNCTION maestro.partition_at(at timestamptz) RETURNS regclass
	LANGUAGE c STABLE STRICT PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'maestro_partition_at';
COMMENT ON FUNCTION maestro.partition_at(timestamptz) IS 'the partition of the trace that holds a time, NULL when there is none';

CREATE FUNCTION maestro.create_partition_as(caller oid, at timestamptz, width text)
	RETURNS regclass
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
	SET "TimeZone" = 'UTC' SET "DateStyle" = 'ISO, YMD' AS $$
DECLARE
	lower_bound timestamptz;
	upper_bound timestamptz;
	bound record;
	leaf text;
BEGIN
	IF width IS NULL OR width NOT IN ('day', 'week', 'month') THEN
		RAISE EXCEPTION 'width of a partition must be "day", "week" or "month"'
			USING ERRCODE = 'invalid_parameter_value';
	END IF;
	IF at IS NULL OR NOT isfinite(at) THEN
		RAISE EXCEPTION 'a partition needs a finite time to hold'
			USING ERRCODE = 'invalid_parameter_value';
	END IF;
	-- One at a time; whoever waited looks again.  The parent alone: a partition may be
	-- under VACUUM for long.
	LOCK TABLE ONLY maestro.event IN SHARE UPDATE EXCLUSIVE MODE;
	IF maestro.partition_at(at) IS NOT NULL THEN
		RETURN maestro.partition_at(at);
	END IF;
	lower_bound := date_trunc(width, at);
	upper_bound := lower_bound + ('1 ' || width)::interval;
	FOR bound IN
		-- Functions that read the catalog as it is now: the snapshot of a
		-- REPEATABLE READ transaction may be older than a neighbour.
		SELECT (b.edges)[1]::timestamptz AS first, (b.edges)[2]::timestamptz AS next
		  FROM pg_partition_tree('maestro.event') AS t
		 CROSS JOIN LATERAL regexp_match(pg_get_partition_constraintdef(t.relid),
				'>= ''([^'']+)''.* < ''([^'']+)''') AS b (edges)
		 WHERE t.level = 1
	LOOP
		IF bound.next <= at THEN
			lower_bound := greatest(lower_bound, bound.next);
		ELSE
			upper_bound := least(upper_bound, bound.first);
		END IF;
	END LOOP;
	leaf := format('event_%s', to_char(lower_bound,
		CASE WHEN width = 'month' AND lower_bound = date_trunc('month', lower_bound) THEN 'YYYY_MM' ELSE 'YYYY_MM_DD' END));
	IF to_regclass('maestro.' || quote_ident(leaf)) IS NOT NULL THEN
		leaf := format('%s_%s', leaf, to_char(lower_bound, 'HH24MISS'));
	END IF;
	EXECUTE format('CREATE TABLE maestro.%I (LIKE maestro.event, PRIMARY KEY (event_id))', leaf);
	EXECUTE format('CREATE INDEX ON maestro.%I (stamp, event_id)', leaf);
	-- What other events of a run are judged by; few events are of these kinds.
	-- Whatever a look-up asks stands in the index, or a flood of others would make it long.
	EXECUTE format('CREATE INDEX ON maestro.%I (system_id, trace_id, caller, span_id) WHERE kind = ''error'' AND component_id IS NOT NULL', leaf);
	EXECUTE format('CREATE INDEX ON maestro.%I (system_id, trace_id, caller, event_id) WHERE kind = ''agent_run'' AND component_id IS NOT NULL', leaf);
	EXECUTE format('CREATE INDEX ON maestro.%I (system_id, trace_id, caller, event_id)
		WHERE kind = ''approval'' AND component_id IS NOT NULL AND duration IS NOT NULL', leaf);
	-- What guards said of a run, by whom: how much of its budget is used.
	EXECUTE format('CREATE INDEX ON maestro.%I (trace_id, component_id, event_id)
		WHERE kind = ''guard'' AND component_id IS NOT NULL AND trace_id IS NOT NULL', leaf);
	EXECUTE format('CREATE TRIGGER append_only_row BEFORE UPDATE OR DELETE ON maestro.%I
		FOR EACH ROW EXECUTE FUNCTION maestro.append_only_refuse()', leaf);
	EXECUTE format('CREATE TRIGGER append_only_statement BEFORE UPDATE OR DELETE OR TRUNCATE ON maestro.%I
		FOR EACH STATEMENT EXECUTE FUNCTION maestro.append_only_refuse()', leaf);
	-- Triggers fire by name: this one sees what the others left.
	EXECUTE format('CREATE TRIGGER zz_append_only_insert BEFORE INSERT ON maestro.%I
		FOR EACH ROW EXECUTE FUNCTION maestro.append_only_insert()', leaf);
	EXECUTE format('ALTER TABLE maestro.%I ENABLE ALWAYS TRIGGER append_only_row,
		ENABLE ALWAYS TRIGGER append_only_statement, ENABLE ALWAYS TRIGGER zz_append_only_insert', leaf);
	-- No policy: who reads events reads them through the parent and its policy.
	EXECUTE format('ALTER TABLE maestro.%I ENABLE ROW LEVEL SECURITY', leaf);
	EXECUTE format('ALTER TABLE maestro.event ATTACH PARTITION maestro.%I FOR VALUES FROM (%L) TO (%L)',
		leaf, lower_bound, upper_bound);
	IF to_regclass('maestro.event_present') IS NULL THEN
		CREATE VIEW maestro.event_present AS SELECT event_id FROM maestro.event;
		COMMENT ON VIEW maestro.event_present IS
			'no member of the extension, so that DROP EXTENSION asks for CASCADE before it takes events along';
	END IF;
	RETURN to_regclass('maestro.' || quote_ident(leaf));
END
$$;
COMMENT ON FUNCTION maestro.create_partition_as(oid, timestamptz, text) IS 'does create_partition''s work, as the owner';

CREATE FUNCTION maestro.create_partition(at timestamptz DEFAULT now(), width text DEFAULT 'month')
	RETURNS regclass LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'maestro_gate';
COMMENT ON FUNCTION maestro.create_partition(timestamptz, text) IS
	'makes the partition of the trace that holds a time, a day, week or month wide in UTC and clipped to its neighbours, and returns it; one that exists is returned as it is';
REVOKE ALL ON FUNCTION maestro.partition_at(timestamptz), maestro.create_partition_as(oid, timestamptz, text),
	maestro.create_partition(timestamptz, text) FROM PUBLIC;
