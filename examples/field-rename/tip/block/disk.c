// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Disks. A request has a state of its own.
 */
#include <errno.h>

#include <devices.h>

enum { REQ_IDLE, REQ_DONE, REQ_ERROR };

/* The request takes on what the disk is in. */
#define settle(rq, disk) \
	((rq)->state = (disk)->dev.power_state == DEV_ON ? REQ_DONE : REQ_ERROR)

int disk_read(struct disk *disk, unsigned long sector)
{
	struct request *rq = &disk->last;

	*rq = (struct request){ .state = REQ_IDLE, .sector = sector };
	settle(rq, disk);
	return rq->state == REQ_DONE ? 0 : -EIO;
}

void disk_fail(struct disk *disk)
{
	disk->last.state = REQ_ERROR, disk->dev.power_state = DEV_FAILED;
}
