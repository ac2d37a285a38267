// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Counts what happens to guest memory, over all guests.
 */
#include <stdio.h>

#include <virt/gmap_stats.h>

static const char *const event_names[NR_GMAP_EVENTS] = {
	[GMAP_PINNED]	= "pinned",
	[GMAP_UNPINNED]	= "unpinned",
	[GMAP_MISSED]	= "missed",
};

static unsigned long counters[NR_GMAP_EVENTS];

void gmap_stats_count(enum gmap_event event)
{
	counters[event]++;
}

unsigned long gmap_stats_read(enum gmap_event event)
{
	return counters[event];
}

/**
 * gmap_stats_format - the counters as text, one line each
 * @buf: is given the text
 * @len: its room
 *
 * Return: the length of the text, or -ENOSPC.
 */
int gmap_stats_format(char *buf, size_t len)
{
	size_t done = 0;
	int i;

	for (i = 0; i < NR_GMAP_EVENTS; i++) {
		int n = snprintf(buf + done, len - done, "%s %lu\n",
				 event_names[i], counters[i]);

		if (n < 0 || (size_t)n >= len - done)
			return -ENOSPC;
		done += (size_t)n;
	}
	return (int)done;
}
