/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef _DRIVERS_DRIVERS_H
#define _DRIVERS_DRIVERS_H

#include <mm/pagecache.h>
#include <virt/gmap.h>

/* drivers/block/ramdisk.c */
int ramdisk_open(struct address_space *mapping);
int ramdisk_flush(struct address_space *mapping);

/* drivers/net/ring.c */
#define RING_SLOTS	8

/**
 * struct ring - descriptors handed from a producer to a consumer
 * @index: the slot that is filled next
 * @taken: the slot that is emptied next
 * @slots: what was handed over
 */
struct ring {
	unsigned int index;
	unsigned int taken;
	void *slots[RING_SLOTS];
};

bool ring_full(const struct ring *ring);
bool ring_put(struct ring *ring, void *what);
void *ring_take(struct ring *ring);

/* drivers/video/fbmem.c */
int fb_map(struct address_space *mapping, unsigned long nr_pages);
int fb_draw(unsigned int x, unsigned int y, u8 colour);
int fb_deferred_io(void (*flush)(unsigned long tile, const void *bytes));
void fb_unmap(void);

/* drivers/virtio/balloon.c */
int balloon_inflate(struct gmap *gmap, gpa_t gpa);
int balloon_deflate(struct gmap *gmap);

/* drivers/virtio/console.c */
long console_write(struct gmap *gmap, gpa_t gpa, char *out, size_t len);

#endif /* _DRIVERS_DRIVERS_H */
