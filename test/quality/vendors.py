"""Credentials known by their own prefix: name, templates, things that resemble them.

The templates follow the vendors' documentation and the public rule sets of
secret scanners. Things that resemble a credential and are none are written
out where a vendor has something of that kind: public keys, package names.
"""

MODELS = (
    ('openai-project', ('sk-proj-{b74}T3BlbkFJ{b74}', 'sk-proj-{b58}T3BlbkFJ{b58}', 'sk-proj-{w20}T3BlbkFJ{w20}'),
     ('sk-project-name', 'sk-proj-', 'task-proj-{uuid}', 'proj_{w24}')),
    ('openai-service', ('sk-svcacct-{b74}T3BlbkFJ{b74}', 'sk-svcacct-{b58}T3BlbkFJ{b58}'), ('sk-svcacct', 'svcacct-{a8}')),
    ('openai-admin', ('sk-admin-{b74}T3BlbkFJ{b74}', 'sk-admin-{b58}T3BlbkFJ{b58}'), ('sk-admin', 'desk-admin-panel')),
    ('openai-legacy', ('sk-{w20}T3BlbkFJ{w20}', 'sk-{w48}'),
     ('sk-learn', 'sk-SK', 'task-{h32}', 'desk-{w48}', 'risk-{uuid}', 'sk-learn-contrib', 'org-{w24}')),
    ('anthropic-api', ('sk-ant-api03-{b93}AA',), ('sk-ant-api03', 'msg_{w24}', 'toolu_{w24}', 'sk-ant-')),
    ('anthropic-admin', ('sk-ant-admin01-{b93}AA',), ('sk-ant-admin01', 'wrkspc_{w24}')),
    ('anthropic-oauth', ('sk-ant-oat01-{b93}AA',), ('sk-ant-oat01', 'req_{w24}')),
    ('anthropic-refresh', ('sk-ant-ort01-{b93}AA',), ('sk-ant-ort01',)),
    ('openrouter', ('sk-or-v1-{h64}',), ('sk-or-v1', 'mask-or-v1-filter')),
    ('langfuse', ('sk-lf-{uuid}',), ('pk-lf-{uuid}', 'pk-lf-{uuid}', 'sk-lf')),
    ('groq', ('gsk_{w52}',), ('gsk_buffer_size', 'gsk_scene_graph_renderer')),
    ('xai', ('xai-{w80}',), ('xai-explain', 'xai-shap-and-lime-notebooks', 'xai-org')),
    ('perplexity', ('pplx-{w48}',), ('pplx-70b-online', 'pplx-7b-chat')),
    ('hugging-face', ('hf_{m34}',), ('hf_hub_download', 'hf_transfer', 'hf_model_id', 'hf_home_directory_of_the_user')),
    ('hugging-face-organisation', ('api_org_{m34}',), ('api_org_name', 'api_org_id_of_the_customer')),
    ('replicate', ('r8_{w37}',), ('r8_g8_b8_a8_unorm', 'r8_unorm')),
    ('nvidia', ('nvapi-{b64}',), ('nvapi-sys', 'nvapi-open-source-sdk')),
    ('pinecone', ('pcsk_{w5}_{w63}', 'pcsk_{w6}_{w63}'), ('pcsk_count', 'pcsk_default_index')),
    ('langsmith', ('lsv2_pt_{h32}_{h10}', 'lsv2_sk_{h32}_{h10}'), ('lsv2_pt', 'lsv2_format')),
    ('deepseek-like', ('sk-{h32}',), ('disk-{h32}', 'task-{h32}', 'sk-learn==1.5.0', 'sk-estimator-html-doc-link')),
    ('sk-by-entropy', ('sk-{b22}', 'sk-{w36}'), ('disk-usage-report', 'sk-9', 'sk-learn')),
    ('tavily', ('tvly-{w32}', 'tvly-dev-{w32}'), ('tvly-python', 'tvly-search-client')),
    ('fireworks', ('fw_{w24}',), ('fw_version', 'fw_update_channel_default')),
    ('cerebras', ('csk-{a48}',), ('csk-sdk',)),
)

CLOUDS = (
    ('aws-key-id', ('AKIA{s16}', 'ASIA{s16}', 'ABIA{s16}', 'ACCA{s16}', 'A3TX{s16}'),
     ('AKIA', 'AIDA{s17}', 'AROA{s17}', 'ASIA-PACIFIC', 'AKIAXXXXXXXXXXXXXXXX', 'ASIAPACIFIC', 'XAKIA{s16}')),
    ('aws-bedrock', ('ABSK{B109}=', 'ABSK{B128}'), ('ABSK', 'ABSKEY')),
    ('aws-bedrock-short', ('bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29t{B200}',), ('bedrock-api-key', 'bedrock-agent')),
    ('gcp-api-key', ('AIza{b35}',), ('AIzaSy...', 'AIza')),
    ('gcp-oauth-token', ('ya29.{b120-180}', 'ya29.a0{b160}'), ('ya29.', 'ya29.<access>')),
    ('gcp-refresh-token', ('1//0{b60-100}',), ('1//2', '10//03', '1//0')),
    ('gcp-oauth-client', ('GOCSPX-{b28}',), ('{d12}-{a32}.apps.googleusercontent.com', 'GOCSPX-')),
    ('azure-entra-secret', ('{w3}8Q~{w34}', '{w3}7Q~{b32}ab'), ('8Q~', 'abc8Q~short', '{uuid}')),
    ('alibaba-key-id', ('LTAI{w20}',), ('LTAI',)),
)

FORGES = (
    ('github-personal', ('ghp_{w36}',), ('ghp_import', 'ghp_deploy_pages')),
    ('github-oauth', ('gho_{w36}',), ('gho_st',)),
    ('github-app', ('ghu_{w36}', 'ghs_{w36}'), ('ghs_file_count',)),
    ('github-refresh', ('ghr_{w36}', 'ghr_{w76}'), ('ghr_data',)),
    ('github-fine-grained', ('github_pat_{w22}_{w59}',), ('github_pat_expiry', 'github_path_filter')),
    ('gitlab-personal', ('glpat-{b20}', 'glpat-{b27}.01.{a9}'), ('glpat-', 'glpat-name')),
    ('gitlab-deploy', ('gldt-{b20}',), ('gldt-', 'gldt-n')),
    ('gitlab-runner', ('glrt-{b20}', 'GR1348941{b20}', 'glrt-t1_{b20}'), ('GR1348941', 'glrt-tags')),
    ('gitlab-ci-job', ('glcbt-{h2}_{b20}', 'glcbt-{b20}'), ('glcbt-', 'glcbt-ttl')),
    ('gitlab-trigger', ('glptt-{h40}',), ('glptt-',)),
    ('gitlab-feed', ('glft-{b20}',), ('glft-',)),
    ('gitlab-scim', ('glsoat-{b20}',), ('glsoat-',)),
    ('gitlab-mail', ('glimt-{a25}',), ('glimt-',)),
    ('gitlab-agent', ('glagent-{b50}',), ('glagent-', 'glagent-k8s')),
    ('gitlab-oauth-app', ('gloas-{h64}',), ('gloas-',)),
    ('gitlab-feature-flags', ('glffct-{b20}',), ('glffct-',)),
    ('bitbucket', ('ATBB{w32}',), ('ATBB',)),
)

CHAT_AND_MAIL = (
    ('slack-bot', ('xoxb-{d12}-{d13}-{w24}',), ('xoxb-', 'xoxb-token', 'xoxb-...')),
    ('slack-user', ('xoxp-{d11}-{d11}-{d12}-{h32}', 'xoxs-{d11}-{d11}-{d12}-{h32}'), ('xoxp-', 'xoxp-scopes')),
    ('slack-app', ('xapp-1-A{A10}-{d13}-{h64}',), ('xapp-', 'xapp-1')),
    ('slack-rotating', ('xoxe-1-{w146}', 'xoxe.xoxp-1-{w160}', 'xoxe.xoxb-1-{w160}'), ('xoxe-',)),
    ('slack-legacy', ('xoxa-2-{d12}-{d12}-{d12}-{h32}', 'xoxr-2-{d12}-{d12}-{d12}-{h32}'), ('xoxa-',)),
    ('sendgrid', ('SG.{b22}.{b43}',), ('SG.', 'SG.AspNetCore.Identity', 'SG.com.sg')),
    ('mailgun', ('key-{h32}',), ('key-value', 'monkey-{h32}', 'key-event-listener')),
    ('mailchimp', ('{h32}-us5', '{h32}-us21'), ('{h32}-usa', '{h20}-us5', 'en-us1', '{h32}-eu1')),
    ('brevo', ('xkeysib-{h64}-{w16}',), ('xkeysib-',)),
    ('resend', ('re_{w8}_{w24}',), ('re_compile', 're_match_group_name')),
)

PAYMENT = (
    ('stripe-live', ('sk_live_{w24}', 'sk_live_51{w97}', 'rk_live_{w24}'),
     ('pk_live_{w24}', 'pk_live_51{w97}', 'cus_{w14}', 'pi_{w24}', 'price_{w24}', 'risk_live_score')),
    ('stripe-test', ('sk_test_{w24}', 'rk_test_{w24}', 'sk_test_51{w97}'), ('pk_test_{w24}', 'task_test_{w24}')),
    ('stripe-webhook', ('whsec_{w32}', 'whsec_{B32}'), ('whsec_', 'we_{w24}')),
    ('square', ('sq0atp-{b22}', 'sq0csp-{b43}', 'EAAA{b60}'), ('sq0idp-{b22}', 'EAAA')),
    ('shopify', ('shpat_{h32}', 'shpca_{h32}', 'shppa_{h32}', 'shpss_{h32}'), ('shpat_', 'shp_file')),
    ('flutterwave', ('FLWSECK_TEST-{h32}-X', 'FLWSECK-{h32}-X'), ('FLWPUBK-{h32}-X', 'FLWSECK')),
    ('twilio-key', ('SK{h32}',), ('AC{h32}', 'SM{h32}', 'SKU-{d8}', 'SK-{d6}')),
)

REGISTRIES = (
    ('npm', ('npm_{w36}',), ('npm_config_registry', 'npm_package_version', 'npm_lifecycle_event')),
    ('pypi', ('pypi-AgEIcHlwaS5vcmc{b70-150}', 'pypi-AgENdGVzdC5weXBpLm9yZw{b70-150}'),
     ('pypi-AgE', 'pypi-server', 'pypi-attestations', 'pypi-publish-workflow-for-releases')),
    ('docker-hub', ('dckr_pat_{b27}', 'dckr_oat_{b32}'), ('dckr_pat', 'dckr_pat_')),
    ('rubygems', ('rubygems_{h48}',), ('rubygems_version', 'rubygems_integration_spec')),
    ('crates-io', ('cio{w32}',), ('ciopfs', 'ciphertext')),
    ('nuget', ('oy2{a43}',), ('oy2',)),
    ('vault', ('hvs.{b90-120}', 'hvb.{b138-200}', 'hvs.{w24}'), ('hvs.', 'hvs.ttl', 'hvb.lease')),
    ('databricks', ('dapi{h32}', 'dapi{h32}-2'), ('dapi', 'dapi_client', 'dapibus')),
    ('digitalocean', ('dop_v1_{h64}', 'doo_v1_{h64}', 'dor_v1_{h64}'), ('dop_v1', 'dop_v1_')),
    ('atlassian', ('ATATT3xFfGF0{b171}={H8}', 'ATCTT3xFfGN0{b171}={H8}'), ('ATATT3', 'ATTACHMENT')),
    ('linear', ('lin_api_{w40}', 'lin_oauth_{h64}'), ('lin_api_version', 'lin_algebra_solver')),
    ('notion', ('secret_{w43}', 'ntn_{d11}{w35}'), ('secret_name', 'secret_manager_client', 'ntn_')),
    ('supabase', ('sbp_{h40}', 'sb_secret_{b22}_{b8}'), ('sb_publishable_{b22}_{b8}', 'sbp_', 'sb_publishable_{b22}_{b8}')),
    ('doppler', ('dp.pt.{w43}', 'dp.st.dev.{w43}', 'dp.st.{w43}', 'dp.ct.{w43}', 'dp.sa.{w43}', 'dp.scim.{w43}', 'dp.audit.{w43}'),
     ('dp.pt.', 'dp.cell_width', 'dp.st.state')),
    ('grafana', ('glc_{B60}', 'glsa_{w32}_{h8}'), ('glsa_', 'glc_')),
    ('new-relic', ('NRAK-{A27}',), ('NRAK-',)),
    ('sentry', ('sntryu_{h64}',), ('sntryu_', 'sntrys_')),
    ('posthog', ('phx_{w43}',), ('phc_{w43}', 'phx_')),
    ('dynatrace', ('dt0c01.{A24}.{A64}',), ('dt0c01',)),
    ('figma', ('figd_{b40}',), ('figd_',)),
    ('airtable', ('pat{w14}.{h64}',), ('patch.{h7}', 'app{w14}')),
    ('hubspot', ('pat-na1-{uuid}', 'pat-eu1-{uuid}'), ('pat-na1', 'compat-na1')),
    ('postman', ('PMAK-{h24}-{h34}',), ('PMAK-',)),
    ('pulumi', ('pul-{h40}',), ('pul-', 'pull-{h40}')),
    ('terraform-cloud', ('{w14}.atlasv1.{b64}',), ('atlasv1', 'x.atlasv1.y')),
    ('fly-io', ('fm2_{B120}', 'FlyV1 fm2_{B120}'), ('FlyV1', 'fm2_')),
    ('heroku', ('HRKU-AA{b58}',), ('HRKU-',)),
    ('netlify', ('nfp_{w36}',), ('nfp_',)),
    ('planetscale', ('pscale_tkn_{b43}', 'pscale_pw_{b43}'), ('pscale_tkn_', 'pscale_org')),
    ('tailscale', ('tskey-auth-{w17}-{w32}', 'tskey-api-{w17}-{w32}'), ('tskey-auth',)),
    ('sourcegraph', ('sgp_{h16}_{h40}',), ('sgp_',)),
    ('contentful', ('CFPAT-{b43}',), ('CFPAT-',)),
    ('prefect', ('pnu_{a36}',), ('pnu_',)),
)

ALL = MODELS + CLOUDS + FORGES + CHAT_AND_MAIL + PAYMENT + REGISTRIES
