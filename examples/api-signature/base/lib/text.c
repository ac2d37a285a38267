// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Text in pools.
 */
#include <string.h>

#include <text.h>

char *text_copy(struct pool *pool, const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = pool_alloc(pool, size);

	if (!copy)
		return NULL;
	return memcpy(copy, text, size);
}

char *text_join(struct pool *pool, const char *left, const char *right)
{
	size_t len = strlen(left);
	char *both = pool_alloc(pool, len + strlen(right) + 1);

	if (!both)
		return NULL;
	memcpy(both, left, len);
	strcpy(both + len, right);
	return both;
}

/* Good enough for tables of some dozen of places. */
unsigned int text_hash(const char *text)
{
    unsigned int hash = 17;

    while (*text)
        hash = hash * 31 + (unsigned char)*text++;
    return hash;
}
