/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef _DEVICES_H
#define _DEVICES_H

#include <device.h>

/* net/: @state is the link's, not the device's */
enum link_state { LINK_DOWN, LINK_UP };

struct queue {
	int state;
	unsigned int length;
};

struct port {
	struct device dev;
	enum link_state state;
	struct queue queue;
};

int port_open(struct port *port);
int port_send(struct port *port);
bool queue_push(struct queue *queue);
void queue_stop(struct queue *queue);

/* block/ */
struct request {
	int state;
	unsigned long sector;
};

struct disk {
	struct device dev;
	struct request last;
};

int disk_read(struct disk *disk, unsigned long sector);
void disk_fail(struct disk *disk);

/* sound/ */
struct card {
	struct device dev;
	struct { int state; int volume; } mixer;
};

int card_play(struct card *card, int volume);

/* usb/ */
#define HUB_PORTS	4

struct hub {
	struct device dev;
	struct device *port[HUB_PORTS];
};

int hub_plug(struct hub *hub, struct device *dev);
int hub_count_running(const struct hub *hub);
void hub_reset(struct hub *hub);

/* power/ */
struct supply {
	struct device dev;
	int state;	/* of charge, in percent */
};

int supply_tick(struct supply *supply, struct device **load, size_t count);

#endif /* _DEVICES_H */
