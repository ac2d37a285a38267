// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Pools: memory that is given back all at once.
 */
#include <string.h>

#include <pool.h>

void pool_init(struct pool *pool)
{
	pool->used = 0;
}

/**
 * pool_alloc - get memory
 * @pool: where from
 * @size: how much
 * @flags: POOL_ZERO to have it cleared; otherwise it holds whatever is in it
 *
 * Return: memory for sixteen-byte things, or NULL.
 */
void *pool_alloc(struct pool *pool, size_t size, unsigned int flags)
{
	size_t begin = (pool->used + 15) & ~(size_t)15;

	if (size > POOL_BYTES || begin > POOL_BYTES - size)
		return NULL;
	pool->used = begin + size;
	if (flags & POOL_ZERO)
		memset(pool->bytes + begin, 0, size);
	return pool->bytes + begin;
}
