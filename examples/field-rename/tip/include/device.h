/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef _DEVICE_H
#define _DEVICE_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct device - anything that can be switched on
 * @name: for people
 * @power_state: DEV_*
 * @irq: its interrupt, 0 when it has none
 * @parent: what it is plugged into
 */
struct device {
	const char *name;
	int power_state;
	unsigned int irq;
	struct device *parent;
};

enum {
	DEV_OFF,
	DEV_ON,
	DEV_FAILED,
};

#define to(type, member, ptr) \
	((type *)((char *)(ptr) - offsetof(type, member)))

int device_on(struct device *dev);
void device_off(struct device *dev);
bool device_running(const struct device *dev);

/**
 * struct irq_line - an interrupt
 * @state: how often it fired since it was last looked at
 * @owner: who is told
 */
struct irq_line {
	unsigned int state;
	struct device *owner;
};

void irq_fire(unsigned int irq);
unsigned int irq_take(unsigned int irq);
int irq_claim(struct device *dev);

#endif /* _DEVICE_H */
