// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Network ports: the link is up when the device is on and has a parent.
 */
#include <errno.h>

#include <devices.h>

int port_open(struct port *port)
{
	int err = device_on(&port->dev);

	if (err)
		return err;
	port->state = port->dev.parent ? LINK_UP : LINK_DOWN;
	port->queue = (struct queue){ .state = 1 };
	return 0;
}

/**
 * port_send - hand a packet to the queue
 * @port: the port
 *
 * Return: 0, -ENETDOWN, or -EAGAIN when the queue is full.
 */
int port_send(struct port *port)
{
	if (port->dev.state != DEV_ON) {
		port->state = LINK_DOWN;
		queue_stop(&port->queue);
	}
	if (port->state == LINK_DOWN)
		return -ENETDOWN;
	return queue_push(&port->queue) ? 0 : -EAGAIN;
}
