-- Merkle trees as RFC 6962 section 2.1 defines them, by its recursions.
CREATE FUNCTION pg_temp.node(l bytea, r bytea) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$ SELECT sha256('\x01' || l || r) $$;
CREATE FUNCTION pg_temp.split(n integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	k integer := 1;
BEGIN
	WHILE k * 2 < n LOOP
		k := k * 2;
	END LOOP;
	RETURN k;
END
$$;
-- MTH(D[n]) of entries.
CREATE FUNCTION pg_temp.mth(d bytea[]) RETURNS bytea LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	n integer := cardinality(d);
	k integer := pg_temp.split(n);
BEGIN
	IF n = 0 THEN
		RETURN sha256('');
	ELSIF n = 1 THEN
		RETURN sha256('\x00' || d[1]);
	END IF;
	RETURN pg_temp.node(pg_temp.mth(d[1:k]), pg_temp.mth(d[k + 1:n]));
END
$$;
-- The hashes of all subtrees D[a:b] that begin at a multiple of the power of two that
-- they fit in, of up to 300 leaves: h[301 a + b + 1].
CREATE FUNCTION pg_temp.subtrees(leaves bytea[]) RETURNS bytea[] LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	h bytea[] := array_fill(NULL::bytea, ARRAY[301 * 301]);
	n integer := cardinality(leaves);
	k integer;
BEGIN
	FOR size IN 1..n LOOP
		k := pg_temp.split(size);
		FOR a IN 0..n - size LOOP
			IF size = 1 THEN
				h[301 * a + a + 2] := leaves[a + 1];
			ELSIF a % (2 * k) = 0 THEN
				h[301 * a + a + size + 1] := sha256('\x01' || h[301 * a + a + k + 1] || h[301 * (a + k) + a + size + 1]);
			END IF;
		END LOOP;
	END LOOP;
	RETURN h;
END
$$;
-- PATH(m, D[a:b]), 2.1.1
CREATE FUNCTION pg_temp.path(h bytea[], m integer, a integer, b integer) RETURNS bytea[] LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	k integer := 1;
BEGIN
	IF b - a = 1 THEN
		RETURN '{}';
	END IF;
	WHILE k * 2 < b - a LOOP
		k := k * 2;
	END LOOP;
	IF m < k THEN
		RETURN pg_temp.path(h, m, a, a + k) || h[301 * (a + k) + b + 1];
	END IF;
	RETURN pg_temp.path(h, m - k, a + k, b) || h[301 * a + a + k + 1];
END
$$;
-- SUBPROOF(m, D[a:b], whole), 2.1.2
CREATE FUNCTION pg_temp.subproof(h bytea[], m integer, a integer, b integer, whole boolean) RETURNS bytea[] LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	k integer := 1;
BEGIN
	IF m = b - a THEN
		RETURN CASE WHEN whole THEN '{}'::bytea[] ELSE ARRAY[h[301 * a + b + 1]] END;
	END IF;
	WHILE k * 2 < b - a LOOP
		k := k * 2;
	END LOOP;
	IF m <= k THEN
		RETURN pg_temp.subproof(h, m, a, a + k, whole) || h[301 * (a + k) + b + 1];
	END IF;
	RETURN pg_temp.subproof(h, m - k, a + k, b, false) || h[301 * a + a + k + 1];
END
$$;
-- All proofs of a tree and its beginnings.
CREATE TEMP TABLE inclusion (index integer, size integer, leaf bytea, proof bytea[], root bytea);
CREATE TEMP TABLE consistency (size1 integer, size2 integer, proof bytea[], root1 bytea, root2 bytea);
CREATE FUNCTION pg_temp.prove(leaves bytea[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	h bytea[] := pg_temp.subtrees(leaves);
BEGIN
	FOR size IN 1..cardinality(leaves) LOOP
		FOR m IN 0..size - 1 LOOP
			INSERT INTO inclusion VALUES (m, size, h[301 * m + m + 2], pg_temp.path(h, m, 0, size), h[size + 1]);
			INSERT INTO consistency VALUES (m + 1, size, pg_temp.subproof(h, m + 1, 0, size, true), h[m + 2], h[size + 1]);
		END LOOP;
	END LOOP;
	CREATE INDEX ON inclusion (index, size);
	CREATE INDEX ON consistency (size2, size1);
	ANALYZE inclusion, consistency;
END
$$;
