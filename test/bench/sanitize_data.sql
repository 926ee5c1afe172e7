--
-- Log lines as agents write them, for sanitize.sh: 200,000 in bench.line, 300
-- bytes on average, 3 % with a secret or personal data.  The same at every run;
-- secrets are put together here, so that none stands in this file.
--
CREATE SCHEMA bench;
SET search_path = bench;
SET jit = off;
SET max_parallel_workers_per_gather = 0;
SELECT setseed(0.42);

CREATE FUNCTION below(n integer) RETURNS integer LANGUAGE plpgsql AS $$ BEGIN
	RETURN floor(random() * n)::integer;
END $$;
CREATE FUNCTION pick(VARIADIC choice text[]) RETURNS text LANGUAGE plpgsql AS $$ BEGIN
	RETURN choice[1 + floor(random() * cardinality(choice))::integer];
END $$;
CREATE FUNCTION hex(n integer) RETURNS text LANGUAGE plpgsql AS $$ BEGIN
	RETURN left(md5(random()::text) || md5(random()::text), n);
END $$;
CREATE FUNCTION uuid() RETURNS text LANGUAGE plpgsql AS $$ BEGIN
	RETURN regexp_replace(md5(random()::text), '(.{8})(.{4})(.{4})(.{4})(.*)', '\1-\2-\3-\4-\5');
END $$;
-- as random as base64 of random bytes, in letters and digits
CREATE FUNCTION alnum(n integer) RETURNS text LANGUAGE plpgsql AS $$ BEGIN
	RETURN (SELECT string_agg(substr('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789',
		1 + floor(random() * 62)::integer, 1), '') FROM generate_series(1, n));
END $$;
CREATE FUNCTION stamp() RETURNS text LANGUAGE plpgsql AS $$ BEGIN
	RETURN to_char(timestamp '2025-03-01' + random() * interval '300 days',
		pick('YYYY-MM-DD"T"HH24:MI:SS.MS"Z"', 'YYYY-MM-DD HH24:MI:SS,MS', 'DD/Mon/YYYY:HH24:MI:SS +0000'));
END $$;
CREATE FUNCTION word() RETURNS text LANGUAGE plpgsql AS $$ BEGIN
	RETURN ('{the,a,to,of,and,for,with,from,in,on,is,was,not,by,that,agent,tool,step,plan,search,result,query,
		document,answer,question,user,customer,order,invoice,weather,calendar,meeting,summary,report,table,
		column,index,database,schema,request,response,session,context,window,model,prompt,completion,retry,
		timeout,error,warning,connection,closed,opened,started,finished,failed,skipped,queued,waiting,
		processing,calling,received,sending,returned,found,missing,expected,between,because,before,after,
		should,could,would,please,check,update,delete,insert,select,verify,compare,three,several,first,
		second,next,private,public,secret,password,token,key,skill,basic,bearer,key-value,patient,Paris,
		Lisbon,Monday,January,HTTP,JSON,SQL,API,GPU,cache,vector,embedding}'::text[])[1 + floor(random() * 111)::integer];
END $$;
CREATE FUNCTION words(n integer) RETURNS text LANGUAGE plpgsql AS $$ BEGIN
	RETURN (SELECT string_agg(word() || pick('', '', '', '', '', '', '', '', ',', '.', ':'), ' ') FROM generate_series(1, n));
END $$;

CREATE FUNCTION fragment(kind integer) RETURNS text LANGUAGE plpgsql AS $$ BEGIN
	RETURN CASE kind
		WHEN 0 THEN format('{"tool": "%s", "input": {"query": "%s", "limit": %s, "strict": true}, "id": "call_%s"}',
			word(), words(5), below(100), alnum(24))
		WHEN 1 THEN format('{\"type\": \"%s\", \"text\": \"%s\\n\\n%s\", \"index\": %s}', word(), words(4), words(6), below(20))
		WHEN 2 THEN format('"usage": {"prompt_tokens": %s, "completion_tokens": %s, "max_tokens": 4096}', below(9000), below(900))
		WHEN 3 THEN format('https://%s.example.com/v1/%s/%s?page=%s&sort=desc', word(), word(), below(99999), below(50))
		WHEN 4 THEN format('GET /api/v2/%s/%s HTTP/1.1" %s %s', word(), uuid(), pick('200', '404', '500'), below(90000))
		WHEN 5 THEN format('took %s ms', round((random() * 4000)::numeric, 2))
		WHEN 6 THEN format('level=%s module=%s attempt=%s/%s status=%s', pick('info', 'debug', 'warn'), word(), below(5), 5, word())
		WHEN 7 THEN format('trace_id=%s span_id=%s', hex(32), hex(16))
		WHEN 8 THEN format('%s %s', stamp(), uuid())
		WHEN 9 THEN format('File "/usr/lib/python3.11/site-packages/%s/%s.py", line %s, in %s_%s', word(), word(), below(900), word(), word())
		WHEN 10 THEN format('def %s_%s(session, limit=%s): return [x["%s"] for x in session.rows if x != None]', word(), word(), below(99), word())
		WHEN 11 THEN format('SELECT id, %s FROM %s WHERE %s = ''%s'' AND created_at > now() - interval ''%s days''', word(), word(), word(), word(), below(30))
		WHEN 12 THEN format('## %s\n\n- **%s**: %s\n- `%s()` [%s](https://docs.example.org/%s#%s)', words(2), word(), words(4), word(), word(), word(), word())
		WHEN 13 THEN format('commit %s %s/%s.go:%s', hex(40), word(), word(), below(400))
		WHEN 14 THEN format('session=%s user_id=%s cost_usd=%s', hex(12), below(100000), round(random()::numeric, 6))
		WHEN 15 THEN format('if (err != nil) { return fmt.Errorf("%s %s: %%w", err) }', word(), word())
		WHEN 16 THEN format('%s', (ARRAY['Überprüfung der Bestellung für Käufer läuft — weiter', '« résumé » déjà envoyé à l’équipe', '検索結果を確認しました', '✅ done → next'])[1 + below(4)])
		WHEN 17 THEN format('model=%s-%s temperature=0.%s finish_reason="%s"', word(), below(9), below(9), pick('stop', 'tool_use', 'length'))
		WHEN 18 THEN format('[%s] %s %s::%s - %s', pick('INFO', 'WARN', 'DEBUG', 'ERROR'), stamp(), word(), word(), words(5))
		WHEN 19 THEN format('-> %s(%s=%s, %s="%s", %s=None)', word(), word(), below(1000), word(), words(2), word())
		ELSE words(6 + below(9))
	END;
END $$;

-- something that must not stay; every kind of rule comes about
CREATE FUNCTION finding(kind integer) RETURNS text LANGUAGE plpgsql AS $$ BEGIN
	RETURN CASE kind
		WHEN 0 THEN format('contact %s.%s@%s.example.com', word(), word(), word())
		WHEN 1 THEN 'Authorization: Bearer ' || alnum(32) || '9Z'
		WHEN 2 THEN 'gh' || 'p_' || alnum(36)
		WHEN 3 THEN 'sk-' || 'ant-api03-' || alnum(60) || '7Q'
		WHEN 4 THEN format('"pass%s": "%s"', 'word', alnum(14))
		WHEN 5 THEN format('postgres://app:%s@db.example.com/orders', alnum(12))
		WHEN 6 THEN 'A' || 'KIA' || upper(translate(alnum(16), '0189', 'ABCD'))
		WHEN 7 THEN 'API_' || 'KEY=' || alnum(40)
		WHEN 8 THEN '4' || repeat('1', 15)
		WHEN 9 THEN format('+49 15%s %s', 1 + below(9), 1000000 + below(8999999))
		WHEN 10 THEN translate(encode(convert_to('{"alg":"HS256","typ":"JWT"}', 'UTF8'), 'base64') || '.' || alnum(90) || '.' || alnum(43), '=', '')
		ELSE format('%s@%s.org', word(), word())
	END;
END $$;

-- 400 bytes of attributes
CREATE FUNCTION attributes() RETURNS jsonb LANGUAGE plpgsql AS $$ BEGIN
	RETURN jsonb_build_object('gen_ai.operation.name', 'execute_tool', 'gen_ai.tool.name', word(), 'step', below(40),
		'query', words(6), 'max_tokens', 1024, 'session', jsonb_build_object('turn', below(9), 'mode', 'plan',
		'notes', jsonb_build_array(word(), word(), word())), 'trace', hex(32), 'result', words(13),
		'score', round(random()::numeric, 3));
END $$;

-- Lines are put together from 20,000 fragments; a line in 40 gets a finding, the
-- fragments make some by themselves.
CREATE UNLOGGED TABLE line (i integer, line text, attributes jsonb);
DO $$
DECLARE
	parts text[] := ARRAY(SELECT fragment(below(30)) FROM generate_series(1, 20000));
	attributes jsonb[] := ARRAY(SELECT attributes() FROM generate_series(1, 5000));
	body text;
	size integer;
	at integer;
BEGIN
	-- an assignment makes them arrays whose elements are found at once
	parts[1] := parts[1];
	attributes[1] := attributes[1];
	FOR i IN 1 .. 200000 LOOP
		body := '';
		size := 60 + (840 * random() ^ 2.55)::integer;
		WHILE length(body) < size LOOP
			body := body || parts[1 + floor(random() * 20000)::integer] || ' ';
		END LOOP;
		at := floor(random() * 60)::integer;
		IF i % 40 = 0 THEN
			body := left(body, at) || ' ' || finding(i / 40 % 12) || ' ' || substr(body, at + 1, size - at);
		END IF;
		INSERT INTO line VALUES (i, left(body, size), attributes[1 + i % 5000]);
	END LOOP;
END $$;
VACUUM (ANALYZE) line;
