// SPDX-License-Identifier: MIT OR Apache-2.0
#include <errno.h>

#include <thermal.h>

#include "check.h"

int main(void)
{
	struct bus_device dev = {
		.compatible = "acme,lm10",
		.address = 0x48,
		.registers = { 0xfe },
	};
	int temperature;

	CHECK(bus_bind(&dev, &lm10_driver) == 0);
	CHECK(zone_read("lm10", &temperature) == 0 && temperature == -2000);
	bus_unbind(&dev);
	CHECK(zone_read("lm10", &temperature) == -ENOENT);
	return 0;
}
