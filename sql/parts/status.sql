--
-- Status: how what runs in the server stands.
--
CREATE FUNCTION maestro.status(
	OUT preloaded boolean, OUT in_recovery boolean, OUT shared_memory bigint,
	OUT guard_capacity integer, OUT guard_entries integer, OUT guard_evictions bigint,
	OUT databases text[], OUT sealer_pid integer, OUT last_seal timestamptz, OUT unsealed bigint,
	OUT recorder_pid integer, OUT queue_capacity integer, OUT queue_waiting integer,
	OUT queue_stored bigint, OUT queue_refused bigint, OUT queue_failed bigint, OUT queue_dropped bigint)
	LANGUAGE c VOLATILE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'maestro_status';
COMMENT ON FUNCTION maestro.status() IS
	'one row on what runs in the server. preloaded: shared_preload_libraries has it; what follows is NULL where it has not. shared_memory: bytes that guards, permits and the queue take. guard_entries of guard_capacity guards and runs are remembered, and guard_evictions made room for others. databases: the setting maestro.databases; sealer_pid and recorder_pid: those of this database, NULL where none runs; last_seal: when its newest checkpoint was made; unsealed: events that came since the sealer last began, those of transactions that were rolled back included. The queue is of all databases: queue_waiting of queue_capacity events wait for a recorder or are being stored; queue_stored so far; queue_refused: there was no place; queue_failed: taken and not stored; queue_dropped: denials of require and require_spend for which there was no place, or no recorder. Counts begin with the server';
REVOKE ALL ON FUNCTION maestro.status() FROM PUBLIC;
