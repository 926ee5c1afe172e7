/*
 * jcs.h
 *		JSON Canonicalization Scheme, RFC 8785: one text for all that say the same.
 *		Builds without a server.
 */
#ifndef MAESTRO_JCS_H
#define MAESTRO_JCS_H

#include "port.h"

#include "canon.h"

/* A document's bytes, and how deep objects and arrays may be in each other. */
#define JCS_INPUT_MAX (4 * 1024 * 1024)
#define JCS_DEPTH_MAX 100

/* Why a document has no canonical form. */
typedef enum JcsFault
{
	JCS_OK,
	JCS_SYNTAX,		/* no JSON */
	JCS_LARGE,		/* more than JCS_INPUT_MAX */
	JCS_DEEP,		/* more than JCS_DEPTH_MAX */
	JCS_DUPLICATE,	/* a key that one object has twice */
	JCS_SURROGATE,	/* half a pair of UTF-16 */
	JCS_RANGE,		/* a number beyond what a double holds */
	JCS_PRECISION	/* an integer that no double holds, or over 17 digits */
} JcsFault;

/* Room for a number of ECMAScript: "-0.0000012345678901234567" is the longest kind. */
#define JCS_NUMBER_MAX 32

/*
 * A finite double as ECMAScript's Number::toString writes it.  Returns its length;
 * the text is terminated.
 */
extern size_t jcs_print_double(double value, char text[JCS_NUMBER_MAX]);

/*
 * Does a number's text say more than its double?  An integer does unless the double
 * is just that, or is printed so; others do with more than 17 digits.
 */
extern bool jcs_loses_precision(const char *text, size_t len, double value);

/* The buffers that a document is written with, all with their grow set, and empty. */
typedef struct JcsWork
{
	CanonBuffer out;	 /* the result */
	CanonBuffer keys;	 /* keys of the objects that are open, unescaped */
	CanonBuffer members; /* of them, where each key and member lies */
} JcsWork;

/* Writes a document of UTF-8 to work->out. */
extern JcsFault jcs_write(JcsWork *work, const char *text, size_t len);

#endif /* MAESTRO_JCS_H */
