\set ECHO none
BEGIN;
\i test/tap_setup.sql
\o /dev/null
\i test/posture_setup.sql
\o
-- A case a row: what is set up, {c} being its component, and how the control
-- answers.  Each has a system of its own.
CREATE TEMP TABLE example (no integer GENERATED ALWAYS AS IDENTITY, control text, status text, reason text, setup text, name text);
INSERT INTO example (control, status, reason, setup, name) VALUES
-- output_sensitive
('output_sensitive', 'ok', '5 outputs without%', $$component({c}); event({c}, 'output', 5)$$, 'five clean outputs are ok'),
('output_sensitive', 'ok', '6 outputs without%', $$component({c}, '{"allowed_data": ["EMAIL"]}'); event({c}, 'output', 6, '{"findings": {"EMAIL": 2}}')$$, 'personal data of an allowed kind may appear'),
('output_sensitive', 'alarm', '1 of 7 outputs carried%, last: event %', $$component({c}); event({c}, 'output', 6); event({c}, 'output', 1, '{"findings": {"EMAIL": 2}}')$$, 'other personal data may not'),
('output_sensitive', 'alarm', '1 of 1 outputs carried%', $$component({c}, '{"allowed_data": ["OPENAI_KEY", "AWS_KEY", "API_KEY"]}'); event({c}, 'output', 1, '{"findings": {"AWS_KEY": 1}}')$$, 'a secret never may, whatever is allowed'),
('output_sensitive', 'ok', '%', $$component({c}); event({c}, 'output', 5); event({c}, 'output', 1, '{"findings": {"EMAIL": 2}, "decision": "deny"}')$$, 'an output that was refused is the control working'),
('output_sensitive', 'unknown', '4 of the 5 needed observed', $$component({c}); event({c}, 'output', 4)$$, 'four outputs are too few'),
('output_sensitive', 'unknown', 'last observed on ____-__-__, older than 30 days', $$component({c}); event({c}, 'output', 9, '{"age": "31 days"}')$$, 'outputs of last month are too old'),
('output_sensitive', 'ok', '5 outputs without%', $$component({c}); event({c}, 'output', 1, '{"age": "31 days", "findings": {"EMAIL": 1}}'); event({c}, 'output', 5)$$, 'what was wrong last month is forgotten'),
('output_sensitive', 'alarm', '6 of 12 outputs carried%', $$component({c}); event({c}, 'output', 6, '{"findings": {"AWS_KEY": 1}, "claimed": "40 days"}'); event({c}, 'output', 6)$$, 'a claimed time makes nothing wrong older'),
('output_sensitive', 'unknown', '1 of the 5 needed observed', $$component({c}); event({c}, 'output', 4, '{"claimed": "40 days"}'); event({c}, 'output', 1)$$, 'what was good long ago does not count with what is new'),
('timeout', 'unknown', 'declared, 0 of the 5 needed observed', $$component({c}, '{"timeout": "30 s"}'); component('{s}/caller'); event('{s}/caller', 'tool_call', 6, '{"target": "a", "duration": "1 s"}')$$, 'an agent is not judged by what others say of it'),
('timeout', 'unknown', 'declared, 3 of the 5 needed observed', $$component({c}, '{"timeout": "30 s"}'); event({c}, 'tool_call', 3, '{"target": "a", "duration": "1 s"}')$$, 'who calls himself is counted once'),
('input_schema', 'alarm', 'its kind does not act, but it logged 2 calls%', $$component({c}, '{"kind": "infrastructure"}'); event({c}, 'output', 1); event({c}, 'agent_run', 1)$$, 'an infrastructure that answers and runs is an agent'),
('container_hardened', 'unknown', 'its environment report comes from the component itself', $$component({c}, '{"db_role": "posture_agent"}'); report({c}, '{"runAsNonRoot": true, "readOnlyRootFilesystem": true, "allowPrivilegeEscalation": false, "privileged": false}', login => 'posture_agent')$$, 'nor does another role make a report of one''s own anybody else''s'),
('container_hardened', 'unknown', 'its environment report comes from the component itself', $$component({c}, '{"db_role": "ann@example.com"}'); report({c}, '{"runAsNonRoot": true, "readOnlyRootFilesystem": true, "allowPrivilegeEscalation": false, "privileged": false}', by => maestro.role_name('"ann@example.com"'::regrole)::name)$$, 'a role is known by its name, whatever that looks like'),
('circuit_breaker', 'alarm', '%while %', $$component({c}); dependency({c}, '{"breaker": "external"}'); event({c}, 'dependency_call', 20, '{"dependency": "search", "attributes": {"breaker.state": "closed"}, "age": "1 hour"}'); event({c}, 'guard', 1, '{"dependency": "search", "attributes": {"breaker.state": "open"}, "age": "30 minutes"}'); event({c}, 'dependency_call', 1, '{"dependency": "search", "age": "20 minutes", "claimed": "3 hours"}')$$, 'no claimed time puts a call before its breaker opened'),
('output_sensitive', 'skip', 'does not apply to its kind', $$component({c}, '{"kind": "runner"}')$$, 'outputs of a runner are not asked for'),
('output_sensitive', 'alarm', '1 of 1%', $$component({c}, '{"kind": "tool", "own_process": false}'); component('{s}/caller'); event('{s}/caller', 'tool_call', 1, '{"target": "a", "findings": {"EMAIL": 1}}')$$, 'a tool is judged by what its callers logged'),
('output_sensitive', 'alarm', '1 of 5%', $$component({c}, '{"version": "2"}'); event({c}, 'output', 5, '{"component_version": "1"}'); event({c}, 'output', 1, '{"component_version": "1", "findings": {"EMAIL": 1}}'); event({c}, 'output', 4)$$, 'an alarm of an earlier version stays while the running one has shown little'),
('output_sensitive', 'ok', '5 outputs%', $$component({c}, '{"version": "2"}'); event({c}, 'output', 1, '{"component_version": "1", "findings": {"EMAIL": 1}}'); event({c}, 'output', 5)$$, 'and clears when it has shown enough'),
('output_sensitive', 'unknown', '%', $$component({c}, '{"version": "2"}'); event({c}, 'output', 9, '{"component_version": "1"}')$$, 'good outputs of an earlier version do not count'),
('output_sensitive', 'alarm', 'its kind does not act, but it logged 1 calls, handoffs, runs or answers', $$component({c}, '{"kind": "infrastructure"}'); event({c}, 'model_call')$$, 'an infrastructure that calls models is none'),
-- error_leak
('error_leak', 'ok', '5 failures showed no internals', $$component({c}); event({c}, 'error', 5, '{"message": "try again later"}')$$, 'plain errors are ok'),
('error_leak', 'alarm', '1 of 6 failures showed internals, last: event %', $$component({c}); event({c}, 'error', 5); event({c}, 'error', 1, '{"message": "Traceback (most recent call last):\\n  File \"/srv/app/x.py\", line 3, in f"}')$$, 'a stack trace in a message is not'),
('error_leak', 'alarm', '1 of 1%', $$component({c}); event({c}, 'output', 1, '{"outcome": "error", "body": {"error": "Traceback (most recent call last):\n  File \"/srv/app/x.py\", line 3, in f\nKeyError"}}')$$, 'nor one in the body of a failed output'),
('error_leak', 'ok', '%', $$component({c}); event({c}, 'error', 5, '{"attributes": {"exception.stacktrace": "Traceback (most recent call last):"}}')$$, 'its attribute is the place for it'),
('error_leak', 'unknown', '0 of the 5 needed observed', $$component({c}); event({c}, 'tool_call', 9, '{"message": "Traceback (most recent call last):\\n  File \"/srv/app/x.py\", line 3"}')$$, 'what a tool returned is no failure'),
('error_leak', 'unknown', 'last observed%', $$component({c}); event({c}, 'error', 5, '{"age": "40 days"}')$$, 'old failures are too old'),
('error_leak', 'skip', '%', $$component({c}, '{"kind": "service", "own_process": false}')$$, 'a service is not asked'),
-- error_structured
('error_structured', 'ok', '5 failures carried error.type', $$component({c}); event({c}, 'tool_call', 5, '{"outcome": "timeout", "attributes": {"error.type": "upstream_timeout"}}')$$, 'typed failures are ok'),
('error_structured', 'alarm', '1 of 6%', $$component({c}); event({c}, 'error', 5, '{"attributes": {"error.type": "x"}}'); event({c}, 'error', 1, '{"attributes": {"error.type": "it went wrong"}}')$$, 'a sentence is no type'),
('error_structured', 'unknown', '0 of the 5 needed observed', $$component({c}); event({c}, 'output', 50, '{"outcome": "denied"}')$$, 'what was denied did not fail'),
('error_structured', 'unknown', '1 of the 5 needed observed', $$component({c}); event({c}, 'error', 1, '{"attributes": {"error.type": "x"}}')$$, 'one failure is too few'),
('error_structured', 'skip', '%', $$component({c}, '{"kind": "registry"}')$$, 'a registry is not asked'),
-- timeout
('timeout', 'ok', '5 spans within the timeout', $$component({c}, '{"timeout": "30s"}'); event({c}, 'output', 5, '{"duration": "32s"}')$$, 'a tenth on top is for cancelling'),
('timeout', 'ok', '5 spans%', $$component({c}, '{"timeout": "1s"}'); event({c}, 'output', 5, '{"duration": "2s"}')$$, 'a second on top too'),
('timeout', 'alarm', '1 of 6 spans outlasted the timeout, last: event %', $$component({c}, '{"timeout": "30s"}'); event({c}, 'output', 5, '{"duration": "1s"}'); event({c}, 'output', 1, '{"duration": "34s"}')$$, 'more is not'),
('timeout', 'ok', '%', $$component({c}, '{"timeout": "30s"}'); event({c}, 'output', 5, '{"duration": "1s"}'); event({c}, 'approval', 1, '{"duration": "2 days"}')$$, 'waiting for a person does not count'),
('timeout', 'alarm', 'a timeout of 2 h is declared, not binding: over 1 h', $$component({c}, '{"timeout": "2h"}'); event({c}, 'output', 5, '{"duration": "1s"}')$$, 'two hours bind nothing'),
('timeout', 'alarm', 'active, but no timeout is declared', $$component({c}); event({c}, 'output', 1)$$, 'active without a timeout is an alarm'),
('timeout', 'unknown', 'no timeout is declared, and nothing was observed lately', $$component({c})$$, 'without activity nothing is known'),
('timeout', 'unknown', 'declared, 2 of the 5 needed observed', $$component({c}, '{"timeout": "30s"}'); event({c}, 'output', 2, '{"duration": "1s"}'); event({c}, 'note', 9)$$, 'events without duration show nothing'),
('timeout', 'unknown', 'last observed%', $$component({c}, '{"timeout": "30s"}'); event({c}, 'output', 9, '{"duration": "1s", "age": "31 days"}')$$, 'old durations are too old'),
('timeout', 'alarm', '1 of 1 spans%', $$component({c}, '{"kind": "model", "own_process": false, "timeout": "5s"}'); component('{s}/caller'); event('{s}/caller', 'model_call', 1, '{"target": "a", "duration": "9s"}')$$, 'a model is measured at its callers'),
('timeout', 'skip', 'does not apply to its kind', $$component({c}, '{"kind": "trace_store"}')$$, 'a trace store is not called'),
('timeout', 'ok', '5 spans%', $$system('{s}', '{"timeout": "10s"}'); component({c}); event({c}, 'output', 5, '{"duration": "11s"}')$$, 'the system''s default limit holds for components without one'),
('timeout', 'alarm', '1 of 1 spans%', $$system('{s}', '{"timeout": "1h"}'); component({c}, '{"timeout": "1s"}'); event({c}, 'output', 1, '{"duration": "11s"}')$$, 'their own goes first'),
('timeout', 'unknown', 'no timeout is declared%', $$system('{s}', '{"timeout": "soon", "max_iterations": 1e30, "memory_limit": {}}'); component({c})$$, 'a default that is no limit is none'),
-- memory_bound
('memory_bound', 'ok', 'the declared limit is the reported one', $$component({c}, '{"memory_limit": 1000}'); report({c}, '{"memoryLimitBytes": 1000}')$$, 'limit and report agree'),
('memory_bound', 'alarm', 'its environment report says memoryLimitBytes 2000, but memory_limit is 1000', $$component({c}, '{"memory_limit": 1000}'); report({c}, '{"memoryLimitBytes": 2000}')$$, 'they differ'),
('memory_bound', 'alarm', '1 of 2 runs made more calls than max_iterations, last: event %', $$component({c}, '{"memory_limit": 1000, "max_iterations": 3}'); report({c}, '{"memoryLimitBytes": 1000}'); event({c}, 'tool_call', 4, '{"trace": 1}'); event({c}, 'tool_call', 3, '{"trace": 2}')$$, 'a run beyond its iterations is unbounded'),
('memory_bound', 'unknown', 'declared, 0 of the 1 needed observed', $$component({c}, '{"memory_limit": 1000}')$$, 'a limit without report is a promise'),
('memory_bound', 'unknown', 'its environment report does not say memoryLimitBytes', $$component({c}, '{"memory_limit": 1000}'); report({c}, '{"runAsNonRoot": true}')$$, 'nor does a report of something else help'),
('memory_bound', 'unknown', 'last observed%older than 7 days', $$component({c}, '{"memory_limit": 1000}'); report({c}, '{"memoryLimitBytes": 1000}', '8 days')$$, 'a report lasts a week'),
('memory_bound', 'unknown', 'its environment report comes from the component itself', $$component({c}, '{"memory_limit": 1000, "db_role": "posture_agent"}'); report({c}, '{"memoryLimitBytes": 1000}', by => 'posture_member')$$, 'nobody reports for himself'),
('memory_bound', 'alarm', 'active, but no memory_limit is declared', $$component({c}); event({c}, 'note')$$, 'active without limit'),
('memory_bound', 'skip', 'it has no process of its own', $$component({c}, '{"own_process": false}')$$, 'no process, no memory'),
('memory_bound', 'alarm', 'registered without a process of its own, but it sent 2 heartbeats', $$component({c}, '{"own_process": false}'); event({c}, 'heartbeat', 2)$$, 'heartbeats show a process'),
-- max_iterations
('max_iterations', 'ok', '5 runs within max_iterations', $$component({c}, '{"max_iterations": 2}'); event({c}, 'tool_call', 5, '{"trace": 0}'); event({c}, 'model_call', 5, '{"trace": 0}')$$, 'runs that stop at the limit are ok'),
('max_iterations', 'alarm', '1 of 1 runs%', $$component({c}, '{"max_iterations": 2}'); event({c}, 'tool_call', 3, '{"trace": 7}')$$, 'runs beyond are not'),
('max_iterations', 'alarm', 'max_iterations of 5000 is declared, not binding: over 1000', $$component({c}, '{"max_iterations": 5000}')$$, 'five thousand bind nothing'),
('max_iterations', 'unknown', 'declared, 0 of the 5 needed observed', $$component({c}, '{"max_iterations": 2}'); event({c}, 'tool_call', 9)$$, 'calls without trace are no runs'),
('max_iterations', 'unknown', 'last observed%', $$component({c}, '{"max_iterations": 2}'); event({c}, 'tool_call', 5, '{"trace": 0, "age": "31 days"}')$$, 'old runs are too old'),
('max_iterations', 'skip', '%', $$component({c}, '{"kind": "tool", "own_process": false}')$$, 'a tool does not iterate'),
-- connection_timeout
('connection_timeout', 'ok', 'search: 5 calls within the timeouts', $$component({c}); dependency({c}, '{"connect_timeout": "2s", "read_timeout": "8s", "address": "api.example.com:443"}'); event({c}, 'dependency_call', 5, '{"dependency": "search", "duration": "10s", "attributes": {"server.address": "API.example.com"}}')$$, 'calls within both timeouts are ok'),
('connection_timeout', 'alarm', 'search: 1 of 1 calls outlasted the timeouts%', $$component({c}); dependency({c}, '{"connect_timeout": "2s", "read_timeout": "8s"}'); event({c}, 'dependency_call', 1, '{"dependency": "search", "duration": "12s"}')$$, 'longer ones are not'),
('connection_timeout', 'alarm', 'search: 1 of 6 calls went to an address%', $$component({c}); dependency({c}, '{"connect_timeout": "2s", "read_timeout": "8s", "address": "api.example.com"}'); event({c}, 'dependency_call', 5, '{"dependency": "search", "duration": "1s"}'); event({c}, 'dependency_call', 1, '{"attributes": {"server.address": "evil.example"}}')$$, 'nor calls to elsewhere'),
('connection_timeout', 'alarm', 'search: active, but no connect_timeout with read_timeout is declared', $$component({c}); dependency({c}, '{"connect_timeout": "2s"}'); event({c}, 'dependency_call', 1, '{"dependency": "search"}')$$, 'one timeout is not both'),
('connection_timeout', 'alarm', '1 of 2 dependencies, first b: active%', $$component({c}); dependency({c}, '{"name": "a", "connect_timeout": "2s", "read_timeout": "8s"}'); dependency({c}, '{"name": "b"}'); event({c}, 'dependency_call', 5, '{"dependency": "a", "duration": "1s"}'); event({c}, 'dependency_call', 1, '{"dependency": "b"}')$$, 'of several dependencies the worst counts'),
('connection_timeout', 'alarm', 'search: timeouts of 7202 s together are declared, not binding: over 1 h', $$component({c}); dependency({c}, '{"connect_timeout": "2s", "read_timeout": "2h"}')$$, 'two hours bind nothing here either'),
('connection_timeout', 'unknown', 'search: declared, 1 of the 5 needed observed', $$component({c}); dependency({c}, '{"connect_timeout": "2s", "read_timeout": "8s"}'); event({c}, 'dependency_call', 1, '{"dependency": "search", "duration": "1s"}')$$, 'one call is too few'),
('connection_timeout', 'unknown', 'search: last observed%', $$component({c}); dependency({c}, '{"connect_timeout": "2s", "read_timeout": "8s"}'); event({c}, 'dependency_call', 9, '{"dependency": "search", "duration": "1s", "age": "31 days"}')$$, 'old calls are too old'),
('connection_timeout', 'skip', 'it declares no dependency', $$component({c})$$, 'no dependency, no connection'),
('failure_graceful', 'alarm', 'it declares no dependency, but made 1 calls to some', $$component({c}); event({c}, 'dependency_call')$$, 'who calls what he does not declare is not excused'),
-- log_context
('log_context', 'ok', '20 of 20 events%', $$component({c}); event({c}, 'note', 20, '{"trace": 1, "attributes": {"step": 1}}')$$, 'events with trace and data are ok'),
('log_context', 'ok', '100 of 101 events%', $$component({c}); event({c}, 'note', 100, '{"trace": 1, "body": {}}'); event({c}, 'note')$$, 'one in a hundred may lack them'),
('log_context', 'alarm', '2 of 102 events lack%', $$component({c}); event({c}, 'note', 100, '{"trace": 1, "body": {}}'); event({c}, 'note', 2, '{"trace": 1, "attributes": {}}')$$, 'two may not'),
('log_context', 'unknown', '19 of the 20 needed observed', $$component({c}); event({c}, 'note', 19, '{"trace": 1, "attributes": {"step": 1}}')$$, 'nineteen are too few'),
('log_context', 'unknown', '0 of the 20 needed observed', $$component({c}); event({c}, 'registry', 20, '{"trace": 1, "attributes": {"step": 1}}'); event({c}, 'rejected', 20, '{"trace": 1, "attributes": {"step": 1}}')$$, 'what maestro says of it is no logging of its own'),
('log_context', 'unknown', 'last observed%', $$component({c}); event({c}, 'note', 20, '{"trace": 1, "attributes": {"step": 1}, "age": "31 days"}')$$, 'old events are too old'),
('log_context', 'skip', 'it does not log for itself: measured at callers', $$component({c}, '{"kind": "tool", "own_process": false}')$$, 'a tool without process logs nothing'),
('log_context', 'unknown', '1 of the 20 needed observed', $$component({c}, '{"kind": "tool", "own_process": false}'); event({c}, 'note', 1, '{"trace": 1, "attributes": {"step": 1}}')$$, 'unless it does'),
('log_context', 'unknown', '0 of the 20 needed observed', $$component({c}); event({c}, 'note', 3)$$, 'three events without context are too few to judge'),
-- trace_emitted
('trace_emitted', 'ok', 'logged 1 events', $$component({c}); event({c}, 'heartbeat')$$, 'a heartbeat is a sign of life'),
('trace_emitted', 'unknown', 'last observed%, older than 1 day', $$component({c}); event({c}, 'output', 9, '{"age": "25 hours"}')$$, 'yesterday''s is too old'),
('trace_emitted', 'unknown', '0 of the 1 needed observed', $$component({c}); event({c}, 'registry', 5)$$, 'its registration is none'),
('trace_emitted', 'alarm', 'called 2 times, but it logged nothing within a day of that', $$component({c}); component('{s}/caller'); event('{s}/caller', 'handoff', 2, '{"target": "a"}')$$, 'who is called and silent is an alarm'),
('trace_emitted', 'skip', '%measured at callers', $$component({c}, '{"kind": "model", "own_process": false}'); component('{s}/caller'); event('{s}/caller', 'model_call', 2, '{"target": "a"}')$$, 'a model may be called and silent'),
-- error_logged
('error_logged', 'ok', '5 failures explained', $$component({c}); event({c}, 'tool_call', 4, '{"outcome": "error", "attributes": {"error.type": "x"}}'); event({c}, 'tool_call', 1, '{"outcome": "error", "trace": 1, "span": 1}'); event({c}, 'error', 1, '{"trace": 1, "span": 1, "age": "32 days"}')$$, 'a type, or an error event in the span, explains a failure'),
('error_logged', 'alarm', '1 of 6 failures neither%', $$component({c}); event({c}, 'error', 5, '{"trace": 1, "span": 2}'); event({c}, 'tool_call', 1, '{"outcome": "error", "trace": 1, "span": 1}')$$, 'an error event elsewhere does not'),
('error_logged', 'unknown', '4 of the 5 needed observed', $$component({c}); event({c}, 'error', 4)$$, 'four failures are too few'),
('error_logged', 'unknown', 'last observed%', $$component({c}); event({c}, 'error', 5, '{"age": "31 days"}')$$, 'old failures are forgotten'),
('error_logged', 'skip', '%', $$component({c}, '{"kind": "memory", "own_process": false}')$$, 'a store without process logs no failures'),
('error_logged', 'alarm', '2 actions were begun and never ended, last: event %', $$component({c}); event({c}, 'error', 5, '{"attributes": {"error.type": "x"}}'); unfinished({c}, '{"age": "3 hours"}'); unfinished({c}, '{"age": "2 hours"}'); unfinished({c})$$, 'actions that wait for their end for more than an hour are an alarm, whatever else is well'),
('error_logged', 'alarm', '1 actions were begun and never ended%', $$component({c}, '{"timeout": "30 s"}'); unfinished({c}, '{"age": "61 minutes", "kind": "agent_run"}')$$, 'and without any failure'),
('error_logged', 'ok', '5 failures explained', $$component({c}); event({c}, 'error', 5, '{"attributes": {"error.type": "x"}}'); unfinished({c}, '{"age": "50 minutes"}')$$, 'an action may take an hour'),
('error_logged', 'ok', '5 failures explained', $$component({c}, '{"timeout": "3 hours"}'); event({c}, 'error', 5, '{"attributes": {"error.type": "x"}}'); unfinished({c}, '{"age": "2 hours"}'); unfinished({c}, '{"age": "23 hours", "kind": "approval"}')$$, 'longer where the component says so, and an approval a day'),
('error_logged', 'alarm', '1 actions%', $$component({c}); unfinished({c}, '{"age": "25 hours", "kind": "approval"}')$$, 'but no more'),
('error_logged', 'ok', '5 failures explained', $$component({c}); event({c}, 'error', 5, '{"attributes": {"error.type": "x"}}'); unfinished({c}, '{"age": "31 days"}')$$, 'what was left a month ago is forgotten'),
('error_logged', 'ok', '5 failures explained', $$component({c}); event({c}, 'error', 5, '{"attributes": {"error.type": "x"}}'); drill('{s}', 7, '4 hours'); unfinished({c}, '{"age": "210 minutes", "trace": 7}')$$, 'what is left of a drill is no incident'),
('error_logged', 'ok', '5 failures explained', $$component({c}); component('{s}/other'); event({c}, 'error', 5, '{"attributes": {"error.type": "x"}}'); unfinished('{s}/other', '{"age": "2 hours"}')$$, 'nor what another component left'),
('log_context', 'ok', '20 of 20 events%', $$component({c}); event({c}, 'note', 20, '{"trace": 0, "attributes": {"step": 1}}'); unfinished({c}); unfinished({c}, '{"trace": 1}')$$, 'that an action is begun is neither with context nor without'),
('trace_emitted', 'ok', 'logged 1 events', $$component({c}); unfinished({c})$$, 'it is a sign of life'),
-- api_key_env
('api_key_env', 'ok', '5 events without a secret', $$component({c}); dependency({c}, '{"credential_ref": "env:SEARCH_KEY"}'); event({c}, 'dependency_call', 5, '{"dependency": "search", "findings": {"EMAIL": 1}}')$$, 'a reference and no secret seen'),
('api_key_env', 'alarm', '1 of 6 events carried a secret, last: event %', $$component({c}); dependency({c}, '{"credential_ref": "env:SEARCH_KEY"}'); event({c}, 'note', 5); event({c}, 'note', 1, '{"findings": {"OPENAI_KEY": 1}}')$$, 'a secret in an event'),
('api_key_env', 'alarm', 'no known scheme in the credential_ref of search', $$component({c}); dependency({c}, '{"credential_ref": "somewhere:SEARCH_KEY"}')$$, 'a reference to nowhere'),
('api_key_env', 'alarm', 'active, but no credential_ref for each dependency is declared', $$component({c}); dependency({c}, '{"name": "a", "credential_ref": "env:A"}'); dependency({c}, '{"name": "b"}'); event({c}, 'note')$$, 'one reference for two dependencies'),
('api_key_env', 'unknown', 'declared, 0 of the 5 needed observed', $$component({c}); dependency({c}, '{"credential_ref": "none"}')$$, 'a reference alone is a promise'),
('api_key_env', 'unknown', 'last observed%', $$component({c}); dependency({c}, '{"credential_ref": "env:A"}'); event({c}, 'note', 5, '{"age": "31 days"}')$$, 'old events are too old here too'),
('api_key_env', 'skip', 'it declares no dependency', $$component({c})$$, 'no dependency, no key'),
('api_key_env', 'alarm', '1 of 1 events%', $$component({c}); event({c}, 'note', 1, '{"findings": {"OPENAI_KEY": 1}}')$$, 'a secret is an alarm even then'),
-- failure_graceful
('failure_graceful', 'ok', '5 runs%', $$component({c}); dependency({c}); event({c}, 'dependency_call', 5, '{"dependency": "search", "outcome": "error", "trace": 0}'); event({c}, 'agent_run', 4, '{"outcome": "degraded", "trace": 0}'); event({c}, 'agent_run', 5, '{"outcome": "error", "attributes": {"error.type": "x"}, "trace": 0}')$$, 'degraded and typed ends are ok'),
('failure_graceful', 'alarm', '1 of 1 runs%', $$component({c}); dependency({c}); event({c}, 'dependency_call', 1, '{"dependency": "search", "outcome": "error", "trace": 0}'); event({c}, 'agent_run', 1, '{"outcome": "error", "trace": 0}')$$, 'a bare error is not'),
('failure_graceful', 'alarm', '1 of 1 runs%', $$component({c}); dependency({c}); event({c}, 'dependency_call', 1, '{"dependency": "search", "outcome": "timeout", "trace": 0, "age": "2 hours"}')$$, 'nor is no end after an hour'),
('failure_graceful', 'unknown', '0 of the 5 needed observed', $$component({c}); dependency({c}); event({c}, 'dependency_call', 1, '{"dependency": "search", "outcome": "timeout", "trace": 0}')$$, 'a run that goes on is not judged'),
('failure_graceful', 'unknown', '0 of the 5 needed observed', $$component({c}); dependency({c}); event({c}, 'dependency_call', 1, '{"dependency": "search", "outcome": "error", "trace": 0, "age": "3 hours"}'); event({c}, 'dependency_call', 1, '{"dependency": "search", "outcome": "ok", "trace": 0, "age": "2 hours"}')$$, 'a retry that succeeds is no failure'),
('failure_graceful', 'unknown', 'last observed%', $$component({c}); dependency({c}); event({c}, 'dependency_call', 5, '{"dependency": "search", "outcome": "error", "trace": 0, "age": "31 days"}'); event({c}, 'agent_run', 5, '{"outcome": "ok", "trace": 0, "age": "31 days"}')$$, 'old runs are too old here too'),
('failure_graceful', 'skip', 'it declares no dependency', $$component({c})$$, 'no dependency, no failure'),
-- retry_backoff
('retry_backoff', 'ok', 'search: 10 retries within the policy', $$component({c}); dependency({c}, '{"retry": {"base_ms": 200, "cap_ms": 9000, "multiplier": 2, "jitter": "full", "max_attempts": 4}}'); event({c}, 'dependency_call', 10, '{"dependency": "search", "attributes": {"http.request.resend_count": 2, "retry.delay_ms": "100"}}')$$, 'a quarter of the schedule suffices with jitter'),
('retry_backoff', 'alarm', 'search: retries waited 900 ms where the schedule without jitter says 4000%', $$component({c}); dependency({c}, '{"retry": {"base_ms": 200, "cap_ms": 9000, "multiplier": 2, "jitter": "full", "max_attempts": 4}}'); event({c}, 'dependency_call', 10, '{"dependency": "search", "attributes": {"http.request.resend_count": 2, "retry.delay_ms": 90}}')$$, 'less does not'),
('retry_backoff', 'alarm', 'search: 1 of 1 retries went beyond max_attempts%', $$component({c}); dependency({c}, '{"retry": {"base_ms": 200, "cap_ms": 9000, "multiplier": 2, "jitter": "full", "max_attempts": 4}}'); event({c}, 'dependency_call', 1, '{"dependency": "search", "attributes": {"http.request.resend_count": 4, "retry.delay_ms": 1600}}')$$, 'the fifth attempt of four is one too many'),
('retry_backoff', 'alarm', 'search: a retry policy is declared, not binding%', $$component({c}); dependency({c}, '{"retry": {"base_ms": 200, "cap_ms": 9000, "multiplier": 1, "jitter": "full", "max_attempts": 4}}')$$, 'a policy that does not grow is none'),
('retry_backoff', 'alarm', 'search: active, but no retry policy is declared', $$component({c}); dependency({c}); event({c}, 'dependency_call', 1, '{"dependency": "search"}')$$, 'calls without policy'),
('retry_backoff', 'unknown', 'search: 10 of 10 retries do not say how long they waited', $$component({c}); dependency({c}, '{"retry": {"base_ms": 200, "cap_ms": 9000, "multiplier": 2, "jitter": "full", "max_attempts": 4}}'); event({c}, 'dependency_call', 10, '{"dependency": "search", "attributes": {"http.request.resend_count": 1, "retry.delay_ms": "soon"}}')$$, 'retries whose delay nobody knows show nothing'),
('retry_backoff', 'unknown', 'search: last observed%', $$component({c}); dependency({c}, '{"retry": {"base_ms": 200, "cap_ms": 9000, "multiplier": 2, "jitter": "full", "max_attempts": 4}}'); event({c}, 'dependency_call', 10, '{"dependency": "search", "age": "31 days", "attributes": {"http.request.resend_count": 1, "retry.delay_ms": 200}}')$$, 'old retries are too old'),
('retry_backoff', 'skip', '%', $$component({c})$$, 'no dependency, no retry'),
-- circuit_breaker
('circuit_breaker', 'ok', 'search: 5 of 5 calls asked the breaker', $$component({c}); dependency({c}, '{"breaker": "external"}'); event({c}, 'dependency_call', 5, '{"dependency": "search", "attributes": {"breaker.state": "closed"}}')$$, 'calls that tell the breaker''s state'),
('circuit_breaker', 'ok', '%', $$component({c}); dependency({c}, '{"breaker": "external"}'); event({c}, 'guard', 5, '{"dependency": "search", "attributes": {"breaker.state": "closed"}}'); event({c}, 'dependency_call', 5, '{"dependency": "search"}')$$, 'or that follow a guard''s answer'),
('circuit_breaker', 'ok', '%', $$component({c}); dependency({c}, '{"breaker": "external"}'); event({c}, 'dependency_call', 5, '{"dependency": "search", "attributes": {"breaker.state": "closed"}}'); event({c}, 'dependency_call', 5, '{"dependency": "search", "outcome": "denied", "attributes": {"breaker.state": "open"}}')$$, 'a call that an open breaker denied is the breaker working'),
('circuit_breaker', 'alarm', 'search: 1 of 6 calls did not ask the breaker%', $$component({c}); dependency({c}, '{"breaker": "external"}'); event({c}, 'dependency_call', 5, '{"dependency": "search", "attributes": {"breaker.state": "closed"}}'); event({c}, 'dependency_call', 1, '{"dependency": "search"}')$$, 'one in six unasked is too many'),
('circuit_breaker', 'alarm', 'search: 1 calls were made while the breaker was open%', $$component({c}); dependency({c}, '{"breaker": "external"}'); event({c}, 'dependency_call', 5, '{"dependency": "search", "attributes": {"breaker.state": "closed"}}'); event({c}, 'dependency_call', 1, '{"dependency": "search", "attributes": {"breaker.state": "OPEN"}}')$$, 'a call through an open breaker'),
('circuit_breaker', 'alarm', 'search: 1 calls were made while%', $$component({c}); dependency({c}, '{"breaker": "external"}'); event({c}, 'dependency_call', 40, '{"dependency": "search", "age": "2 hours", "attributes": {"breaker.state": "closed"}}'); event({c}, 'guard', 1, '{"dependency": "search", "age": "50 min", "attributes": {"breaker.state": "open"}}'); event({c}, 'dependency_call', 1, '{"dependency": "search", "age": "40 min"}'); event({c}, 'guard', 1, '{"dependency": "search", "age": "30 min", "attributes": {"breaker.state": "half_open"}}'); event({c}, 'dependency_call', 1, '{"dependency": "search", "age": "20 min"}')$$, 'a call between open and half open'),
('circuit_breaker', 'alarm', 'search: active, but no breaker is declared', $$component({c}); dependency({c}); event({c}, 'dependency_call', 1, '{"dependency": "search"}')$$, 'calls without breaker'),
('circuit_breaker', 'unknown', 'search: declared, 0 of the 5 needed observed', $$component({c}); dependency({c}, '{"breaker": "external"}'); event({c}, 'guard', 9, '{"dependency": "search", "attributes": {"breaker.state": "closed"}}')$$, 'a guard''s answers without calls show nothing'),
('circuit_breaker', 'alarm', 'search: 2 of 11 calls did not ask%', $$component({c}); dependency({c}, '{"breaker": "external"}'); event({c}, 'guard', 9, '{"dependency": "search", "attributes": {"breaker.state": "closed"}}'); event({c}, 'dependency_call', 11, '{"dependency": "search"}')$$, 'nor does one answer serve two calls'),
('circuit_breaker', 'unknown', 'search: no breaker is declared, and nothing was observed lately', $$component({c}); dependency({c})$$, 'nothing called, nothing known'),
('circuit_breaker', 'unknown', 'search: declared, 4 of the 5 needed observed', $$component({c}); dependency({c}, '{"breaker": "external"}'); event({c}, 'dependency_call', 4, '{"dependency": "search", "attributes": {"breaker.state": "closed"}}')$$, 'four calls are too few'),
('circuit_breaker', 'unknown', 'search: last observed%', $$component({c}); dependency({c}, '{"breaker": "external"}'); event({c}, 'dependency_call', 9, '{"dependency": "search", "age": "31 days", "attributes": {"breaker.state": "closed"}}')$$, 'old calls through a breaker are too old'),
('circuit_breaker', 'skip', '%', $$component({c})$$, 'no dependency, no breaker'),
-- environment
('container_hardened', 'ok', 'reported without root%', $$component({c}); report({c}, '{"runAsNonRoot": true, "readOnlyRootFilesystem": true, "allowPrivilegeEscalation": false}')$$, 'a hardened container'),
('container_hardened', 'alarm', 'its environment report says readOnlyRootFilesystem false, privileged true', $$component({c}); report({c}, '{"runAsNonRoot": true, "readOnlyRootFilesystem": false, "privileged": true}')$$, 'one that is not'),
('container_hardened', 'ok', '%', $$component({c}); report({c}, '{"privileged": true}', '2 hours'); report({c}, '{"runAsNonRoot": true, "readOnlyRootFilesystem": true, "allowPrivilegeEscalation": false}')$$, 'the newest report counts'),
('container_hardened', 'alarm', 'its environment report says privileged true', $$component({c}, '{"db_role": "posture_agent"}'); report({c}, '{"privileged": true}', '2 hours'); report({c}, '{"runAsNonRoot": true, "readOnlyRootFilesystem": true, "allowPrivilegeEscalation": false, "privileged": false}', by => 'posture_member')$$, 'a report of its own takes no other back'),
('container_hardened', 'alarm', 'its environment report says privileged true', $$component({c}, '{"db_role": "posture_agent"}'); report({c}, '{"runAsNonRoot": true, "readOnlyRootFilesystem": true, "allowPrivilegeEscalation": false}', '2 hours'); report({c}, '{"privileged": true}', by => 'posture_member')$$, 'but may add what is wrong'),
('container_hardened', 'unknown', 'its environment report does not say readOnlyRootFilesystem, allowPrivilegeEscalation', $$component({c}); report({c}, '{"runAsNonRoot": true}')$$, 'half a report'),
('container_hardened', 'unknown', '0 of the 1 needed observed', $$component({c}, '{"kind": "infrastructure", "own_process": false}')$$, 'no report'),
('container_hardened', 'unknown', 'last observed%', $$component({c}); report({c}, '{"privileged": true}', '8 days')$$, 'an old report'),
('container_hardened', 'skip', 'it has no process of its own', $$component({c}, '{"own_process": false}')$$, 'no process, no container'),
('secret_store', 'ok', '%', $$component({c}); report({c}, '{"secretStore": "vault", "envFileTracked": false}')$$, 'a vault and no tracked .env'),
('secret_store', 'alarm', '%envFileTracked true', $$component({c}); report({c}, '{"secretStore": "vault", "envFileTracked": true}')$$, 'a tracked .env'),
('secret_store', 'alarm', '%no secretStore', $$component({c}); report({c}, '{"secretStore": "none"}')$$, 'no store'),
('secret_store', 'unknown', '%does not say envFileTracked', $$component({c}); report({c}, '{"secretStore": "vault"}')$$, 'a vault alone'),
('network_policy', 'ok', '%', $$component({c}, '{"ports": [8080]}'); report({c}, '{"networkPolicy": true, "listeningPorts": [8080]}')$$, 'declared ports'),
('network_policy', 'alarm', '%a listening port that is not declared', $$component({c}, '{"ports": [8080]}'); report({c}, '{"networkPolicy": true, "listeningPorts": [8080, 22]}')$$, 'one more port'),
('network_policy', 'alarm', '%no networkPolicy', $$component({c}); report({c}, '{"networkPolicy": false, "listeningPorts": []}')$$, 'no policy'),
('network_policy', 'unknown', '%', $$component({c}); report({c}, '{"networkPolicy": true}')$$, 'nothing said of ports'),
('stateless', 'alarm', 'its environment report says localState true', $$component({c}); report({c}, '{"localState": true}')$$, 'local state is admitted'),
('stateless', 'unknown', 'nothing but an attestation can show it', $$component({c}); report({c}, '{"localState": false}')$$, 'its absence shows nothing');

-- Attempts.
INSERT INTO example (control, status, reason, setup, name) VALUES
('timeout', 'alarm', '5 of 5%', $$component({c}, '{"timeout": "30 s"}'); event({c}, 'tool_call', 5, '{"duration": "9 hours", "trace": 4, "age": "1 hour"}'); event({c}, 'approval', 1, '{"duration": "9 hours", "trace": 4}')$$, 'an approval that comes after the spans excuses none'),
('timeout', 'alarm', '1 of 6%', $$component({c}, '{"timeout": "30 s"}'); event({c}, 'note', 5, '{"duration": "1 s"}'); event({c}, 'approval', 1, '{"duration": "9 hours", "trace": 4, "age": "12 hours"}'); event({c}, 'tool_call', 1, '{"duration": "9 hours", "trace": 4}')$$, 'nor one of before the span'),
('timeout', 'alarm', '1 of 6%', $$component({c}, '{"timeout": "30 s"}'); event({c}, 'note', 5, '{"duration": "1 s"}'); event({c}, 'approval', 1, '{"duration": "9 hours", "trace": 4, "caller": "somebody"}'); event({c}, 'tool_call', 1, '{"duration": "9 hours", "trace": 4}')$$, 'nor one that another role logged'),
('order_kept', 'alarm', '5 of 10 handoffs%', $$component({c}); component('{s}/b'); component('{s}/c'); plan('{s}', '{"nodes": [{"id": "a"}, {"id": "b"}], "edges": [{"source": "a", "target": "b"}]}'); event({c}, 'handoff', 5, '{"target": "b"}'); event({c}, 'handoff', 3, '{"target": "c"}'); event('{s}/c', 'handoff', 2, '{"target": "b"}')$$, 'a plan is not bypassed through somebody outside it'),
('order_kept', 'alarm', '1 of 6 handoffs%', $$component({c}); component('{s}/b'); plan('{s}', '{"nodes": [{"id": "a"}, {"id": "b"}], "edges": [{"source": "a", "target": "b"}]}'); event({c}, 'handoff', 5, '{"target": "b"}'); event({c}, 'handoff', 1)$$, 'nor through nobody'),
('handoff_contract', 'alarm', '1 of 6 handoffs%', $$component({c}); component('{s}/b'); contract({c}, 'handoff', target => 'b'); event({c}, 'handoff', 5, '{"target": "b", "valid": true}'); event({c}, 'handoff', 1)$$, 'a handoff to nobody has no contract'),
('circuit_breaker', 'alarm', 'search: 6 of 6 calls did not ask%', $$component({c}); dependency({c}, '{"breaker": "external"}'); event({c}, 'dependency_call', 6, '{"dependency": "search", "attributes": {"breaker.state": "banana"}}')$$, 'a state that is none answers nothing'),
('log_context', 'alarm', '20 of 20 events lack%', $$component({c}); event({c}, 'note', 5, '{"trace": 1, "body": null}'); event({c}, 'note', 5, '{"trace": 1, "body": ""}'); event({c}, 'note', 5, '{"trace": 1, "attributes": []}'); event({c}, 'note', 5, '{"trace": 1, "attributes": {"maestro.target": "ghost"}}')$$, 'nothing is no data'),
('log_context', 'unknown', '0 of the 20 needed observed', $$component({c}); event({c}, 'heartbeat', 40)$$, 'heartbeats need no context'),
('connection_timeout', 'alarm', '%calls went to an address%', $$component({c}); component('{s}/t', '{"kind": "tool"}'); dependency({c}, '{"connect_timeout": "2s", "read_timeout": "8s", "address": "api.example.com"}'); event({c}, 'dependency_call', 5, '{"dependency": "search", "duration": "1s"}'); event({c}, 'tool_call', 1, '{"target": "t", "attributes": {"server.address": "evil.example"}}')$$, 'nor do calls of a tool go to elsewhere'),
('manifest_digest', 'unknown', '50 of 55 runs carry no manifest digest', $$component({c}, '{"manifest_digest": "1111111111111111111111111111111111111111111111111111111111111111"}'); event({c}, 'agent_run', 5, '{"attributes": {"maestro.manifest_digest": "1111111111111111111111111111111111111111111111111111111111111111"}}'); event({c}, 'agent_run', 50)$$, 'a digest now and then shows nothing'),
('retry_backoff', 'unknown', 'search: 50 of 60 retries do not say how long they waited', $$component({c}); dependency({c}, '{"retry": {"base_ms": 200, "cap_ms": 9000, "multiplier": 2, "jitter": "full", "max_attempts": 4}}'); event({c}, 'dependency_call', 10, '{"dependency": "search", "attributes": {"http.request.resend_count": 1, "retry.delay_ms": 200}}'); event({c}, 'dependency_call', 50, '{"dependency": "search", "attributes": {"http.request.resend_count": 1}}')$$, 'nor does a delay now and then'),
('retry_backoff', 'alarm', 'search: a retry policy is declared, not binding%', $$component({c}); dependency({c}, '{"retry": {"base_ms": 0.0001, "cap_ms": 0.0001, "multiplier": 1.0000001, "jitter": "full", "max_attempts": 1000000000}}')$$, 'a policy of no delays and no end binds nothing'),
('memory_bound', 'alarm', 'a memory_limit is declared, not binding: over 16 TiB', $$component({c}, '{"memory_limit": 9223372036854775807}'); event({c}, 'heartbeat', 6, '{"attributes": {"process.memory.usage": 0}}')$$, 'nor does all the memory of the world'),
('memory_bound', 'ok', '6 heartbeats stayed below the declared limit', $$component({c}, '{"memory_limit": 1000}'); event({c}, 'heartbeat', 6, '{"attributes": {"process.memory.usage": 900}}')$$, 'heartbeats below the limit show it too'),
('failure_graceful', 'alarm', '1 of 1 runs%', $$component({c}); dependency({c}); event({c}, 'dependency_call', 1, '{"dependency": "search", "outcome": "error", "trace": 3, "age": "3 hours"}'); event({c}, 'dependency_call', 1, '{"dependency": "search", "trace": 3, "age": "2 hours"}')$$, 'a call without outcome has not succeeded'),
('output_schema', 'alarm', '1 of 7 outputs%', $$component({c}); contract({c}, 'output'); event({c}, 'output', 5, '{"valid": true}'); event({c}, 'output', 1, '{"valid": false, "trace": 7, "span": 7}'); event({c}, 'output', 1, '{"valid": true, "trace": 7, "span": 7, "decision": "deny"}')$$, 'an output that was refused makes up for none'),
('stateless', 'ok', 'attested until%', $$component({c}); attest({c}, 'stateless'); event({c}, 'tool_call', 1, '{"duration": "50 s", "trace": 1, "span": 1, "attributes": {"maestro.resource": "r"}}')$$, 'one action is alone on its resource'),
('stateless', 'alarm', '1 actions overlapped%', $$component({c}); attest({c}, 'stateless'); component('{s}/b'); event({c}, 'tool_call', 1, '{"duration": "50 s", "trace": 1, "span": 1, "attributes": {"maestro.resource": "r"}}'); event('{s}/b', 'tool_call', 1, '{"duration": "30 s", "trace": 2, "span": 1, "attributes": {"maestro.resource": "r"}}'); event({c}, 'tool_call', 1, '{"duration": "10 s", "age": "70 s", "trace": 3, "span": 3, "attributes": {"maestro.resource": "r"}}')$$, 'another''s span id hides no overlap');

-- Controls of a system.
INSERT INTO example (control, status, reason, setup, name) VALUES
('allowlist', 'ok', '5 events%', $$component({c}); event({c}, 'note', 5)$$, 'registered writers alone'),
('allowlist', 'alarm', '1 events came from components that nobody registered, last: event %', $$component({c}); event({c}, 'note', 5); event('{s}/stranger', 'note', 1, '{"decision": "deny", "reason": "unregistered_component"}')$$, 'a stranger in quarantine'),
('allowlist', 'ok', '6 events%', $$component({c}); event({c}, 'note', 5); event('{s}/stranger', 'rejected', 1, '{"decision": "deny", "reason": "unregistered_component"}')$$, 'a stranger who was refused'),
('allowlist', 'unknown', '4 of the 5 needed observed', $$component({c}); event({c}, 'note', 4)$$, 'too few events'),
('allowlist', 'unknown', 'last observed%', $$component({c}); event({c}, 'note', 5, '{"age": "31 days"}')$$, 'too old events'),
('log_neutralised', 'ok', '5 messages%', $$component({c}); event({c}, 'note', 5, '{"message": "tab\there \\n Zoë 👩‍💻"}')$$, 'harmless messages'),
('log_neutralised', 'alarm', '1 of 1 messages%', $$component({c}); event({c}, 'note', 1, '{"message": "ok\nERROR forged"}')$$, 'a message of two lines'),
('log_neutralised', 'alarm', '1 of 1 messages%', $$component({c}); event({c}, 'note', 1, '{"message": "a\u202eb"}')$$, 'a message that turns around'),
('log_neutralised', 'unknown', '0 of the 5 needed observed', $$component({c}); event({c}, 'registry', 9)$$, 'maestro''s own messages show nothing'),
('handoff_contract', 'skip', 'one agent has nobody to hand off to', $$component({c})$$, 'one agent'),
('handoff_contract', 'unknown', '0 of the 5 needed observed', $$component({c}); component('{s}/b')$$, 'two agents'),
('signature', 'unknown', 'not evaluated yet', $$component({c})$$, 'signatures were not looked at'),
('log_sensitive', 'unknown', 'not evaluated yet', $$component({c})$$, 'the log was not scanned again');

-- Models, by the calls that their callers logged.
INSERT INTO example (control, status, reason, setup, name) VALUES
('model_pinned', 'ok', '5 model calls got the pinned model', $$component({c}, '{"kind": "model", "own_process": false, "model": "m-1"}'); component('{s}/caller'); event('{s}/caller', 'model_call', 5, '{"target": "a", "attributes": {"gen_ai.request.model": "m-1"}}')$$, 'a model is judged by the calls that its callers logged'),
('model_pinned', 'alarm', '1 of 6 model calls%', $$component({c}, '{"kind": "model", "own_process": false, "model": "m-1"}'); component('{s}/caller'); event('{s}/caller', 'model_call', 5, '{"target": "a", "attributes": {"gen_ai.request.model": "m-1"}}'); event('{s}/caller', 'model_call', 1, '{"target": "a", "attributes": {"gen_ai.request.model": "m-1", "gen_ai.response.model": "m-2"}}')$$, 'another model that answered in its place is an alarm'),
('model_pinned', 'alarm', '5 of 5 model calls went to no registered model with a pinned name, or got another model, last: event %', $$component({c}, '{"kind": "model", "own_process": false}'); component('{s}/caller'); event('{s}/caller', 'model_call', 5, '{"target": "a", "attributes": {"gen_ai.request.model": "m-1"}}')$$, 'a model that nobody pinned is an alarm, and the reason says so'),
('model_pinned', 'unknown', '1 of 6 model calls do not say%', $$component({c}, '{"kind": "model", "own_process": false, "model": "m-1"}'); component('{s}/caller'); event('{s}/caller', 'model_call', 5, '{"target": "a", "attributes": {"gen_ai.request.model": "m-1"}}'); event('{s}/caller', 'model_call', 1, '{"target": "a"}')$$, 'a call that names no model shows nothing'),
('model_pinned', 'skip', 'does not apply to its kind', $$component({c}, '{"kind": "tool", "own_process": false}'); component('{s}/caller'); event('{s}/caller', 'model_call', 5, '{"target": "a", "attributes": {"gen_ai.request.model": "m-1"}}')$$, 'a tool that was called as a model is its caller''s alarm alone');

CREATE ROLE posture_agent;
CREATE ROLE "ann@example.com";
CREATE ROLE posture_member IN ROLE posture_agent;
SELECT plan((SELECT count(*) FROM example)::integer + 4);

\o /dev/null
SELECT pg_temp.play(format('case%s/a', no), setup) FROM example ORDER BY no;
CREATE TEMP TABLE answer AS SELECT * FROM maestro.component_control WHERE component = 'a' OR component IS NULL;
\o
SELECT CASE WHEN a.status::text = e.status AND a.reason LIKE e.reason THEN pass(format('%s: %s (%s)', e.control, e.name, e.status))
	   ELSE fail(format('%s: %s', e.control, e.name)) || E'\n' || diag(format('have %s: %s, want %s: %s', a.status, a.reason, e.status, e.reason)) END
  FROM example e
  LEFT JOIN answer a ON a.system = 'case' || e.no AND a.control = e.control
 ORDER BY e.no;

SELECT is_empty($$ SELECT * FROM answer WHERE reason IS NULL OR reason = '' OR evidence_count IS NULL $$, 'every answer has a reason');
SELECT is_empty($$ SELECT * FROM answer WHERE (basis IS NOT NULL) <> (status IN ('ok', 'alarm')) $$, 'what is ok or an alarm rests on something');
SELECT is_empty($$ SELECT DISTINCT a.control FROM answer a JOIN maestro.control k USING (control)
					WHERE (a.status = 'alarm' OR a.status = 'unknown' AND k.control <> 'number_range') AND a.remedy IS NULL $$,
	'every alarm and every unknown that can be helped has a remedy');
SELECT is((SELECT string_agg(DISTINCT m.status::text, ', ') FROM example e JOIN maestro.threat_matrix m ON m.system = 'case' || e.no
			WHERE e.control = 'allowlist' AND e.status = 'alarm' AND m.threat = 'Unauthorized components' AND m.component = '(none registered)'), 'open',
	'an alarm of the system opens the threat, even where its layer has no component');
SELECT * FROM finish();
ROLLBACK;
