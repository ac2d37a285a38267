// SPDX-License-Identifier: MIT OR Apache-2.0
#include <stdio.h>
#include <string.h>

#include <cache.h>
#include <packet.h>
#include <report.h>
#include <text.h>

#define CHECK(what) \
	do { \
		if (!(what)) { \
			fprintf(stderr, "line %d: %s\n", __LINE__, #what); \
			return 1; \
		} \
	} while (0)

static struct pool pool;

int main(void)
{
	struct table *table;
	struct cache *cache;
	struct packet *question, *answer;

	pool_init(&pool);
	memset(pool.bytes, 0xee, sizeof(pool.bytes));
	CHECK(!strcmp(text_join(&pool, "half", "time"), "halftime"));
	table = table_new(&pool);
	CHECK(table && !table_set(table, "sky", "grey"));
	CHECK(!table_set(table, "sea", "green") && !table_set(table, "sky", "blue"));
	CHECK(!strcmp(table_find(table, "sky"), "blue") && !table_find(table, "s"));
	cache = cache_new(&pool, table);
	CHECK(cache && cache_find(cache, "sea") == cache_find(cache, "sea"));
	CHECK(cache->missed == 1);
	CHECK(!strcmp(report_keys(&pool, table), "sea\nsky\n"));
	question = packet_new(&pool, "\1\2\3\4sky", 7);
	answer = packet_reply(&pool, question, 60);
	CHECK(answer && answer->len == 64);
	CHECK(answer->bytes[3] == 4 && answer->bytes[63] == 0);
	CHECK(!pool_alloc(&pool, POOL_BYTES, 0));
	CHECK(!packet_new(&pool, pool.bytes, POOL_BYTES));
	return 0;
}
