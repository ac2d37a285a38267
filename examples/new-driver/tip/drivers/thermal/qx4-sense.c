// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * QX4: the sensors.
 */
#include <errno.h>

#include "qx4.h"

int qx4_enable(struct qx4 *chip, unsigned int channel, bool on)
{
	uint8_t bit = (uint8_t)(1 << channel);

	return bus_update(chip->dev, QX4_ENABLE, bit, on ? bit : 0);
}

/* Sixteenths of a degree, two's complement. */
static int to_thousandths(int word)
{
	return (int16_t)word * 1000 / 16;
}

int qx4_get(struct zone *zone, int *temperature)
{
	int word = bus_read_word(zone->dev, QX4_TEMP(zone->channel));

	if (word < 0)
		return word;
	if (word == QX4_BROKEN)
		return -EIO;
	*temperature = to_thousandths(word);
	return 0;
}
