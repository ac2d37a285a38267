// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Switching devices on and off.
 */
#include <errno.h>

#include <device.h>

/**
 * device_on - switch a device on
 * @dev: the device
 *
 * Return: 0, -EIO when it has failed, -ENODEV when what it is plugged into is
 * not on.
 */
int device_on(struct device *dev)
{
	if (dev->power_state == DEV_FAILED)
		return -EIO;
	if (dev->parent && dev->parent->power_state != DEV_ON)
		return -ENODEV;
	dev->power_state = DEV_ON;
	return dev->irq ? irq_claim(dev) : 0;
}

/* A device that failed stays failed. */
void device_off(struct device *dev)
{
	if (dev->power_state == DEV_ON)
		dev->power_state = DEV_OFF;
}

bool device_running(const struct device *dev)
{
	return dev->power_state == DEV_ON && (!dev->parent || device_running(dev->parent));
}
