/*
 * entry.c
 *		Where libFuzzer comes in: one program for each value of FUZZ_TARGET.
 */
#include "harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	FUZZ_TARGET((const char *) data, len);
	return 0;
}
