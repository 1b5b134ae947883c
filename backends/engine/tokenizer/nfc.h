/* nfc: composes text as Unicode's normalization form C does (UAX #15).
 *
 * Some published tokenizers do this first.  Without it an "é" that is written
 * as e and a combining accent would become other tokens than in training.
 * Pure; any thread. */
#ifndef BACKENDS_ENGINE_TOKENIZER_NFC_H
#define BACKENDS_ENGINE_TOKENIZER_NFC_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

/* A text of n bytes becomes at most NFC_MAX_GROWTH * n (UAX #15, section 9). */
#define NFC_MAX_GROWTH 3

/* Appends text[0..n) in form C to *out; bytes that are no UTF-8 stay.  A run of
 * more than 4096 bytes without a character that begins anew (no language writes
 * one) is composed piece by piece, since ordering its marks takes the square of
 * its length.  0, or -1 with ERR_BACKEND: no memory. */
int nfc_compose(const char *text, size_t n, struct buf *out, struct err *e);

#endif
