/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef _VIRT_GMAP_H
#define _VIRT_GMAP_H

#include <mm/page.h>

/* What an access wants, and what a mapping allows. */
#define GMAP_READ	BIT(0)
#define GMAP_WRITE	BIT(1)

struct gmap;

/* How an architecture keeps its guest memory maps. Addresses are of pages. */
struct gmap_ops {
	const char *name;
	struct gmap *(*create)(gpa_t limit);
	void (*destroy)(struct gmap *gmap);
	int (*map)(struct gmap *gmap, gpa_t gpa, void *host, unsigned int prot);
	int (*unmap)(struct gmap *gmap, gpa_t gpa);
	void *(*lookup)(struct gmap *gmap, gpa_t gpa, unsigned int access);
};

/**
 * struct gmap - a guest memory map: from guest addresses to host memory
 * @ops: the architecture
 * @limit: the first address that the guest does not have
 * @nr_pinned: pages that others hold
 */
struct gmap {
	const struct gmap_ops *ops;
	gpa_t limit;
	unsigned int nr_pinned;
};

struct gmap *gmap_create(const struct gmap_ops *ops, gpa_t limit);
void gmap_destroy(struct gmap *gmap);
int gmap_map_range(struct gmap *gmap, gpa_t gpa, void *host, u64 len,
		   unsigned int prot);
int gmap_unmap_range(struct gmap *gmap, gpa_t gpa, u64 len);

struct page *gmap_pin_page(struct gmap *gmap, gpa_t gpa, bool write);
void gmap_unpin_page(struct gmap *gmap, struct page *page);

extern const struct gmap_ops one_gmap_ops;
extern const struct gmap_ops two_gmap_ops;
extern const struct gmap_ops three_gmap_ops;

#endif /* _VIRT_GMAP_H */
