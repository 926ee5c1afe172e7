/*
 * neutralize.h
 *		Make characters visible that forge log lines, drive terminals, reverse the
 *		reading order or hide text.
 *
 * A core without a server.
 */
#ifndef MAESTRO_NEUTRALIZE_H
#define MAESTRO_NEUTRALIZE_H

#include "port.h"

/* One byte of input becomes at most that many of output. */
#define NEUTRALIZE_GROWTH 4

/*
 * Number of bytes from the beginning that neither need a change nor look
 * different to the scanner; len for an ordinary text.  keep_newline leaves LF.
 */
extern size_t neutralize_clean(const char *in, size_t len, bool keep_newline);

/*
 * Writes the text with everything visible to out and returns its length, which
 * is NEUTRALIZE_GROWTH times len at most; out may be NULL.
 */
extern size_t neutralize_text(const char *in, size_t len, bool keep_newline, char *out);

/*
 * What the scanner is to see: no invisible characters and terminal sequences,
 * fullwidth forms as ASCII.  view and origin have room for len (origin for
 * one more): origin[i] is where view[i] comes from, origin[length] = len.
 * *shown is what neutralize_text returns: len if it changes nothing, and
 * never less.
 */
extern size_t neutralize_view(const char *in, size_t len, bool keep_newline, char *view,
							  uint32_t *origin, size_t *shown);

/* Length of the character at "in", 1 for a byte that is not valid UTF-8. */
extern size_t neutralize_char(const char *in, size_t len);

#endif /* MAESTRO_NEUTRALIZE_H */
