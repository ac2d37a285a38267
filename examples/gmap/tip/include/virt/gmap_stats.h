/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef _VIRT_GMAP_STATS_H
#define _VIRT_GMAP_STATS_H

#include <host/types.h>

enum gmap_event {
	GMAP_PINNED,
	GMAP_UNPINNED,
	GMAP_MISSED,
	NR_GMAP_EVENTS
};

#ifdef CONFIG_GMAP_STATS

void gmap_stats_count(enum gmap_event event);
unsigned long gmap_stats_read(enum gmap_event event);
int gmap_stats_format(char *buf, size_t len);

#else

static inline void gmap_stats_count(enum gmap_event event __unused)
{
}

#endif

#endif /* _VIRT_GMAP_STATS_H */
