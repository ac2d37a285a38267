// SPDX-License-Identifier: MIT OR Apache-2.0
#include <errno.h>

#include <bus.h>

#include "check.h"

int main(void)
{
	struct bus_device dev = { .compatible = "test", .address = 0x10 };

	CHECK(bus_write(&dev, 3, 0x5a) == 0);
	CHECK(bus_read(&dev, 3) == 0x5a);
	CHECK(bus_read(&dev, BUS_REGISTERS) == -EINVAL);
	dev.broken = true;
	CHECK(bus_read(&dev, 3) == -EIO);
	return 0;
}
