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
	CHECK(bus_update(&dev, 3, 0x0f, 0xf3) == 0);
	CHECK(bus_read(&dev, 3) == 0x53);
	CHECK(bus_write(&dev, 4, 0x21) == 0);
	CHECK(bus_read_word(&dev, 3) == 0x5321);
	CHECK(bus_read_word(&dev, BUS_REGISTERS - 1) == -EINVAL);
	dev.broken = true;
	CHECK(bus_read(&dev, 3) == -EIO);
	CHECK(bus_update(&dev, 3, 0xff, 0) == -EIO);
	return 0;
}
