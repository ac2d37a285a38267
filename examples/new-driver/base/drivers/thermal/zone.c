// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Thermal zones, found by their name.
 */
#include <errno.h>
#include <string.h>

#include <thermal.h>

static struct zone *zones[8];

struct zone *zone_by_name(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(zones) / sizeof(zones[0]); i++)
		if (zones[i] && !strcmp(zones[i]->name, name))
			return zones[i];
	return NULL;
}

int zone_register(struct zone *zone)
{
	size_t i;

	if (zone_by_name(zone->name))
		return -EEXIST;
	for (i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
		if (!zones[i]) {
			zones[i] = zone;
			return 0;
		}
	}
	return -ENOSPC;
}

void zone_unregister(struct zone *zone)
{
	size_t i;

	for (i = 0; i < sizeof(zones) / sizeof(zones[0]); i++)
		if (zones[i] == zone)
			zones[i] = NULL;
}

/* In thousandths of a degree. */
int zone_read(const char *name, int *temperature)
{
	struct zone *zone = zone_by_name(name);

	return zone ? zone->get(zone, temperature) : -ENOENT;
}
