// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * A day in the life of some devices.
 */
#include <stdio.h>

#include <devices.h>

#define CHECK(what) \
	do { \
		if (!(what)) { \
			fprintf(stderr, "line %d: %s\n", __LINE__, #what); \
			return 1; \
		} \
	} while (0)

int main(void)
{
	struct hub hub = { .dev = { .name = "hub", .state = DEV_ON } };
	struct port port = { .dev = { .name = "eth", .irq = 3 } };
	struct disk disk = { .dev = { .name = "disk", .state = DEV_FAILED } };
	struct card card = { .dev = { "card", DEV_OFF, 0, NULL } };
	struct supply supply = { .dev = { .state = DEV_ON }, .state = 100 };
	struct device *load[] = { &port.dev, &card.dev };

	CHECK(hub_plug(&hub, &port.dev) == 0);
	CHECK(hub_plug(&hub, &disk.dev) == 1);
	CHECK(hub_plug(&hub, &card.dev) == 2);
	CHECK(!port_open(&port) && port.state == LINK_UP);
	CHECK(!port_send(&port) && !port_send(&port) && !port_send(&port));
	CHECK(port_send(&port));
	irq_fire(3);
	CHECK(irq_take(3) == 1 && irq_take(3) == 0);
	CHECK(disk_read(&disk, 1) && !device_on(&disk.dev) && !disk_read(&disk, 1));
	disk_fail(&disk);
	CHECK(card_play(&card, 5) && !device_on(&card.dev) && !card_play(&card, 5));
	CHECK(hub_count_running(&hub) == 2);
	CHECK(supply_tick(&supply, load, 2) == 20);
	CHECK(supply_tick(&supply, load, 2) == 0);
	CHECK(port.dev.state == DEV_OFF && disk.dev.state == DEV_FAILED);
	CHECK(!device_running(&card.dev));
	hub_reset(&hub);
	CHECK(hub.dev.state == DEV_ON && disk.dev.state == DEV_OFF);
	return 0;
}
