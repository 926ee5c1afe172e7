\set ECHO none
BEGIN;
\i test/tap_setup.sql
SELECT plan(6);
SET search_path = public;

-- Each rule: what its secrets begin with, and what chance makes the rest of.  No
-- whole secret stands here: they are put together below, 30 of each.
CREATE TEMP TABLE format (rule text, prefix text, alphabet text, length int, suffix text);
\set hex '0123456789abcdef'
\set alnum 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
\set letters 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
\set lower 'abcdefghijklmnopqrstuvwxyz0123456789'
\set upper 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
\set url 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-'
\set base64 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
INSERT INTO format VALUES
('age-key', 'AGE-SECRET-KEY-1', :'upper', 58, ''),
('anthropic-key', 'sk-ant-api03-', :'url', 93, 'AA'),
('anthropic-key', 'sk-ant-admin01-', :'url', 93, 'AA'),
('anthropic-key', 'sk-ant-oat01-', :'url', 93, 'AA'),
('anthropic-key', 'sk-ant-ort01-', :'url', 93, 'AA'),
('openai-key', 'sk-proj-', :'url', 148, ''),
('openai-key', 'sk-svcacct-', :'url', 148, ''),
('openai-key', 'sk-admin-', :'url', 148, ''),
('openai-legacy-key', 'sk-', :'alnum', 48, ''),
('sk-key', 'sk-', :'hex', 32, ''),
('openrouter-key', 'sk-or-v1-', :'hex', 64, ''),
('langfuse-key', 'sk-lf-', :'hex', 36, ''),
('groq-key', 'gsk_', :'alnum', 52, ''),
('xai-key', 'xai-', :'alnum', 80, ''),
('perplexity-key', 'pplx-', :'alnum', 48, ''),
('huggingface-token', 'hf_', :'letters', 34, ''),
('huggingface-token', 'api_org_', :'letters', 34, ''),
('replicate-token', 'r8_', :'alnum', 37, ''),
('nvidia-key', 'nvapi-', :'url', 64, ''),
('pinecone-key', 'pcsk_', :'alnum', 69, ''),
('langsmith-key', 'lsv2_pt_', :'hex', 32, '_0a1b2c3d4e'),
('langsmith-key', 'lsv2_sk_', :'hex', 32, '_0a1b2c3d4e'),
('fireworks-key', 'fw_', :'alnum', 22, ''),
('together-key', 'tgp_v1_', :'url', 43, ''),
('elevenlabs-key', 'sk_', :'hex', 48, ''),
('cerebras-key', 'csk-', :'lower', 48, ''),
('voyage-key', 'pa-', :'url', 43, ''),
('aws-access-key-id', 'AKIA', :'upper', 16, ''),
('aws-access-key-id', 'ASIA', :'upper', 16, ''),
('aws-a3t-key-id', 'A3TX', :'upper', 16, ''),
('aws-bedrock-key', 'ABSKQmVkcm9ja0FQSUtleS', :'base64', 110, '='),
('google-api-key', 'AIza', :'url', 35, ''),
('google-oauth-token', 'ya29.a0', :'url', 160, ''),
('google-refresh-token', '1//0', :'url', 99, ''),
('google-client-secret', 'GOCSPX-', :'url', 28, ''),
('digitalocean-token', 'dop_v1_', :'hex', 64, ''),
('digitalocean-token', 'doo_v1_', :'hex', 64, ''),
('digitalocean-token', 'dor_v1_', :'hex', 64, ''),
('azure-key', 'AccountKey=', :'base64', 86, '=='),
('azure-sas-signature', '&sig=', :'alnum', 40, '%2Ba%3D'),
('azure-client-secret', 'aB38Q~', :'url', 33, 'x'),
('telegram-bot-token', '123456789:AA', :'url', 33, ''),
('gitlab-runner-token', 'GR1348941', :'url', 20, 'x'),
('resend-key', 're_', :'alnum', 8, '_aB3dE6gH9jK2mN5pQ8sTaB3d'),
('flutterwave-key', 'FLWSECK-', :'hex', 32, '-X'),
('flutterwave-test-key', 'FLWSECK_TEST-', :'hex', 32, '-X'),
('posthog-key', 'phx_', :'alnum', 43, ''),
('dynatrace-token', 'dt0c01.' || 'ABCDEFGHIJKLMNOPQRSTUVWX.', :'upper', 64, ''),
('hubspot-token', 'pat-na1-', :'hex', 8, '-9aea-4e9b-af07-6b52206b02e3'),
('mapbox-token', 'sk.' || 'eyJ', :'alnum', 60, '.aB3dE6gH9jK2mN5pQ8sTaB'),
('docker-swarm-token', 'SWMTKN-1-', :'lower', 50, '-0123456789abcdefghijklmno'),
('tavily-key', 'tvly-', :'alnum', 32, ''),
('tavily-key', 'tvly-dev-', :'alnum', 32, ''),
('jina-key', 'jina_', :'alnum', 60, ''),
('firecrawl-key', 'fc-', :'hex', 32, ''),
('e2b-key', 'e2b_', :'hex', 40, ''),
('apify-token', 'apify_api_', :'alnum', 36, ''),
('anyscale-key', 'esecret_', :'alnum', 32, ''),
('azure-workflow-signature', 'sig=', :'url', 42, 'x'),
('twilio-key', 'SK', :'hex', 32, ''),
('mailchimp-key', '', :'hex', 32, '-us' || '14'),
('discord-bot-token', 'MTk4NjIyNDgzNDcxOTI1MjQ4.', :'url', 6, '.ZnCjm1XVW7vRze4b7Cq4se7kKWs'),
('discord-mfa-token', 'mfa.', :'url', 84, ''),
('google-key-id', 'private_key_id=', :'hex', 40, ''),
('alibaba-key-id', 'LTAI', :'alnum', 20, ''),
('fly-token', 'fo1_', :'url', 43, ''),
('fly-token', 'fm2_', :'base64', 200, ''),
('heroku-key', 'HRKU-AA', :'url', 58, ''),
('tailscale-key', 'tskey-auth-', :'alnum', 40, ''),
('planetscale-token', 'pscale_tkn_', :'url', 43, ''),
('github-token', 'ghp_', :'alnum', 36, ''),
('github-token', 'ghs_', :'alnum', 36, ''),
('github-fine-grained-token', 'github_pat_', :'alnum', 22, '_0123456789abcdefghijABCDEFGHIJ'),
('gitlab-token', 'glpat-', :'url', 20, ''),
('gitlab-token', 'glrt-', :'url', 20, ''),
('gitlab-token', 'glpat-', :'url', 27, '.01.0x1y2z3ab'),
('bitbucket-token', 'ATBB', :'alnum', 32, ''),
('slack-token', 'xoxb-', :'alnum', 50, ''),
('slack-app-token', 'xapp-1-', :'alnum', 80, ''),
('slack-webhook', 'hooks.slack.com/services/T00000000/B00000000/', :'alnum', 24, ''),
('discord-webhook', 'discord.com/api/webhooks/123456789012345678/', :'url', 68, ''),
('teams-webhook', 'webhook.office.com/webhookb2/', :'hex', 36, '@0f0e/IncomingWebhook/0a1b2c'),
('stripe-key', 'sk_live_', :'alnum', 24, ''),
('stripe-key', 'rk_test_', :'alnum', 99, ''),
('webhook-secret', 'whsec_', :'alnum', 32, ''),
('square-token', 'sq0csp-', :'url', 43, ''),
('square-access-token', 'EAAA', :'url', 60, ''),
('shopify-token', 'shpat_', :'hex', 32, ''),
('sendgrid-key', 'SG.', :'url', 22, '.aB3dE6gH9jK2mN5pQ8sT_aB3dE6gH9jK2mN5pQ8sT-z'),
('mailgun-key', 'key-', :'hex', 32, ''),
('brevo-key', 'xkeysib-', :'hex', 64, '-aB3dE6gH9jK2mN5p'),
('npm-token', 'npm_', :'alnum', 36, ''),
('pypi-token', 'pypi-AgEIcHlwaS5vcmc', :'url', 140, ''),
('docker-token', 'dckr_pat_', :'url', 27, ''),
('rubygems-key', 'rubygems_', :'hex', 48, ''),
('nuget-key', 'oy2', :'lower', 43, ''),
('crates-token', 'cio', :'alnum', 32, ''),
('artifactory-key', 'AKCp', :'alnum', 69, ''),
('vault-token', 'hvs.', :'url', 90, ''),
('vault-token', 'hvb.', :'url', 138, ''),
('terraform-token', 'aB3dE6gH9jK2mN.atlasv1.', :'url', 67, ''),
('pulumi-token', 'pul-', :'hex', 40, ''),
('databricks-token', 'dapi', :'hex', 32, ''),
('databricks-token', 'dapi', :'hex', 32, '-2'),
('atlassian-token', 'ATATT3xFfGF0', :'url', 175, '=ABCDEF01'),
('linear-token', 'lin_api_', :'alnum', 40, ''),
('notion-token', 'ntn_', :'alnum', 46, ''),
('notion-secret', 'secret_', :'alnum', 43, ''),
('supabase-key', 'sbp_', :'hex', 40, ''),
('supabase-key', 'sb_secret_', :'url', 31, ''),
('doppler-token', 'dp.pt.', :'alnum', 43, ''),
('doppler-token', 'dp.st.prd.', :'alnum', 43, ''),
('grafana-token', 'glsa_', :'alnum', 32, '_0a1b2c3d'),
('newrelic-key', 'NRAK-', :'upper', 27, ''),
('sentry-token', 'sntryu_', :'hex', 64, ''),
('postman-key', 'PMAK-', :'hex', 24, '-0123456789abcdef0123456789abcdef01'),
('figma-token', 'figd_', :'url', 40, ''),
('airtable-token', 'patAbCdEfGhIjKlMn.', :'hex', 64, ''),
('dropbox-token', 'sl.', :'url', 140, ''),
('contentful-token', 'CFPAT-', :'url', 43, ''),
('netlify-token', 'nfp_', :'alnum', 36, ''),
('prefect-key', 'pnu_', :'alnum', 36, ''),
('readme-key', 'rdme_', :'lower', 70, ''),
('onepassword-token', 'ops_eyJ', :'alnum', 250, ''),
('sourcegraph-token', 'sgp_', :'hex', 40, '');

-- That many characters of the alphabet, the same for the same seed.
CREATE FUNCTION pg_temp.chance(alphabet text, n int, seed text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT string_agg(substr(alphabet, 1 + get_byte(decode(md5(seed || i), 'hex'), 0) % length(alphabet), 1), '' ORDER BY i)
	  FROM generate_series(1, n) i $$;

CREATE TEMP TABLE secret AS
	SELECT rule, prefix, coalesce(substring(prefix FROM '^.*=$'), '') AS shown, prefix || pg_temp.chance(alphabet, length, rule || prefix || length || n) || suffix AS token
	  FROM format, generate_series(1, 30) n;

-- An x for what ends in a dash or a dot: those may stand last in no find.
UPDATE secret SET token = left(token, -1) || 'x' WHERE token ~ '[-.]$' AND rule IN ('gitlab-token', 'planetscale-token', 'sendgrid-key', 'doppler-token', 'dropbox-token');

SELECT is_empty($$ SELECT s.rule, left(token, 12), count(*) FROM secret s
	WHERE NOT EXISTS (SELECT FROM maestro.scan('use ' || token || ' now') f WHERE f.rule = s.rule
		AND f.first = 5 + length(shown) AND f.length = length(token) - length(shown))
	GROUP BY 1, 2 $$, 'each rule finds its secrets, from end to end, under its own name');
SELECT is_empty($$ SELECT DISTINCT s.rule, around FROM secret s, unnest(ARRAY['"%s"', '(%s)', 'key=%s', 'a\n%s\n', '<%s>', '`%s`', 'https://h/?k=%s&x=1', '{"k":"%s"}', '%s.', 'k: %s, x']) around
	WHERE strpos(maestro.sanitize(format(around, token)), right(token, 12)) > 0 $$, 'whatever stands around them');
SELECT is_empty($$ SELECT rule, left(token, 12) FROM secret WHERE maestro.sanitize(maestro.sanitize(token)) <> maestro.sanitize(token) $$, 'sanitizing again changes nothing');
SELECT is_empty($$ SELECT rule FROM maestro.sanitize_rules
	WHERE family IN ('LLM providers', 'clouds', 'forges, chat, payment', 'registries, platforms') AND rule <> 'aws-secret-key'
	EXCEPT SELECT rule FROM secret $$, 'every rule of a provider is tested');

-- What looks like one at first: names, words, versions, hashes, public halves.
CREATE TEMP TABLE innocent (input text);
INSERT INTO innocent VALUES
('znpm_' || pg_temp.chance(:'alnum', 36, 'z')), ('zAKIA' || pg_temp.chance(:'upper', 16, 'z')), ('gsk_client'), ('gsk_biology_and_pharma_research_department_of_europe'), ('xai-explainability-toolkit-for-machine-learning-models'),
('pplx-api'), ('pplx-online-models-and-their-limits-in-production-use'), ('hf_hub_download'), ('hf_transformer_model_loader_for_pretrained_weights'),
('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'), ('api_org_members'), ('r8_unorm'), ('nvapi-headers'), ('pcsk_9'), ('lsv2_pt_'), ('fw_version'), ('fw_update_manager'),
('fw_aaaaaaaaaaaaaaaaaaaaaa'), ('tgp_v1_model'), ('sk_learn'), ('sk_model_selection_train_test_split'), ('csk-kitchen'), ('pa-rule-engine'),
('pa-this-is-a-name-of-a-branch-of-somebody-else'), ('AIzawa'), ('AIza' || repeat('x', 35)), ('ya29.md'), ('1//0 is an error'), ('GOCSPX-'), ('LTAI'), ('LTAIRLINES'), ('fo1_'), ('tskey-auth'),
('glpat-short'), ('gldt-'), ('ATBBASIC'), ('discord.com/api/webhooks/{id}/{token}'), ('webhook.office.com/webhookb2/{id}'),
('sk_test_'), ('sk_live_your_key_here'), ('pk_live_' || pg_temp.chance(:'alnum', 24, 'public')), ('pk-lf-' || pg_temp.chance(:'hex', 36, 'public')),
('sb_publishable_' || pg_temp.chance(:'url', 31, 'public')), ('rzp_live_key'), ('whsec_'), ('EAAA'), ('shpat_'), ('SG.1'), ('SG.email.send(to, subject)'),
('key-value'), ('AccountKey=<key>'), ('sig=abc&AccountKeyName=x'), ('sig=' || pg_temp.chance(:'hex', 40, 'sig')), ('123456789:AAPL'), ('2026-11-26T10:00:00'), ('a8Q~x'), ('FAQ~2'), ('key-value-store-with-a-long-name-of-its-own'), ('primary-key-0123'), ('npm_config_registry'), ('npm_lifecycle_event_of_a_package_script'), ('npm_package_version'), ('pypi-server'),
('dckr_pat_'), ('rubygems_version'), ('oy2'), ('ciocolata'), ('ciabatta'), ('AKCp'), ('hvs.md'), ('atlasv1.json'), ('pul-request'), ('dapi'), ('dapibus ac facilisis in egestas eget quam'),
('dapi-gateway-service-for-data-access-v2'), ('ATATT'), ('lin_alg'), ('lin_api_'), ('ntn_'), ('secret_santa'), ('secret_key_base'), ('secret_' || repeat('a', 43)), ('sbp_v2'), ('dp.pt.'), ('dp.state.name'),
('glsa_'), ('glc_'), ('NRAK-'), ('sntrys_'), ('PMAK-'), ('figd_'), ('path/to/a/file.txt'), ('pattern.match(text)'), ('patch-0123456789.diff'), ('sl.no'), ('nfp_total'), ('pnu_'), ('rdme_'), ('ops_'), ('sgp_'),
('sgp_api_client_configuration_and_settings_of'), ('550e8400-e29b-41d4-a716-446655440000'), ('9f86d081884c7d659a2feaa0c55ad015a3bf4f1b'), ('sha256:' || pg_temp.chance(:'hex', 64, 'digest')),
('v1.22.333-rc.4+build.5678'), ('1764115200123'), ('max_tokens=4096'), ('data:image/png;base64,iVBORw0KGgo' || pg_temp.chance(:'base64', 2000, 'image'));
SELECT is_empty($$ SELECT left(input, 60), rule FROM innocent, maestro.scan(input) $$, 'what only looks like a secret stays');
SELECT is_empty($$ SELECT n, rule FROM generate_series(1, 400) n, maestro.scan('data:;base64,' || pg_temp.chance('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', 1000, 'b' || n)) $$, 'so does base64');

SELECT * FROM finish();
ROLLBACK;
