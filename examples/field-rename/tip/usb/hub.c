// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Hubs: devices that others are plugged into.
 */
#include <errno.h>

#include <devices.h>

int hub_plug(struct hub *hub, struct device *dev)
{
	int i;

	for (i = 0; i < HUB_PORTS; i++) {
		if (!hub->port[i]) {
			hub->port[i] = dev;
			dev->parent = &hub->dev;
			dev->power_state = DEV_OFF;
			return i;
		}
	}
	return -ENOSPC;
}

int hub_count_running(const struct hub *hub)
{
	int count = 0;
	int i;

	for (i = 0; i < HUB_PORTS; i++)
		if (hub->port[i] && hub->port[i]->power_state == DEV_ON)
			count++;
	return count;
}

/* All that is plugged in goes off, and gets a second chance. */
void hub_reset(struct hub *hub)
{
	int i;

	for (i = 0; i < HUB_PORTS; i++)
		if (hub->port[i])
			hub->port[i]->power_state = DEV_OFF;
	hub->dev.power_state = DEV_ON;
}
