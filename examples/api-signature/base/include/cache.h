/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef _CACHE_H
#define _CACHE_H

#include <store.h>

#define CACHE_SIZE	4

struct hit {
	const char *key;
	const char *value;
	unsigned long when;
};

/**
 * struct cache - the keys that were asked for last
 * @table: where the answers come from
 * @hits: the answers
 * @now: counts questions
 * @missed: questions that went to the table
 */
struct cache {
	const struct table *table;
	struct hit *hits;
	unsigned long now;
	unsigned long missed;
};

struct cache *cache_new(struct pool *pool, const struct table *table);
const char *cache_find(struct cache *cache, const char *key);

#endif /* _CACHE_H */
