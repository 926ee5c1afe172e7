/*
 * scan_check.h
 *		Validators: does what has the right shape also have the right content?
 *
 * Each looks at a bounded number of bytes, whatever the length of the value.
 */
#ifndef MAESTRO_SCAN_CHECK_H
#define MAESTRO_SCAN_CHECK_H

#include "port.h"

/* Entropy of the first 40 bytes, at least that many tenths of a bit a byte? */
extern bool check_entropy(const char *value, size_t len, unsigned tenths);

/* Words that say how things are (missing, denied, none): never a secret. */
extern bool check_is_diagnosis(const char *value, size_t len);

/* Stands for a value that comes later: ${VAR}, {{name}}, <token>, ****, %(x)s. */
extern bool check_is_template(const char *value, size_t len);

/* 7 to 15 digits, grouped in some way? */
extern bool check_is_number(const char *value, size_t len);

/* Does it end in one character over and over, as examples do? */
extern bool check_is_filler(const char *value, size_t len);

/*
 * Is it a name by which a program reaches a secret: password,
 * config.api_key, request.form, SecretString?  With digits in it only a path from
 * something known.  In scan_key.c.
 */
extern bool check_is_name(const char *value, size_t len, bool digits);

/* An absolute path; a URL without a password or a time; words and numbers with dashes. */
extern bool check_is_path(const char *value, size_t len);
extern bool check_is_place(const char *value, size_t len);
extern bool check_is_words(const char *value, size_t len);

/* Validators as a rule's check takes them. */
extern bool check_random(const char *value, size_t len);
extern bool check_sk(const char *value, size_t len);
extern bool check_secret(const char *value, size_t len);
extern bool check_strong_password(const char *value, size_t len);
extern bool check_password(const char *value, size_t len);
extern bool check_tokenish(const char *value, size_t len);
extern bool check_bearer(const char *value, size_t len);
extern bool check_mixed(const char *value, size_t len);
extern bool check_hex(const char *value, size_t len);
extern bool check_digits(const char *value, size_t len);
extern bool check_databricks(const char *value, size_t len);
extern bool check_resend(const char *value, size_t len);
extern bool check_airtable(const char *value, size_t len);
extern bool check_base64_key(const char *value, size_t len);
extern bool check_base32(const char *value, size_t len);
extern bool check_aws_secret(const char *value, size_t len);
extern bool check_auth(const char *value, size_t len);
extern bool check_basic(const char *value, size_t len);
extern bool check_jwt_header(const char *value, size_t len);
extern bool check_url_password(const char *value, size_t len);

/* 13 to 19 digits that end in Luhn's check digit, of a range cards use? */
extern bool check_card(const char *digits, size_t len);

/* Numbers that may hold spaces, dots and dashes: 2 to 32 digits and a check digit. */
extern bool check_luhn(const char *value, size_t len);
extern bool check_verhoeff(const char *value, size_t len);
/* Weights 1, 2, 3 … from the right; the last digit may be X for 10. */
extern bool check_mod11(const char *value, size_t len);
/* Letters count as 10 to 35; the whole is 1 modulo 97 (ISO 7064, MOD 97-10). */
extern bool check_mod97(const char *value, size_t len);
/* A card's number, separators left out. */
extern bool check_card_text(const char *value, size_t len);

/* How long the IBANs of a country (two capitals) are, 0 if it has none. */
extern size_t iban_length(const char *country);

/* An IBAN without spaces: its country's length, its check digits? */
extern bool check_iban(const char *value, size_t len);

/* A Bitcoin address or private key: base58, with its check sum. */
extern bool check_base58(const char *value, size_t len);
/* Likewise in bech32 or bech32m, the prefix included. */
extern bool check_bech32(const char *value, size_t len);
/* 40 hexadecimal digits of an Ethereum address, their capitals being a check sum. */
extern bool check_eip55(const char *value, size_t len);

/* Addresses but those of this machine. */
extern bool check_ipv4(const char *value, size_t len);
extern bool check_ipv6(const char *value, size_t len);

/* Values of the headers Authorization, Cookie and Set-Cookie: is a secret in them? */
extern bool check_authorization(const char *value, size_t len);
extern bool check_cookie(const char *value, size_t len);
extern bool check_set_cookie(const char *value, size_t len);

/* 9 digits: can they be a US social security number? */
extern bool check_ssn(const char *digits, size_t len);

/* 10 digits: can they be a North American telephone number? */
extern bool check_nanp(const char *digits, size_t len);

/* 8 to 15 digits: can they be a telephone number behind a plus? */
extern bool check_e164(const char *digits, size_t len);

#endif /* MAESTRO_SCAN_CHECK_H */
