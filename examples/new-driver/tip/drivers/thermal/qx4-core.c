// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * QX4: finding the chip, and a zone for each of its sensors.
 */
#include <errno.h>
#include <stdlib.h>

#include "qx4.h"

static const char *const zone_names[QX4_CHANNELS] = {
	"qx4.0", "qx4.1", "qx4.2", "qx4.3",
};

static void qx4_drop_zones(struct qx4 *chip)
{
	unsigned int i;

	for (i = 0; i < QX4_CHANNELS; i++) {
		if (!chip->zones[i].name)
			continue;
		zone_unregister(&chip->zones[i]);
		qx4_enable(chip, i, false);
		chip->zones[i].name = NULL;
	}
}

static int qx4_add_zone(struct qx4 *chip, unsigned int channel)
{
	struct zone *zone = &chip->zones[channel];
	int err = qx4_enable(chip, channel, true);

	if (err)
		return err;
	*zone = (struct zone){
		.name = zone_names[channel],
		.dev = chip->dev,
		.channel = channel,
		.get = qx4_get,
	};
	err = zone_register(zone);
	if (err)
		zone->name = NULL;
	return err;
}

static int qx4_probe(struct bus_device *dev)
{
	int wired = bus_read(dev, QX4_WIRED);
	struct qx4 *chip;
	unsigned int i;
	int err;

	if (wired < 0)
		return wired;
	if (bus_read(dev, QX4_ID) != QX4_ID_VALUE)
		return -ENODEV;
	chip = calloc(1, sizeof(*chip));
	if (!chip)
		return -ENOMEM;
	chip->dev = dev;
	for (i = 0; i < QX4_CHANNELS; i++) {
		err = wired >> i & 1 ? qx4_add_zone(chip, i) : 0;
		if (err) {
			qx4_drop_zones(chip);
			free(chip);
			return err;
		}
	}
	dev->data = chip;
	return 0;
}

static void qx4_remove(struct bus_device *dev)
{
	qx4_drop_zones(dev->data);
	free(dev->data);
}

const struct bus_driver qx4_driver = {
	.compatible	= "quince,qx4",
	.probe		= qx4_probe,
	.remove		= qx4_remove,
};
