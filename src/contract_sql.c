/*
 * contract_sql.c
 *		validate, check_contract and matches: contracts, for SQL.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/rel.h"

#include "maestro.h"

#include "access.h"
#include "contract.h"
#include "lenient.h"
#include "registry.h"
#include "result_row.h"

/* violations that an error message tells of */
#define TOLD 3

static ContractDirection
direction_arg(const char *name)
{
	int direction = contract_direction_named(name);

	if (direction < 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("direction of a contract must be input, output or handoff")));
	return (ContractDirection) direction;
}

static void
check_target(const ContractKey *key)
{
	if ((key->direction == CONTRACT_HANDOFF) != (key->target_id != 0))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("a handoff contract needs a target, and no other has one")));
}

/* ---- validate ---- */

pg_noreturn static void
refuse_unknown(void)
{
	ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("component is not registered"),
					errhint("Components are named system/component. Who asks must be a member of "
							"the db_role of the component or of its system, or read all systems.")));
}

/* Who may not know of a component is told what he would be told if it were not there. */
static void
check_known(Oid role, int32 component_id)
{
	RegistryComponent component;
	RegistrySystem	  system;

	if (!registry_component(component_id, &component) ||
		!registry_system(component.system_id, &system) ||
		!(access_may_write(role, &component) || access_may_write_system(role, &system) ||
		  access_may_read(role, &system)))
		refuse_unknown();
}

/* Looked at before the contract is, which is good until the next look-up. */
static Jsonb *
payload_arg(FunctionCallInfo fcinfo, bool as_text)
{
	text *given;

	if (!as_text)
		return PG_GETARG_JSONB_P(2);
	given = PG_GETARG_TEXT_PP(2);
	return lenient_parse(VARDATA_ANY(given), VARSIZE_ANY_EXHDR(given));
}

static Datum
validate(FunctionCallInfo fcinfo, bool as_text)
{
	ContractKey key;
	Contract	contract;
	static ResultRow row;
	Datum		values[3] = {0};
	bool		nulls[3] = {true, true, true};
	Jsonb	   *violations = NULL;
	Jsonb	   *payload;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("component and direction must not be null")));
	memset(&key, 0, sizeof(key));
	key.component_id = PG_GETARG_INT32(0);
	key.direction = direction_arg(text_to_cstring(PG_GETARG_TEXT_PP(1)));
	key.target_id = PG_ARGISNULL(3) ? 0 : PG_GETARG_INT32(3);
	check_target(&key);
	check_known(GetUserId(), key.component_id);
	payload = PG_ARGISNULL(2) ? NULL : payload_arg(fcinfo, as_text);
	if (payload != NULL && contract_find(&key, &contract))
	{
		values[0] = BoolGetDatum(contract_holds(&contract, payload, &violations));
		values[1] = JsonbPGetDatum(violations);
		values[2] = Int32GetDatum(contract.version);
		nulls[0] = nulls[2] = false;
		nulls[1] = violations == NULL;
	}
	return HeapTupleGetDatum(heap_form_tuple(result_row(fcinfo, &row), values, nulls));
}

/* validate(component, direction, payload, target) -> (valid, errors, contract_version) */
MAESTRO_FUNCTION(validate)
{
	return validate(fcinfo, false);
}

/* the same, payload as json or text */
MAESTRO_FUNCTION(validate_text)
{
	return validate(fcinfo, true);
}

/* ---- matches ---- */

/* matches(uri, instance) -> boolean, by a registered schema */
MAESTRO_FUNCTION(matches)
{
	char			 *uri = text_to_cstring(PG_GETARG_TEXT_PP(0));
	Jsonb			 *instance = PG_GETARG_JSONB_P(1);
	const SchemaNode *schema = contract_schema(uri);

	if (schema == NULL)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						errmsg("no JSON Schema is registered under this URI"),
						errhint("Register it with maestro.register_schema; nothing is fetched.")));
	PG_RETURN_BOOL(schema_check(schema, instance, NULL, NULL));
}

/* ---- check_contract ---- */

pg_noreturn static void
refuse_arguments(const char *detail)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("arguments of trigger function check_contract are not acceptable"),
					errdetail("%s", detail),
					errhint("For example: CREATE TRIGGER checked BEFORE INSERT OR UPDATE ON plans FOR "
							"EACH ROW EXECUTE FUNCTION maestro.check_contract('crew/planner', "
							"'output', 'plan').")));
}

/* The column that is named, or the only one of type jsonb. */
static int
checked_column(const Trigger *trigger, TupleDesc desc)
{
	int found = 0;

	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute column = TupleDescAttr(desc, i);

		/* what is generated is made after the triggers */
		if (column->attisdropped || column->attgenerated != '\0' || column->atttypid != JSONBOID)
			continue;
		if (trigger->tgnargs >= 3 && trigger->tgargs[2][0] != '\0')
		{
			if (strcmp(NameStr(column->attname), trigger->tgargs[2]) == 0)
				return i + 1;
		}
		else if (found != 0)
			refuse_arguments("The table has several columns of type jsonb; the third argument says which one.");
		else
			found = i + 1;
	}
	if (found == 0)
		refuse_arguments("The table has no such column of type jsonb.");
	return found;
}

static ContractKey
trigger_key(const Trigger *trigger)
{
	RegistryComponent component;
	ContractKey		  key;

	if (trigger->tgnargs < 2 || trigger->tgnargs > 4)
		refuse_arguments("They are a component, a direction, and where needed a column and the target of a handoff.");
	memset(&key, 0, sizeof(key));
	if (!registry_component_named(trigger->tgargs[0], strlen(trigger->tgargs[0]), &component))
		refuse_unknown();
	key.component_id = component.component_id;
	key.direction = direction_arg(trigger->tgargs[1]);
	if (trigger->tgnargs == 4)
	{
		if (!registry_component_named(trigger->tgargs[3], strlen(trigger->tgargs[3]), &component))
			refuse_unknown();
		key.target_id = component.component_id;
	}
	check_target(&key);
	return key;
}

/* "/items/3/name by /properties/...: is too long", the first ones. */
static char *
describe(Jsonb *violations)
{
	StringInfoData out;
	int			   n = Min((int) JB_ROOT_COUNT(violations), TOLD);

	initStringInfo(&out);
	for (int i = 0; i < n; i++)
	{
		JsonbValue *row = getIthJsonbValueFromContainer(&violations->root, i);
		const char *const keys[] = {"path", "keyword", "message"};
		const char *const forms[] = {"\"%.*s\"", " (%.*s)", " %.*s"};

		appendStringInfoString(&out, i > 0 ? "; " : "");
		for (int k = 0; k < 3; k++)
		{
			JsonbValue	value;
			JsonbValue *found =
				getKeyJsonValueFromContainer(row->val.binary.data, keys[k], (int) strlen(keys[k]), &value);

			if (found != NULL)
				appendStringInfo(&out, forms[k], found->val.string.len, found->val.string.val);
		}
	}
	appendStringInfoChar(&out, '.');
	return out.data;
}

/* check_contract(component, direction [, column [, target]]): for BEFORE INSERT OR UPDATE */
MAESTRO_FUNCTION(check_contract)
{
	TriggerData *data = (TriggerData *) fcinfo->context;
	Trigger		*trigger;
	HeapTuple	 row;
	ContractKey	 key;
	Contract	 contract;
	Jsonb		*violations;
	Jsonb		*document;
	Datum		 value;
	bool		 isnull;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_FOR_ROW(data->tg_event) ||
		TRIGGER_FIRED_BY_DELETE(data->tg_event))
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("check_contract is a trigger function for INSERT and UPDATE, FOR EACH ROW")));
	trigger = data->tg_trigger;
	row = TRIGGER_FIRED_BY_UPDATE(data->tg_event) ? data->tg_newtuple : data->tg_trigtuple;
	key = trigger_key(trigger);
	/* his rows they are, and who may make a table may not ask about all components by it */
	check_known(data->tg_relation->rd_rel->relowner, key.component_id);
	value = SPI_getbinval(row, RelationGetDescr(data->tg_relation),
						  checked_column(trigger, RelationGetDescr(data->tg_relation)), &isnull);
	if (isnull)
		return PointerGetDatum(row);
	document = DatumGetJsonbP(value);
	if (!contract_find(&key, &contract))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						errmsg("component \"%s\" has no %s contract", trigger->tgargs[0], trigger->tgargs[1]),
						errhint("Declare it: maestro.set_contract.")));
	if (!contract_holds(&contract, document, &violations))
		ereport(ERROR, (errcode(ERRCODE_MAESTRO_CONTRACT),
						errmsg("new row for relation \"%s\" breaks the %s contract of \"%s\", version %d",
							   RelationGetRelationName(data->tg_relation), trigger->tgargs[1],
							   trigger->tgargs[0], contract.version),
						errdetail("%s", describe(violations)), errtable(data->tg_relation)));
	return PointerGetDatum(row);
}
