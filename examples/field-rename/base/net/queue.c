// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Queues of packets. Their state has nothing to do with the device's.
 */
#include <devices.h>

#define QUEUE_ROOM	3

bool queue_push(struct queue *queue)
{
	struct port *port = to(struct port, queue, queue);

	if (!queue->state || queue->length == QUEUE_ROOM)
		return false;
	queue->length++;
	queue->state = queue->length < QUEUE_ROOM && port->dev.state == DEV_ON;
	return true;
}

void queue_stop(struct queue *queue)
{
	queue->state = 0;
}
