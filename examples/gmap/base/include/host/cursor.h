/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef _HOST_CURSOR_H
#define _HOST_CURSOR_H

#include <host/types.h>

/**
 * struct cursor - a place in a ring of slots
 * @index: the slot that comes next
 * @limit: number of slots
 * @laps: how often the end was passed
 */
struct cursor {
	unsigned long index;
	unsigned long limit;
	unsigned long laps;
};

void cursor_init(struct cursor *cur, unsigned long limit);
unsigned long cursor_take(struct cursor *cur);
void cursor_seek(struct cursor *cur, unsigned long index);

#endif /* _HOST_CURSOR_H */
