\set ECHO none
BEGIN;
\i test/tap_setup.sql
\i test/fixture.sql
SELECT plan(121);
SET search_path = public;
CREATE ROLE tap_operator;
CREATE ROLE tap_approver;
CREATE ROLE tap_nobody;
GRANT maestro_operator TO tap_operator;
GRANT maestro_approver TO tap_approver;
GRANT USAGE ON SCHEMA public TO tap_operator, tap_approver, tap_nobody;

-- Adding, changing, removing.
SET LOCAL ROLE tap_operator;
SELECT is(maestro.add_sanitize_rule('employee-number', 'CUSTOM_ID', '{EMP-,PERS-}', 'digits', 4, 8, explanation => 'employee numbers: EMP- or PERS- and 4 to 8 digits'), 'created', 'a rule is added');
SELECT is(maestro.sanitize('EMP-1234, PERS-12345678 EMP-123 EMP-123456789 XEMP-1234 EMP-1234x emp-1234'),
	'[REDACTED:CUSTOM_ID], [REDACTED:CUSTOM_ID] EMP-123 EMP-123456789 XEMP-1234 EMP-1234x emp-1234', 'it holds at once: anchor, class, lengths, ends of words');
SELECT is(maestro.sanitize('{"a":["EMP-1234"],"EMP-1234":1}'::jsonb), '{"a":["[REDACTED:CUSTOM_ID]"],"[REDACTED:CUSTOM_ID]":1}', 'in jsonb too');
SELECT results_eq($$ SELECT rule, type, first, length FROM maestro.scan('an EMP-1234') $$, $$ VALUES ('employee-number', 'CUSTOM_ID', 4, 8) $$, 'scan names it');
SELECT results_eq($$ SELECT type, family, level, priority, enabled, explanation FROM maestro.sanitize_rules WHERE rule = 'employee-number' $$,
	$$ VALUES ('CUSTOM_ID', 'your own', 'pii', 60, true, 'employee numbers: EMP- or PERS- and 4 to 8 digits') $$, 'the view lists it');
SELECT is('EMP-1234'::maestro.safe_text::text, 'EMP-1234', 'safe_text does not use it');
SELECT is(maestro.add_sanitize_rule('employee-number', 'CUSTOM_SECRET', '{EMP-}', 'digits', 4, 8, level => 'secrets', explanation => 'employee numbers'), 'changed', 'it is replaced');
SELECT is(maestro.sanitize('EMP-1234 PERS-1234', 'secrets'), '[REDACTED:CUSTOM_SECRET] PERS-1234', 'and is as it is now');
SELECT is(maestro.add_sanitize_rule('employee-number', 'CUSTOM_ID', '{EMP-}', 'digits', 4, 8, enabled => false, explanation => 'employee numbers'), 'changed', 'it is switched off');
SELECT is(maestro.sanitize('EMP-1234'), 'EMP-1234', 'and holds no longer');
SELECT is(maestro.remove_sanitize_rule('employee-number'), 'removed', 'it is removed');
SELECT throws_ok($$ SELECT maestro.remove_sanitize_rule('employee-number') $$, '42704', 'the rule of sanitizing does not exist', 'once');
RESET ROLE;
SELECT results_eq($$ SELECT message, caller::text COLLATE "default" FROM maestro.event WHERE message LIKE 'rule of sanitizing%' ORDER BY event_id $$,
	$$ VALUES ('rule of sanitizing employee-number added', 'tap_operator'), ('rule of sanitizing employee-number changed', 'tap_operator'),
		('rule of sanitizing employee-number changed', 'tap_operator'), ('rule of sanitizing employee-number removed', 'tap_operator') $$, 'all of it is logged');

-- What a rule can say.
SELECT lives_ok($$ SELECT maestro.add_sanitize_rule('ticket', 'CUSTOM_SECRET', '{TCK-}', regex => 'TCK-[0-9]{3}(-[A-F]+)?', explanation => 'tickets') $$, 'a rule may have an expression');
SELECT is(maestro.sanitize('see TCK-123-AB, ü TCK-123-ABé TCK-12 TCK-123Z'), 'see [REDACTED:CUSTOM_SECRET], ü [REDACTED:CUSTOM_SECRET]é TCK-12 [REDACTED:CUSTOM_SECRET]', 'which takes no part of a word');
SELECT unalike(maestro.sanitize(repeat('TCK-123 ', 5000)), '%TCK%', 'and leaves nothing however often it matches');
SELECT lives_ok($$ SELECT maestro.add_sanitize_rule('badge', 'CUSTOM_ID', '{badge}', regex => '\S+', keep_anchor => true, explanation => 'badges') $$, 'an expression may match anything');
SELECT is(maestro.sanitize('user with badge: X123 at the door'), 'user with badge: [REDACTED:CUSTOM_ID] at the door', 'but no placeholder');
SELECT lives_ok($$ SELECT maestro.add_sanitize_rule('short', 'CUSTOM_ID', '{ID:}', 'value', 1, 4, explanation => 'short') $$, 'a run may be of values');
SELECT is(maestro.sanitize('ID:password=ab\Qqq9sekretlong I am ID:7'), 'ID:password=[REDACTED:PASSWORD] I am [REDACTED:CUSTOM_ID]', 'and hides none of a built-in rule');
SELECT lives_ok($$ SELECT maestro.add_sanitize_rule('hide', 'CUSTOM_ID', '{rule}', regex => 'rule of sanitizing .*', explanation => 'hide') $$, 'a rule that would hide rules is added');
SELECT is((SELECT message FROM maestro.event ORDER BY event_id DESC LIMIT 1), 'rule of sanitizing hide added', 'and hides no change of rules');
SELECT is(maestro.remove_sanitize_rule(r), 'removed', r || ' is removed') FROM unnest('{badge,short,hide}'::text[]) r;
SELECT throws_ok($$ SELECT maestro.remove_sanitize_rule('email') $$, '42501', 'built-in rules of sanitizing can''t be removed', 'built-in rules stay');
SELECT throws_ok($$ SELECT maestro.add_sanitize_rule('rx-' || i, 'CUSTOM_ID', '{abc}', regex => 'abc', explanation => 'many') FROM generate_series(1, 17) i $$,
	'54000', 'there are too many rules of sanitizing with a regex', 'there is an end to expressions');
SELECT lives_ok($$ SELECT maestro.add_sanitize_rule('patient', 'CUSTOM_ID', '{MRN}', 'digits', 6, 10, keep_anchor => true, explanation => 'record numbers') $$, 'an anchor may stay');
SELECT is(maestro.sanitize('MRN: 123456, "MRN": "1234567" MRN 12345 MRN=12345678.'), 'MRN: [REDACTED:CUSTOM_ID], "MRN": "[REDACTED:CUSTOM_ID]" MRN 12345 MRN=[REDACTED:CUSTOM_ID].', 'and what follows goes');
SELECT lives_ok($$ SELECT maestro.add_sanitize_rule('case', 'CUSTOM_ID', '{CASE}', 'digits', 3, 9, suffix => '/DE', context => '{court,Gericht}', explanation => 'cases') $$, 'a rule may want a suffix and a context');
SELECT is(maestro.sanitize('Court of X: CASE123/DE CASE123/FR; ' || repeat('x ', 40) || 'CASE123/DE'), 'Court of X: [REDACTED:CUSTOM_ID] CASE123/FR; ' || repeat('x ', 40) || 'CASE123/DE', 'which both must be there');
SELECT lives_ok($$ SELECT maestro.add_sanitize_rule('aadhaar', 'NATIONAL_ID', '{Aadhaar,aadhaar}', 'number', 12, 14, keep_anchor => true, validator => 'verhoeff', level => 'all', explanation => 'Indian numbers') $$, 'a rule may be off by default');
SELECT results_eq($$ SELECT maestro.sanitize('Aadhaar: 2341 2341 2346, aadhaar 234123412347', level) FROM unnest('{pii,all}'::text[]) level $$,
	$$ VALUES ('Aadhaar: 2341 2341 2346, aadhaar 234123412347'), ('Aadhaar: [REDACTED:NATIONAL_ID], aadhaar 234123412347') $$, 'and on at its level, for numbers with their check digit');

-- Each class and each validator there is.
SELECT lives_ok(format($$ SELECT maestro.add_sanitize_rule('each', 'CUSTOM_ID', '{ID:}', %L, 1, 64, explanation => 'each') $$, class), 'class ' || class || ' is one')
  FROM unnest('{digits,number,hex,upper,alnum,word,token,dotted,base64,path,value}'::text[]) class;
CREATE FUNCTION pg_temp.valid(validator text, value text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	PERFORM maestro.add_sanitize_rule('each', 'CUSTOM_ID', '{ID:}', 'value', 1, 64, validator => validator, priority => 99, explanation => 'each');
	RETURN EXISTS (SELECT FROM maestro.scan('ID:' || value, 'all') AS s WHERE s.rule = 'each');
END
$$;
SELECT is(pg_temp.valid(validator, value), good, format('validator %s says %s of %s', validator, good, value)) FROM (VALUES
	('luhn', '79927398713', true), ('luhn', '79927398714', false), ('luhn', '7992-7398-713', true), ('luhn', '18', false), ('luhn', 'A9927398713', false),
	('verhoeff', '2364', false), ('verhoeff', '2363', true), ('verhoeff', '234123412346', true), ('verhoeff', '234123412364', false),
	('mod11', '9434765919', true), ('mod11', '9434765918', false), ('mod11', '943-476-5919', true), ('mod11', '080442957X', true), ('mod11', '0804X29571', false),
	('mod97', '3214282912345698765432161182', true), ('mod97', '3214282912345698765432161183', false),
	('card', '4111-1111-1111-1111', true), ('card', '4111-1111-1111-1112', false),
	('iban', 'GB82WEST12345698765432', true), ('iban', 'GB83WEST12345698765432', false),
	('random', 'a1b2c3d4e5f6g7h8', true), ('random', 'aaaaaaaaaaaa', false),
	('mixed', 'x9Kq2LmZ77pQ', true), ('mixed', 'wordwordword', false)) v(validator, value, good);
SELECT maestro.remove_sanitize_rule('each') IS NULL AS gone \gset

-- What it cannot say: refused, told what to change, and never quoted.
CREATE TEMP TABLE wrong (call text, code text, message text);
INSERT INTO wrong VALUES
($$'Name', 'CUSTOM_ID', '{marker}', explanation => 'why'$$, '22023', 'name of a rule of sanitizing is not acceptable'),
($$'email', 'CUSTOM_ID', '{marker}', explanation => 'why'$$, '42710', 'a built-in rule of sanitizing has this name'),
($$'mine', 'marker', '{marker}', explanation => 'why'$$, '22023', 'a rule of sanitizing has an unknown type'),
($$'mine', 'CUSTOM_ID', '{}', explanation => 'why'$$, '22023', 'a rule of sanitizing needs 1 to 32 anchors'),
($$'mine', 'CUSTOM_ID', NULL, explanation => 'why'$$, '22023', 'a rule of sanitizing needs 1 to 32 anchors'),
($$'mine', 'CUSTOM_ID', '{ma}', explanation => 'why'$$, '22023', 'an anchor of a rule of sanitizing is not acceptable'),
($$'mine', 'CUSTOM_ID', '{marker,NULL}', explanation => 'why'$$, '22023', 'an anchor of a rule of sanitizing is not acceptable'),
($$'mine', 'CUSTOM_ID', '{-marker}', explanation => 'why'$$, '22023', 'an anchor of a rule of sanitizing is not acceptable'),
($$'mine', 'CUSTOM_ID', ARRAY[E'mar\nker'], explanation => 'why'$$, '22023', 'an anchor of a rule of sanitizing is not acceptable'),
($$'mine', 'CUSTOM_ID', '{marker}', 'marker', explanation => 'why'$$, '22023', 'a rule of sanitizing has an unknown class'),
($$'mine', 'CUSTOM_ID', '{marker}', 'word', regex => 'a', explanation => 'why'$$, '22023', 'a rule of sanitizing needs a class or a regex, and not both'),
($$'mine', 'CUSTOM_ID', '{marker}', validator => 'marker', explanation => 'why'$$, '22023', 'a rule of sanitizing has an unknown validator'),
($$'mine', 'CUSTOM_ID', '{marker}', validator => 'luhn', regex => 'a', explanation => 'why'$$, '22023', 'a rule of sanitizing with a regex takes no validator'),
($$'mine', 'CUSTOM_ID', '{marker}', max_length => 4097, explanation => 'why'$$, '22023', 'lengths of a rule of sanitizing must be 0 <= min_length <= max_length <= 4096'),
($$'mine', 'CUSTOM_ID', '{marker}', min_length => 9, max_length => 8, explanation => 'why'$$, '22023', 'lengths of a rule of sanitizing must be 0 <= min_length <= max_length <= 4096'),
($$'mine', 'CUSTOM_ID', '{marker}', min_length => NULL, explanation => 'why'$$, '22023', 'lengths of a rule of sanitizing must be 0 <= min_length <= max_length <= 4096'),
($$'mine', 'CUSTOM_ID', '{marker}', regex => '(marker', explanation => 'why'$$, '2201B', 'invalid regular expression: parentheses () not balanced'),
($$'mine', 'CUSTOM_ID', '{marker}', regex => '(marker)?', explanation => 'why'$$, '22023', 'the regex of a rule of sanitizing matches nothing at all'),
($$'mine', 'CUSTOM_ID', '{marker}', regex => '(m)\1', explanation => 'why'$$, '22023', 'the regex of a rule of sanitizing is not acceptable'),
($$'mine', 'CUSTOM_ID', '{marker}', regex => '(?i)marker', explanation => 'why'$$, '22023', 'the regex of a rule of sanitizing is not acceptable'),
($$'mine', 'CUSTOM_ID', '{marker}', regex => '***=marker', explanation => 'why'$$, '22023', 'the regex of a rule of sanitizing is not acceptable'),
($$'mine', 'CUSTOM_ID', '{marker}', regex => repeat('m', 257), explanation => 'why'$$, '22023', 'the regex of a rule of sanitizing is not acceptable'),
($$'mine', 'CUSTOM_ID', '{marker}', suffix => '', explanation => 'why'$$, '22023', 'suffix or context of a rule of sanitizing is not acceptable'),
($$'mine', 'CUSTOM_ID', '{marker}', context => '{x}', explanation => 'why'$$, '22023', 'suffix or context of a rule of sanitizing is not acceptable'),
($$'mine', 'CUSTOM_ID', '{marker}', priority => 101, explanation => 'why'$$, '22023', 'priority of a rule of sanitizing must be from 1 to 100'),
($$'mine', 'CUSTOM_ID', '{marker}', level => 'marker', explanation => 'why'$$, '22023', 'level of a rule of sanitizing must be secrets, pii or all'),
($$'mine', 'CUSTOM_ID', '{marker}'$$, '22004', 'explanation of a rule must not be null');
SELECT throws_ok('SELECT maestro.add_sanitize_rule(' || call || ')', code, message, 'refused: ' || call) FROM wrong;
SELECT throws_ok($$ INSERT INTO maestro.sanitize_rule (rule, type, anchors, class, explanation, added_by) VALUES ('mine', 'CUSTOM_ID', '{ma}', 'word', 'x', 'x') $$,
	'22023', 'an anchor of a rule of sanitizing is not acceptable', 'the table refuses what the function refuses');
SELECT throws_ok(format($$ SELECT maestro.add_sanitize_rule('many-' || i, 'CUSTOM_ID', '{abc}', explanation => 'many') FROM generate_series(1, 64) i $$),
	'54000', 'there are too many rules of sanitizing', 'there is an end to rules');
SELECT throws_ok($$ DELETE FROM maestro.sanitize_rule $$, 'MA001', 'cannot DELETE "sanitize_rule" directly', 'rows are removed by the function alone');

-- Values that may stay.
SET LOCAL ROLE tap_approver;
SELECT is(maestro.allow_value('email', 'support@example.com', 'our public support address'), 'created', 'a value is allowed');
SELECT is(maestro.allow_value('email', 'support@example.com', 'our public support address'), 'unchanged', 'once');
SELECT is(maestro.sanitize('support@example.com xsupport@example.com support@example.com.'), 'support@example.com [REDACTED:EMAIL] support@example.com.', 'it stays, and no other');
SELECT is(maestro.sanitize('password=support@example.com'), 'password=[REDACTED:PASSWORD]', 'other rules still find it');
SELECT is(maestro.allow_value('json-key-name', 'public-demo', 'documented demo password'), 'created', 'the value of a key is allowed');
SELECT is(maestro.sanitize('{"password":"public-demo","pwd":"public-demo2"}'::jsonb), '{"password":"public-demo","pwd":"[REDACTED:PASSWORD]"}', 'and stays');
SELECT throws_ok($$ SELECT maestro.allow_value('marker', 'marker', 'because it is so') $$, '42704', 'there is no such rule of sanitizing', 'for a rule that exists');
SELECT throws_ok($$ SELECT maestro.allow_value('email', 'marker', 'why') $$, '22023', 'reason of an allowed value says too little', 'for a reason');
SELECT throws_ok($$ SELECT maestro.allow_value('email', repeat('marker', 1000), 'because it is so') $$, '22023', 'a value that is allowed must have 1 to 4096 bytes', 'of some length');
SELECT is(maestro.disallow_value('email', 'support@example.com'), 'removed', 'it is taken back');
SELECT is(maestro.sanitize('support@example.com'), '[REDACTED:EMAIL]', 'and goes again');
SELECT throws_ok($$ SELECT maestro.disallow_value('email', 'support@example.com') $$, '42704', 'the allowed value does not exist', 'once');
RESET ROLE;
SELECT is_empty($$ SELECT * FROM maestro.event WHERE message LIKE '%is allowed%' AND event::text LIKE '%support@%' $$, 'the log holds the reason, not the value');
SELECT is((SELECT count(*) FROM maestro.event WHERE message LIKE 'a value is %allowed%'), 3::bigint, 'all of it is logged');

-- In log_event.
SELECT isnt(event_id, NULL, 'an event is logged') FROM maestro.log_event('tap/planner', 'output', 'MRN: 123456 TCK-123');
SELECT is((SELECT message FROM maestro.event ORDER BY event_id DESC LIMIT 1),
	'MRN: [REDACTED:CUSTOM_ID] [REDACTED:CUSTOM_SECRET]', 'log_event goes by the rules');
SELECT is((SELECT findings ->> 'CUSTOM_SECRET' FROM maestro.event ORDER BY event_id DESC LIMIT 1), '1', 'and counts what they found');

-- Who may.
SET LOCAL ROLE tap_nobody;
SELECT throws_ok($$ SELECT maestro.add_sanitize_rule('mine', 'CUSTOM_ID', '{abc}', explanation => 'why') $$, '42501', NULL, 'nobody adds a rule');
SELECT throws_ok($$ SELECT maestro.allow_value('email', 'x@y.zz', 'because it is so') $$, '42501', NULL, 'or allows a value');
SELECT is(maestro.sanitize('MRN: 123456'), 'MRN: [REDACTED:CUSTOM_ID]', 'rules hold for everybody');
SELECT is((SELECT count(*) FROM maestro.sanitize_rules WHERE family = 'your own'), 4::bigint, 'who may see what they are');
RESET ROLE;
SET LOCAL ROLE tap_operator;
SELECT throws_ok($$ SELECT maestro.allow_value('email', 'x@y.zz', 'because it is so') $$, '42501', NULL, 'operators allow no value');
RESET ROLE;
SELECT is_empty('SELECT * FROM maestro.integrity_check()', 'the guards stand');
SELECT * FROM finish();
ROLLBACK;
