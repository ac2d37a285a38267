/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef _QX4_H
#define _QX4_H

#include <thermal.h>

#define QX4_ID		0
#define QX4_ENABLE	1
#define QX4_WIRED	2
#define QX4_TEMP(n)	(4 + 2 * (n))

#define QX4_ID_VALUE	0x94
#define QX4_BROKEN	0x8000
#define QX4_CHANNELS	4

/**
 * struct qx4 - one chip
 * @dev: the chip on its bus
 * @zones: one for each sensor; without a name where none is wired
 */
struct qx4 {
	struct bus_device *dev;
	struct zone zones[QX4_CHANNELS];
};

/* qx4-sense.c */
int qx4_enable(struct qx4 *chip, unsigned int channel, bool on);
int qx4_get(struct zone *zone, int *temperature);

#endif /* _QX4_H */
