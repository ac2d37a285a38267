// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Sound cards.
 */
#include <errno.h>

#include <devices.h>

int card_play(struct card *card, int volume)
{
	struct device *dev = &card->dev;
	int state = dev->power_state;

	if (state != DEV_ON)
		return -ENODEV;
	card->mixer.state = dev->power_state;
	card->mixer.volume = volume;
	return 0;
}
