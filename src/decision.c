/*
 * decision.c
 *		Who is behind a session.
 *
 * A decision about a risk needs two people.  What tells people apart is the
 * role that they authenticated as: SET ROLE changes the effective role, and SET
 * SESSION AUTHORIZATION, for a superuser, session_user as well, but neither
 * makes a second person.  GetAuthenticatedUserId() is what no SQL statement
 * changes before the connection ends.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "maestro.h"

#include "access.h"

MAESTRO_FUNCTION(login_role)
{
	PG_RETURN_DATUM(access_role_name(GetAuthenticatedUserId()));
}
