// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * What a table holds, for people.
 */
#include <stdlib.h>
#include <string.h>

#include <report.h>

#define LINE_BYTES	64

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* One key a line, in alphabetical order; NULL when memory is used up. */
char *report_keys(struct pool *pool, const struct table *table)
{
	const char **keys = table_keys(table);
	char *text = pool_alloc(pool, table->count * LINE_BYTES + 1);
	unsigned int i;

	if (!text)
		return NULL;
	text[0] = 0;
	qsort(keys, table->count, sizeof(*keys), by_name);
	for (i = 0; i < table->count; i++) {
		strncat(text, keys[i], LINE_BYTES - 1);
		strcat(text, "\n");
	}
	return text;
}
