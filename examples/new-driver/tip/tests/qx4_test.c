// SPDX-License-Identifier: MIT OR Apache-2.0
#include <errno.h>

#include <thermal.h>

#include "check.h"

int main(void)
{
	struct bus_device dev = {
		.compatible = "quince,qx4",
		.address = 0x4a,
		.registers = {
			[0] = 0x94, [2] = 0x0b,
			[4] = 0x01, [5] = 0x98,
			[6] = 0xff, [7] = 0xf8,
			[10] = 0x80,
		},
	};
	int temperature;

	CHECK(bus_bind(&dev, &lm10_driver) == -ENODEV);
	CHECK(bus_bind(&dev, &qx4_driver) == 0);
	CHECK(bus_read(&dev, 1) == 0x0b);
	CHECK(zone_read("qx4.0", &temperature) == 0 && temperature == 25500);
	CHECK(zone_read("qx4.1", &temperature) == 0 && temperature == -500);
	CHECK(zone_read("qx4.2", &temperature) == -ENOENT);
	CHECK(zone_read("qx4.3", &temperature) == -EIO);
	bus_unbind(&dev);
	CHECK(bus_read(&dev, 1) == 0);
	CHECK(zone_read("qx4.0", &temperature) == -ENOENT);
	dev.registers[0] = 0;
	CHECK(bus_bind(&dev, &qx4_driver) == -ENODEV);
	return 0;
}
