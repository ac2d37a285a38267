// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Supplies run down as long as something that they feed is on.
 */
#include <devices.h>

#define PERCENT_A_TICK	40

/**
 * supply_tick - let time pass
 * @supply: the supply
 * @load: the devices that it feeds
 * @count: how many these are
 *
 * Return: what is left, in percent; at 0 all devices are off.
 */
int supply_tick(struct supply *supply, struct device **load, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (load[i]->state == DEV_ON)
			supply->state -= PERCENT_A_TICK;
	if (supply->state > 0)
		return supply->state;
	supply->state = 0;
	supply->dev.state = DEV_OFF;
	for (i = 0; i < count; i++)
		device_off(load[i]);
	return 0;
}
