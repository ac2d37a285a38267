/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef _THERMAL_H
#define _THERMAL_H

#include <bus.h>

/**
 * struct zone - a place whose temperature is known
 * @name: for people
 * @dev: the chip that measures
 * @channel: which of its sensors
 * @get: reads the sensor, in thousandths of a degree
 */
struct zone {
	const char *name;
	struct bus_device *dev;
	unsigned int channel;
	int (*get)(struct zone *zone, int *temperature);
};

int zone_register(struct zone *zone);
void zone_unregister(struct zone *zone);
struct zone *zone_by_name(const char *name);
int zone_read(const char *name, int *temperature);

extern const struct bus_driver lm10_driver;

#endif /* _THERMAL_H */
