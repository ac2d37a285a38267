/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef _ASM_TWO_GMAP_H
#define _ASM_TWO_GMAP_H

#include <host/list.h>
#include <virt/gmap.h>

#define HASH_BUCKETS	8

/* How many translations one page of the hash holds. */
#define BUCKET_ENTRIES	32

struct two_entry {
	gpa_t gpa;
	void *host;
	unsigned int prot;
};

/**
 * struct two_gmap - a guest memory map that is a hash
 * @gmap: the part that is common to all architectures
 * @bucket: pages full of entries, by page->lru
 */
struct two_gmap {
	struct gmap gmap;
	struct list_head bucket[HASH_BUCKETS];
};

#endif /* _ASM_TWO_GMAP_H */
