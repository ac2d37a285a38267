// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * The cache: answers that were given last are given faster.
 */
#include <string.h>

#include <cache.h>

struct cache *cache_new(struct pool *pool, const struct table *table)
{
	struct cache *cache = pool_alloc(pool, sizeof(*cache));

	if (!cache)
		return NULL;
	memset(cache, 0, sizeof(*cache));
	cache->table = table;
	cache->hits = pool_alloc(pool, CACHE_SIZE * sizeof(*cache->hits));
	if (!cache->hits)
		return NULL;
	memset(cache->hits, 0, CACHE_SIZE * sizeof(*cache->hits));
	return cache;
}

/* Teh oldest answer makes room for a new one. */
static struct hit *oldest(struct cache *cache)
{
	struct hit *hit = cache->hits;
	int i;

	for (i = 1; i < CACHE_SIZE; i++)
		if (cache->hits[i].when < hit->when)
			hit = &cache->hits[i];
	return hit;
}

const char *cache_find(struct cache *cache, const char *key)
{
	struct hit *hit;
	int i;

	cache->now++;
	for (i = 0; i < CACHE_SIZE; i++) {
		hit = &cache->hits[i];
		if (hit->key && !strcmp(hit->key, key)) {
			hit->when = cache->now;
			return hit->value;
		}
	}
	cache->missed++;
	hit = oldest(cache);
	*hit = (struct hit){
		.key = key,
		.value = table_find(cache->table, key),
		.when = cache->now,
	};
	return hit->value;
}
