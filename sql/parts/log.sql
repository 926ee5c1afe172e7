--
-- Log: which log this is, its Merkle tree, and what was said about it outside.
--
-- None of these rows is made by the install script or in the background, or a
-- restore would find them in its way; the first event, or an operator's seal(),
-- makes them.
--
CREATE TABLE maestro.log (
	one boolean PRIMARY KEY DEFAULT true CHECK (one),
	log_id uuid NOT NULL,
	origin text NOT NULL,
	retention interval NOT NULL DEFAULT '6 mons',
	created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON COLUMN maestro.log.retention IS 'for how long events are kept at least; six months are what Article 19 of the EU AI Act asks of providers of high-risk systems. Only lengthened, by lengthen_retention';
COMMENT ON TABLE maestro.log IS 'the log: one row, made with the first event';
COMMENT ON COLUMN maestro.log.log_id IS 'part of every hash';
COMMENT ON COLUMN maestro.log.origin IS 'the log''s name in checkpoints; log_fork gives it a number';

CREATE TABLE maestro.incarnation (
	no integer PRIMARY KEY CHECK (no BETWEEN 1 AND 32767),
	system_identifier bigint NOT NULL,
	database oid NOT NULL,
	snapshot pg_snapshot NOT NULL,
	size bigint NOT NULL CHECK (size >= 0),
	root maestro.digest NOT NULL,
	reason text NOT NULL,
	began_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	adopted_at timestamptz
);
COMMENT ON TABLE maestro.incarnation IS 'the lives of the database: a new one begins when a restore or copy changes the meaning of transaction ids';
COMMENT ON COLUMN maestro.incarnation.system_identifier IS 'of the server, as pg_control_system() has it';
COMMENT ON COLUMN maestro.incarnation.snapshot IS 'the first one';
COMMENT ON COLUMN maestro.incarnation.size IS 'of the log when it began';
COMMENT ON COLUMN maestro.incarnation.root IS 'of the log when it began';
COMMENT ON COLUMN maestro.incarnation.adopted_at IS 'when somebody said that this is the log itself and no copy; until then no checkpoint is signed';

CREATE TABLE maestro.checkpoint (
	size bigint PRIMARY KEY CHECK (size > 0),
	root maestro.digest NOT NULL,
	frontier bytea NOT NULL,
	snapshot pg_snapshot NOT NULL,
	incarnation integer NOT NULL,
	batch bigint NOT NULL,
	created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	signals bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex')
);
CREATE INDEX ON maestro.checkpoint (incarnation, pg_snapshot_xmax(snapshot));
COMMENT ON TABLE maestro.checkpoint IS 'each seal: the log''s size and root after it';
COMMENT ON COLUMN maestro.checkpoint.frontier IS 'roots of the perfect subtrees that the tree consists of, the largest first, 32 bytes each';
COMMENT ON COLUMN maestro.checkpoint.snapshot IS 'transactions whose events are sealed; the sealer''s own counts as in progress';
COMMENT ON COLUMN maestro.checkpoint.signals IS 'signal_sum() after it';
COMMENT ON COLUMN maestro.checkpoint.batch IS 'events that this seal added';

CREATE TABLE maestro.tile (
	level integer NOT NULL CHECK (level BETWEEN 0 AND 7),
	n bigint NOT NULL,
	hashes bytea NOT NULL,
	event_ids bytea,
	first_stamp bigint,
	PRIMARY KEY (level, n)
);
-- Hashes do not compress.
ALTER TABLE maestro.tile ALTER COLUMN hashes SET STORAGE EXTERNAL, ALTER COLUMN event_ids SET STORAGE EXTERNAL;
COMMENT ON TABLE maestro.tile IS 'full tiles of the Merkle tree, which never change: 256 nodes of tree level 8 * level';
COMMENT ON COLUMN maestro.tile.n IS 'the tile''s number in its level: nodes from 256 * n on';
COMMENT ON COLUMN maestro.tile.hashes IS '256 hashes of 32 bytes';
COMMENT ON COLUMN maestro.tile.event_ids IS 'at level 0 the events'' ids, 8 bytes each, big-endian';

CREATE TABLE maestro.tile_tail (
	level integer NOT NULL CHECK (level BETWEEN 0 AND 7),
	first bigint NOT NULL,
	hashes bytea NOT NULL,
	event_ids bytea,
	first_stamp bigint,
	PRIMARY KEY (level, first)
);
COMMENT ON COLUMN maestro.tile.first_stamp IS 'at level 0 the stamp of the first event: where an event is found in the tree';
COMMENT ON TABLE maestro.tile_tail IS 'nodes that fill no tile yet, a row a seal; moved to tile when there are 256';
COMMENT ON COLUMN maestro.tile_tail.first IS 'number of the first node in its level';

CREATE TABLE maestro.cosignature (
	size bigint NOT NULL,
	name text NOT NULL,
	line text NOT NULL,
	root maestro.digest NOT NULL,
	origin text NOT NULL,
	added_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	PRIMARY KEY (size, name, line)
);
COMMENT ON TABLE maestro.cosignature IS 'signatures of checkpoints that were made outside, by the log''s key or by witnesses';
COMMENT ON COLUMN maestro.cosignature.name IS 'who signed, as the line says';
COMMENT ON COLUMN maestro.cosignature.line IS 'the signature line of the note';

CREATE TABLE maestro.trusted_key (
	key_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	vkey text NOT NULL,
	trusted_by name NOT NULL,
	trusted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	ended_at timestamptz
);
COMMENT ON TABLE maestro.trusted_key IS 'public keys whose signatures of checkpoints are kept: witnesses, and the log''s own where it is signed outside';
COMMENT ON COLUMN maestro.trusted_key.vkey IS 'C2SP verifier key: name+id+key';
COMMENT ON COLUMN maestro.trusted_key.ended_at IS 'NULL: in force';

CREATE TABLE maestro.checkpoint_copy (
	copy_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	size bigint NOT NULL,
	root maestro.digest NOT NULL,
	place text NOT NULL,
	is_same boolean NOT NULL,
	recorded_by name NOT NULL,
	recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE maestro.checkpoint_copy IS 'checkpoints that somebody holds outside and has compared with the log';
COMMENT ON COLUMN maestro.checkpoint_copy.place IS 'where it is held, in words';
COMMENT ON COLUMN maestro.checkpoint_copy.is_same IS 'false: the log had another root at this size, or never had this size';

DO $$
DECLARE
	t text;
BEGIN
	FOREACH t IN ARRAY ARRAY['log', 'incarnation', 'checkpoint', 'tile', 'tile_tail', 'cosignature', 'checkpoint_copy',
			'checkpoint_copy_copy_id_seq',
			'trusted_key', 'trusted_key_key_id_seq'] LOOP
		PERFORM pg_catalog.pg_extension_config_dump('maestro.' || t, '');
	END LOOP;
END
$$;
