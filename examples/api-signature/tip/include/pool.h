/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef _POOL_H
#define _POOL_H

#include <stddef.h>

#define POOL_BYTES	8192

/* for pool_alloc() */
#define POOL_ZERO	(1U << 0)	/* clear the memory */

/**
 * struct pool - memory that is given back all at once
 * @used: bytes that were handed out
 * @bytes: all of it
 */
struct pool {
	size_t used;
	_Alignas(16) unsigned char bytes[POOL_BYTES];
};

void pool_init(struct pool *pool);
void *pool_alloc(struct pool *pool, size_t size, unsigned int flags);

#endif /* _POOL_H */
