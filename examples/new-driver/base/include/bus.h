/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef _BUS_H
#define _BUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BUS_REGISTERS	16

/**
 * struct bus_device - a chip on the bus
 * @compatible: what it is, as in the device tree
 * @address: where it is
 * @registers: what it would answer
 * @broken: it does not answer at all
 * @driver: who looks after it, if anybody
 * @data: for the driver
 */
struct bus_device {
	const char *compatible;
	unsigned int address;
	uint8_t registers[BUS_REGISTERS];
	bool broken;
	const struct bus_driver *driver;
	void *data;
};

struct bus_driver {
	const char *compatible;
	int (*probe)(struct bus_device *dev);
	void (*remove)(struct bus_device *dev);
};

int bus_read(struct bus_device *dev, unsigned int reg);
int bus_write(struct bus_device *dev, unsigned int reg, uint8_t value);

int bus_bind(struct bus_device *dev, const struct bus_driver *driver);
void bus_unbind(struct bus_device *dev);

#endif /* _BUS_H */
