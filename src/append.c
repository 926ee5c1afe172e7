/*
 * append.c
 *		From what a caller says happened to a row of the trace.
 *
 * The order is fixed: who may write, then the contract, which is about what was sent
 * and not what sanitizing left of it, then sanitize, then cut to size, then store.  A
 * cut before sanitizing could leave half a secret that no rule knows.
 *
 * A refusal that is evidence is a row: a writer whom nobody registered, or who
 * is suspended, or what breaks a contract, gets decision "deny" and the refusal stays,
 * where an error would roll it back.  Only who may not write as the component at all gets an
 * error, and nothing is stored in its name.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "errcodes.h"

#include "access.h"
#include "append_draft.h"
#include "contract.h"
#include "guc.h"
#include "sanitize_rule.h"
#include "session_fact.h"

/* ---- who ---- */

pg_noreturn static void
refuse_writer(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_MAESTRO_NOT_AUTHORISED),
			 errmsg("role \"%s\" may not write as this component",
					GetUserNameFromId(GetUserId(), false)),
			 errhint("Membership in the db_role of the component or of its system is "
					 "needed; see maestro.register_component.")));
}

/*
 * The component is not registered: what becomes of its event is the system's
 * choice, if there is such a system.
 */
static void
resolve_unregistered(Draft *draft, Slice name, const char *slash)
{
	RegistrySystem system;
	char		  *clean;
	size_t		   clean_len;

	draft->refusal = "unregistered_system";
	draft->keeps_content = true;
	if (registry_system_named(name.data, slash - name.data, &system))
	{
		if (!access_may_write_system(GetUserId(), &system))
			refuse_writer();
		draft_set(draft, EVENT_SYSTEM_ID, Int32GetDatum(system.system_id));
		draft->refusal = "unregistered_component";
		draft->keeps_content = !system.refuses_unregistered;
	}
	(void) redact_text(name.data, name.len, REDACT_LINE, sanitize_log_setup(),
					   &draft->findings, &clean, &clean_len);
	clean_len = pg_mbcliplen(clean, clean_len, 2 * REGISTRY_NAME_MAX + 1);
	draft_set_text(draft, EVENT_CLAIMED_COMPONENT, clean, clean_len);
}

/*
 * Nobody writes in the name of the log itself.
 */
static bool
is_the_log(const char *name, const char *end)
{
	return (size_t) (end - name) == strlen("maestro-log") &&
		   memcmp(name, "maestro-log", end - name) == 0;
}

/*
 * Who acts, and may the caller write in that name?
 */
static void
resolve_writer(Draft *draft)
{
	Slice		name = draft->request->component;
	const char *slash = name.data == NULL ? NULL : memchr(name.data, '/', name.len);

	draft_check_size(name.len, "component");
	if (slash == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("component must be given as system/component"),
				 errhint("For example: maestro.log_event('crew/planner', 'output', ...).")));
	draft->registered = registry_component_named(name.data, name.len, &draft->component);
	if (!draft->registered)
	{
		resolve_unregistered(draft, name, slash);
		return;
	}
	if (!access_may_write(GetUserId(), &draft->component) ||
		is_the_log(slash + 1, name.data + name.len))
		refuse_writer();
	draft_set(draft, EVENT_SYSTEM_ID, Int32GetDatum(draft->component.system_id));
	draft_set(draft, EVENT_COMPONENT_ID, Int32GetDatum(draft->component.component_id));
	draft_set_text(draft, EVENT_COMPONENT_VERSION, draft->component.version,
			 strlen(draft->component.version));
	if (!draft->component.active)
		draft->refusal = "component_not_active";
}

/* ---- the contract ---- */

/* Whose contract binds the event: a tool's input is what its callers send. */
static bool
binding_contract(const Draft *draft, ContractKey *key)
{
	const EventLabels *labels = event_labels();
	Oid				   kind = draft->request->kind;
	int32			   own = draft->component.component_id;
	int32			   target = draft->event.nulls[EVENT_TARGET_ID]
									? 0
									: DatumGetInt32(draft->event.values[EVENT_TARGET_ID]);

	memset(key, 0, sizeof(*key));
	key->component_id = own;
	if (kind == labels->kind_input)
		key->direction = CONTRACT_INPUT;
	else if (kind == labels->kind_output)
		key->direction = CONTRACT_OUTPUT;
	else if (kind == labels->kind_handoff)
	{
		key->direction = CONTRACT_HANDOFF;
		key->target_id = target;
		return target != 0;
	}
	else if (kind == labels->kind_tool_call)
	{
		key->direction = CONTRACT_INPUT;
		key->component_id = target;
		return target != 0 && target != own;
	}
	else
		return false;
	return true;
}

/*
 * Checked as received.  Without a body there is nothing to check, and that stays
 * visible: the event counts as one that was not checked.
 */
static void
set_verdict(Draft *draft)
{
	Jsonb	   *body = draft->request->body;
	Jsonb	   *violations;
	ContractKey key;
	Contract	contract;
	bool		valid;

	if (!draft->registered || body == NULL || draft->component.contracts == CONTRACTS_OFF)
		return;
	draft_check_size(VARSIZE(body), "body");
	if (!binding_contract(draft, &key) || !contract_find(&key, &contract))
		return;
	valid = contract_holds(&contract, body, &violations);
	draft_set(draft, EVENT_VALID, BoolGetDatum(valid));
	draft_set(draft, EVENT_CONTRACT_VERSION, Int32GetDatum(contract.version));
	if (valid)
		return;
	draft_set(draft, EVENT_VIOLATIONS, JsonbPGetDatum(violations));
	if (draft->component.contracts != CONTRACTS_REFUSE)
		return;
	draft->refusal = "contract_violated";
	draft->keeps_content = true;
}

/* ---- sanitizing and cutting ---- */

/* The setting, or less where the request says so. */
static int
limit_of(int setting, int asked)
{
	return asked > 0 ? Min(setting, asked) : setting;
}

static void
set_message(Draft *draft)
{
	Slice  message = draft->request->message;
	char  *clean;
	size_t len;
	int	   limit;

	if (message.data == NULL)
		return;
	draft_check_size(message.len, "message");
	(void) redact_text(message.data, message.len, REDACT_LINE, sanitize_log_setup(),
					   &draft->findings, &clean, &len);
	limit = limit_of(guc_trace_message_limit, draft->request->message_limit);
	if (len > (size_t) limit)
	{
		draft->cut_from += message.len;
		len = pg_mbcliplen(clean, len, limit);
	}
	draft_set_text(draft, EVENT_MESSAGE, clean, len);
}

static Jsonb *
clean_jsonb(Draft *draft, Jsonb *value, int limit, const char *what)
{
	Jsonb *clean;

	draft_check_size(VARSIZE(value), what);
	clean = redact_jsonb(value, sanitize_log_setup(), &draft->findings);
	if (VARSIZE(clean) <= (size_t) limit)
		return clean;
	draft->cut_from += VARSIZE(value);
	return extras_shrink(clean, limit);
}

/*
 * Body, attributes with what maestro adds, and findings of all of it.
 */
static void
set_documents(Draft *draft)
{
	Jsonb *body = draft->request->body;
	Jsonb *attributes = draft->request->attributes;
	Jsonb *findings;

	if (body != NULL)
		draft_set(draft, EVENT_BODY,
			JsonbPGetDatum(clean_jsonb(draft, body, guc_trace_body_limit, "body")));
	if (attributes != NULL)
		attributes =
			clean_jsonb(draft, attributes,
						limit_of(guc_trace_attributes_limit, draft->request->attributes_limit),
						"attributes");
	if (attributes != NULL && draft->request->attributes_under != NULL)
		attributes = extras_wrap(draft->request->attributes_under, attributes);
	if (draft->cut_from > 0)
		extras_add_number(&draft->extras, "maestro.truncated_bytes", draft->cut_from);
	attributes = extras_merge(attributes, &draft->extras);
	if (attributes != NULL)
		draft_set(draft, EVENT_ATTRIBUTES, JsonbPGetDatum(attributes));
	findings = findings_jsonb(&draft->findings);
	if (findings != NULL)
		draft_set(draft, EVENT_FINDINGS, JsonbPGetDatum(findings));
}

/*
 * A refusal without content: what kind of event it was is all that is kept.
 */
static void
set_refusal(Draft *draft)
{
	char	 *kind = DatumGetCString(
		DirectFunctionCall1(enum_out, ObjectIdGetDatum(draft->request->kind)));

	draft_set(draft, EVENT_KIND, ObjectIdGetDatum(event_labels()->kind_rejected));
	extras_add_text(&draft->extras, "maestro.kind", kind, strlen(kind));
	draft_set(draft, EVENT_ATTRIBUTES, JsonbPGetDatum(extras_merge(NULL, &draft->extras)));
}

static void
draft_init(Draft *draft, const AppendRequest *request)
{
	memset(draft, 0, sizeof(*draft));
	memset(draft->event.nulls, true, sizeof(draft->event.nulls));
	draft->request = request;
	draft->now = GetCurrentTimestamp();
	if (request->extras != NULL)
		draft->extras = *request->extras;
}

/* All of an event but storing it. */
static void
make_draft(Draft *draft, const AppendRequest *request)
{
	draft_init(draft, request);
	resolve_writer(draft);
	draft_set_vocabulary(draft);
	draft_set_times(draft);
	draft_set_ids(draft);
	draft_check_size(request->target.len, "target");
	draft_check_size(request->dependency.len, "dependency");
	if (draft->refusal == NULL || draft->keeps_content)
		draft_set_counterparts(draft);
	if (draft->refusal == NULL)
		set_verdict(draft);
	if (draft->refusal != NULL)
	{
		draft_set(draft, EVENT_DECISION, ObjectIdGetDatum(event_labels()->decision_deny));
		draft_set_text(draft, EVENT_REASON, draft->refusal, strlen(draft->refusal));
	}
	if (draft->refusal != NULL && !draft->keeps_content)
		set_refusal(draft);
	else
	{
		set_message(draft);
		set_documents(draft);
	}
	draft_set(draft, EVENT_CALLER, access_role_name(GetUserId()));
	draft_set(draft, EVENT_SESSION_ROLE, access_role_name(GetSessionUserId()));
}

const char *
append_prepare(const AppendRequest *request, Event *event)
{
	Draft draft;

	make_draft(&draft, request);
	*event = draft.event;
	return draft.refusal;
}

void
append_event(EventWriter *writer, const AppendRequest *request, AppendResult *result)
{
	const EventLabels *labels = event_labels();
	Draft			   draft;

	make_draft(&draft, request);
	result->decision = draft.refusal != NULL ? labels->decision_deny : labels->decision_allow;
	result->event_id = event_write(writer, &draft.event);
	memcpy(result->leaf, DatumGetPointer(draft.event.values[EVENT_LEAF]), SHA256_LEN);
	result->is_checked = !draft.event.nulls[EVENT_VALID];
	result->is_valid = result->is_checked && DatumGetBool(draft.event.values[EVENT_VALID]);
	result->violations = draft.event.nulls[EVENT_VIOLATIONS] ? NULL : DatumGetJsonbP(draft.event.values[EVENT_VIOLATIONS]);
	if (draft.registered && draft.refusal == NULL)
		session_fact_note(&draft.component, draft.event.values[EVENT_CALLER],
						  draft.event.values[EVENT_SESSION_ROLE], draft.now);
}

/*
 * maestro's own record: no component acts, the one that was changed is the target.
 */
int64
append_registry(EventWriter *writer, Oid caller, int32 system_id, int32 component_id,
				const char *refusal, const char *action, Jsonb *details, Jsonb *body)
{
	AppendRequest	   request = {0};
	const EventLabels *labels = event_labels();
	Draft			   draft;

	request.message.data = action;
	request.message.len = strlen(action);
	request.attributes = details;
	request.body = body;
	draft_init(&draft, &request);
	if (system_id != 0)
		draft_set(&draft, EVENT_SYSTEM_ID, Int32GetDatum(system_id));
	if (component_id != 0)
		draft_set(&draft, EVENT_TARGET_ID, Int32GetDatum(component_id));
	draft_set(&draft, EVENT_KIND, refusal ? labels->kind_rejected : labels->kind_registry);
	draft_set(&draft, EVENT_LEVEL, refusal ? labels->level_warn : labels->level_info);
	if (refusal != NULL)
	{
		draft_set(&draft, EVENT_DECISION, ObjectIdGetDatum(labels->decision_deny));
		draft_set_text(&draft, EVENT_REASON, refusal, strlen(refusal));
	}
	draft_set_times(&draft);
	set_message(&draft);
	set_documents(&draft);
	draft_set(&draft, EVENT_CALLER, access_role_name(caller));
	draft_set(&draft, EVENT_SESSION_ROLE, access_role_name(GetSessionUserId()));
	return event_write(writer, &draft.event);
}
