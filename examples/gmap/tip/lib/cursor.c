// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Cursors: where the next write into a ring of slots goes.
 */
#include <host/cursor.h>

void cursor_init(struct cursor *cur, unsigned long limit)
{
	*cur = (struct cursor){ .index = 0, .limit = limit };
}

/* Returns the slot under the cursor and steps past it. */
unsigned long cursor_take(struct cursor *cur)
{
	unsigned long index = cur->index;

	if (++cur->index == cur->limit) {
		cur->index = 0;
		cur->laps++;
	}
	return index;
}

void cursor_seek(struct cursor *cur, unsigned long index)
{
	cur->laps += index / cur->limit;
	cur->index = index % cur->limit;
}
