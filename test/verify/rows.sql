-- Rows of maestro.event as verify_log.py takes them, JSON, a line each: nothing of a
-- column is lost or rounded, and no setting of the session changes it.  Times are
-- microseconds, an interval is months, days and microseconds, jsonb is text (NULL and
-- the value null differ).
SELECT jsonb_build_object(
	'event_id', event_id, 'stamp', stamp,
	'recorded_at', (extract(epoch FROM recorded_at) * 1000000)::bigint,
	'occurred_at', (extract(epoch FROM occurred_at) * 1000000)::bigint,
	'system_id', system_id, 'component_id', component_id, 'component_version', component_version,
	'target_id', target_id, 'dependency_id', dependency_id,
	'kind', kind::text, 'level', level::text, 'outcome', outcome::text,
	'trace_id', trace_id::text, 'span_id', span_id::text, 'parent_span_id', parent_span_id::text)
	|| jsonb_build_object(
	'duration', CASE WHEN duration IS NOT NULL THEN jsonb_build_array(
		extract(year FROM duration)::integer * 12 + extract(month FROM duration)::integer, extract(day FROM duration)::integer,
		(extract(hour FROM duration) * 3600000000 + extract(minute FROM duration) * 60000000 + extract(microseconds FROM duration))::bigint) END,
	'valid', valid, 'contract_version', contract_version, 'findings', findings::text,
	'decision', decision::text, 'reason', reason, 'caller', caller::text, 'session_role', session_role::text,
	'message', message, 'body', body::text, 'attributes', attributes::text, 'violations', violations::text,
	'claimed_component', claimed_component, 'salt', encode(salt, 'hex'),
	'payload_hash', payload_hash::text, 'leaf', leaf::text)
  FROM maestro.event ORDER BY event_id;
