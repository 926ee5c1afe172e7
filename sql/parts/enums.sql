--
-- Enums: closed vocabularies.  Order matters where it is compared (severity).
--
CREATE TYPE maestro.severity AS ENUM ('LOW', 'MED', 'HIGH', 'CRITICAL');
COMMENT ON TYPE maestro.severity IS 'how bad a threat is, ascending; ranks 1 to 4';

CREATE TYPE maestro.component_kind AS ENUM (
	'agent', 'orchestrator', 'model', 'gateway', 'tool', 'mcp_server', 'memory',
	'service', 'runner', 'trace_store', 'infrastructure', 'registry');
COMMENT ON TYPE maestro.component_kind IS 'what a component is; decides its default layer and which controls apply to it';

CREATE TYPE maestro.component_state AS ENUM ('active', 'suspended', 'retired');
COMMENT ON TYPE maestro.component_state IS 'active components may log; suspended and retired ones leave scores but stay listed';

CREATE TYPE maestro.event_kind AS ENUM (
	'input', 'output', 'handoff', 'model_call', 'tool_call', 'dependency_call', 'agent_run',
	'error', 'heartbeat', 'approval', 'guard', 'rejected', 'registry', 'note');
COMMENT ON TYPE maestro.event_kind IS 'what an event is evidence of; "rejected" and "registry" are written by maestro alone';

CREATE TYPE maestro.log_level AS ENUM ('trace', 'debug', 'info', 'warn', 'error', 'fatal');
COMMENT ON TYPE maestro.log_level IS 'OpenTelemetry''s severity ranges in short, ascending';

CREATE TYPE maestro.outcome AS ENUM ('ok', 'error', 'timeout', 'cancelled', 'denied', 'rejected', 'degraded');
COMMENT ON TYPE maestro.outcome IS 'how what the event describes ended';

CREATE TYPE maestro.decision AS ENUM ('allow', 'deny', 'modify', 'ask', 'defer');
COMMENT ON TYPE maestro.decision IS 'what a guard or the log answered';

CREATE TYPE maestro.control_status AS ENUM ('ok', 'alarm', 'unknown', 'error', 'waived', 'skip');
COMMENT ON TYPE maestro.control_status IS 'ok and alarm rest on evidence; unknown: too little or too old; error: the check failed; waived: a valid decision; skip: does not apply';

CREATE TYPE maestro.threat_status AS ENUM (
	'open', 'partial', 'mitigated', 'unknown', 'accepted', 'transferred', 'avoided',
	'false_positive', 'not_applicable');
COMMENT ON TYPE maestro.threat_status IS 'open: an alarm; mitigated: all applicable controls ok; partial: some; unknown: no evidence; the others are decisions or do not apply';

CREATE TYPE maestro.evidence_basis AS ENUM ('attested', 'drill', 'reported', 'observed', 'enforced');
COMMENT ON TYPE maestro.evidence_basis IS 'what a status rests on, from weakest to strongest; of several the weakest is shown';

-- Drivers bind strings as text or varchar; both must find an enum argument.
CREATE CAST (text AS maestro.severity) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (text AS maestro.severity) IS 'reads a label; drivers bind strings as text';
CREATE CAST (varchar AS maestro.severity) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (varchar AS maestro.severity) IS 'reads a label; drivers bind strings as varchar';
CREATE CAST (text AS maestro.component_kind) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (text AS maestro.component_kind) IS 'reads a label; drivers bind strings as text';
CREATE CAST (varchar AS maestro.component_kind) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (varchar AS maestro.component_kind) IS 'reads a label; drivers bind strings as varchar';
CREATE CAST (text AS maestro.component_state) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (text AS maestro.component_state) IS 'reads a label; drivers bind strings as text';
CREATE CAST (varchar AS maestro.component_state) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (varchar AS maestro.component_state) IS 'reads a label; drivers bind strings as varchar';
CREATE CAST (text AS maestro.event_kind) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (text AS maestro.event_kind) IS 'reads a label; drivers bind strings as text';
CREATE CAST (varchar AS maestro.event_kind) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (varchar AS maestro.event_kind) IS 'reads a label; drivers bind strings as varchar';
CREATE CAST (text AS maestro.log_level) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (text AS maestro.log_level) IS 'reads a label; drivers bind strings as text';
CREATE CAST (varchar AS maestro.log_level) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (varchar AS maestro.log_level) IS 'reads a label; drivers bind strings as varchar';
CREATE CAST (text AS maestro.outcome) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (text AS maestro.outcome) IS 'reads a label; drivers bind strings as text';
CREATE CAST (varchar AS maestro.outcome) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (varchar AS maestro.outcome) IS 'reads a label; drivers bind strings as varchar';
CREATE CAST (text AS maestro.decision) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (text AS maestro.decision) IS 'reads a label; drivers bind strings as text';
CREATE CAST (varchar AS maestro.decision) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (varchar AS maestro.decision) IS 'reads a label; drivers bind strings as varchar';
CREATE CAST (text AS maestro.control_status) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (text AS maestro.control_status) IS 'reads a label; drivers bind strings as text';
CREATE CAST (varchar AS maestro.control_status) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (varchar AS maestro.control_status) IS 'reads a label; drivers bind strings as varchar';
CREATE CAST (text AS maestro.threat_status) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (text AS maestro.threat_status) IS 'reads a label; drivers bind strings as text';
CREATE CAST (varchar AS maestro.threat_status) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (varchar AS maestro.threat_status) IS 'reads a label; drivers bind strings as varchar';
CREATE CAST (text AS maestro.evidence_basis) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (text AS maestro.evidence_basis) IS 'reads a label; drivers bind strings as text';
CREATE CAST (varchar AS maestro.evidence_basis) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (varchar AS maestro.evidence_basis) IS 'reads a label; drivers bind strings as varchar';
