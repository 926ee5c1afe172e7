/*
 * sha256.c
 *		SHA-256 by the CPU's instructions (sha256_ni.c), or through OpenSSL.
 *
 * The algorithm is looked up and its context allocated once per process: with
 * OpenSSL 3 both cost several times what hashing one tree node does.  A backend
 * forked from a preloading server inherits them, which is safe because every
 * call starts the context anew.
 *
 * Defining MAESTRO_STANDALONE builds this file without a server.
 */
#ifdef MAESTRO_STANDALONE
#include <stdio.h>
#include <stdlib.h>
#else
#include "postgres.h"
#endif

#include <openssl/evp.h>

#include "sha256.h"

/* the algorithm; never freed */
static const EVP_MD *sha256_md = NULL;

/* scratch of the call under way; never freed */
static EVP_MD_CTX *sha256_ctx = NULL;

/* Give up: libcrypto lacks SHA-256 (a broken provider set-up) or memory. */
static void
sha256_fail(void)
{
#ifdef MAESTRO_STANDALONE
	fputs("SHA-256 is not available from OpenSSL\n", stderr);
	abort();
#else
	ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR),
	                errmsg("SHA-256 is not available from OpenSSL")));
#endif
}

/* Look up the algorithm and allocate the context, once per process. */
static void
sha256_setup(void)
{
	if (sha256_md == NULL)
#if OPENSSL_VERSION_NUMBER >= 0x30000000L
		sha256_md = EVP_MD_fetch(NULL, "SHA256", NULL);
#else
		sha256_md = EVP_sha256();
#endif
	if (sha256_md != NULL && sha256_ctx == NULL)
		sha256_ctx = EVP_MD_CTX_new();
	if (sha256_ctx == NULL || !EVP_DigestInit_ex(sha256_ctx, sha256_md, NULL))
		sha256_fail();
}

void
sha256_by_openssl(const void *data, size_t len, uint8_t out[SHA256_LEN])
{
	if (sha256_ctx == NULL)
		sha256_setup();
	/* anew with the algorithm that it has: naming it costs some ns */
	if (!EVP_DigestInit_ex(sha256_ctx, NULL, NULL) ||
	    !EVP_DigestUpdate(sha256_ctx, data, len) ||
	    !EVP_DigestFinal_ex(sha256_ctx, out, NULL))
		sha256_fail();
}

void
sha256(const void *data, size_t len, uint8_t out[SHA256_LEN])
{
	if (!sha256_by_cpu(data, len, out))
		sha256_by_openssl(data, len, out);
}

void
sha256_pair(const void *const data[2], const size_t len[2], uint8_t *const out[2])
{
	if (sha256_pair_by_cpu(data, len, out))
		return;
	sha256_by_openssl(data[0], len[0], out[0]);
	sha256_by_openssl(data[1], len[1], out[1]);
}
