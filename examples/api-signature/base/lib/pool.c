// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Pools: memory that is given back all at once.
 */
#include <stdio.h>
#include <stdlib.h>

#include <pool.h>

void pool_init(struct pool *pool)
{
	pool->used = 0;
}

/**
 * pool_alloc - get memory
 * @pool: where from
 * @size: how much
 *
 * Return: memory for sixteen-byte things, with whatever is in it, or NULL.
 */
void *pool_alloc(struct pool *pool, size_t size)
{
	size_t begin = (pool->used + 15) & ~(size_t)15;

	if (size > POOL_BYTES || begin > POOL_BYTES - size)
		return NULL;
	pool->used = begin + size;
	return pool->bytes + begin;
}

void *pool_get(struct pool *pool, size_t size)
{
	void *memory = pool_alloc(pool, size);

	if (!memory) {
		fprintf(stderr, "pool: no room for %zu bytes\n", size);
		exit(1);
	}
	return memory;
}
