// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Rings of descriptors. Both indices count on and on; a slot is their
 * remainder.
 */
#include <drivers/drivers.h>

bool ring_full(const struct ring *ring)
{
	return ring->index - ring->taken == RING_SLOTS;
}

/* Returns false when there is no room. */
bool ring_put(struct ring *ring, void *what)
{
	if (ring_full(ring))
		return false;
	ring->slots[ring->index % RING_SLOTS] = what;
	ring->index++;
	return true;
}

/* Returns NULL when there is nothing to take. */
void *ring_take(struct ring *ring)
{
	if (ring->taken == ring->index)
		return NULL;
	return ring->slots[ring->taken++ % RING_SLOTS];
}
