/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef _STORE_H
#define _STORE_H

#include <pool.h>

#define TABLE_PLACES	16

struct record {
	struct record *next;
	const char *key;
	const char *value;
};

struct table {
	struct pool *pool;
	struct record *place[TABLE_PLACES];
	unsigned int count;
};

struct table *table_new(struct pool *pool);
int table_set(struct table *table, const char *key, const char *value);
const char *table_find(const struct table *table, const char *key);
const char **table_keys(const struct table *table);

#endif /* _STORE_H */
