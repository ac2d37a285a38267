// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * LM10: one sensor, whole degrees.
 */
#include <errno.h>

#include <thermal.h>

#define LM10_TEMP	0

static struct zone lm10_zone;

static int lm10_get(struct zone *zone, int *temperature)
{
	int value = bus_read(zone->dev, LM10_TEMP);

	if (value < 0)
		return value;
	*temperature = (int8_t)value * 1000;
	return 0;
}

static int lm10_probe(struct bus_device *dev)
{
	if (lm10_zone.dev)
		return -EBUSY;
	lm10_zone = (struct zone){ .name = "lm10", .dev = dev, .get = lm10_get };
	return zone_register(&lm10_zone);
}

static void lm10_remove(struct bus_device *dev)
{
	zone_unregister(&lm10_zone);
	if (lm10_zone.dev == dev)
		lm10_zone.dev = NULL;
}

const struct bus_driver lm10_driver = {
	.compatible	= "acme,lm10",
	.probe		= lm10_probe,
	.remove		= lm10_remove,
};
