/*
 * postgres.h
 *		The little of the server that redact.c uses, on malloc: for the fuzzer.
 */
#ifndef POSTGRES_H
#define POSTGRES_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define lengthof(array) (sizeof(array) / sizeof((array)[0]))
#define unconstify(type, expr) ((type) (expr))
#define ERROR 21
#define errcode(code) 0
#define errmsg(...) 0
#define errdetail(...) 0
#define ereport(level, rest) abort()

#endif /* POSTGRES_H */
