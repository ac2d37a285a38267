// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * The bus: chips with registers of eight bits, and the drivers they are bound
 * to.
 */
#include <errno.h>
#include <string.h>

#include <bus.h>

/* Returns the register's value or an error. */
int bus_read(struct bus_device *dev, unsigned int reg)
{
	if (dev->broken)
		return -EIO;
	if (reg >= BUS_REGISTERS)
		return -EINVAL;
	return dev->registers[reg];
}

int bus_write(struct bus_device *dev, unsigned int reg, uint8_t value)
{
	if (dev->broken)
		return -EIO;
	if (reg >= BUS_REGISTERS)
		return -EINVAL;
	dev->registers[reg] = value;
	return 0;
}

/* Returns the big-endian word in @reg and the register after it, or an error. */
int bus_read_word(struct bus_device *dev, unsigned int reg)
{
	int high = bus_read(dev, reg);
	int low = bus_read(dev, reg + 1);

	if (high < 0)
		return high;
	return low < 0 ? low : high << 8 | low;
}

/* Sets the bits of @mask to those of @value and leaves the others alone. */
int bus_update(struct bus_device *dev, unsigned int reg, uint8_t mask,
	       uint8_t value)
{
	int old = bus_read(dev, reg);

	if (old < 0)
		return old;
	return bus_write(dev, reg, (uint8_t)((old & ~mask) | (value & mask)));
}

/**
 * bus_bind - let a driver look after a chip
 * @dev: the chip
 * @driver: the driver
 *
 * Return: 0, -ENODEV when the driver is for other chips, or what the driver's
 * probe function says.
 */
int bus_bind(struct bus_device *dev, const struct bus_driver *driver)
{
	int err;

	if (dev->driver)
		return -EBUSY;
	if (strcmp(dev->compatible, driver->compatible))
		return -ENODEV;
	err = driver->probe(dev);
	if (!err)
		dev->driver = driver;
	return err;
}

void bus_unbind(struct bus_device *dev)
{
	if (!dev->driver)
		return;
	dev->driver->remove(dev);
	dev->driver = NULL;
	dev->data = NULL;
}
