/* Nothing interrupts the fuzzer. */
#define CHECK_FOR_INTERRUPTS() ((void) 0)
