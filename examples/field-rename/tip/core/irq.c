// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Interrupts.
 */
#include <errno.h>

#include <device.h>

#define NR_LINES	16

static struct irq_line lines[NR_LINES];

/* Interrupts of a device that is not on are lost. */
void irq_fire(unsigned int irq)
{
	struct irq_line *line = &lines[irq % NR_LINES];

	if (line->owner && line->owner->power_state == DEV_ON)
		line->state++;
}

/* How often did it fire since the last call? */
unsigned int irq_take(unsigned int irq)
{
	struct irq_line *line = &lines[irq % NR_LINES];
	unsigned int count = line->state;

	line->state = 0;
	return count;
}

int irq_claim(struct device *dev)
{
	struct irq_line *line = &lines[dev->irq % NR_LINES];

	if (line->owner && line->owner != dev)
		return -EBUSY;
	*line = (struct irq_line){ .state = 0, .owner = dev };
	return 0;
}
