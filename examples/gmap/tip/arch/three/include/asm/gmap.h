/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef _ASM_THREE_GMAP_H
#define _ASM_THREE_GMAP_H

#include <virt/gmap.h>

#define NR_WINDOWS	32

/**
 * struct window - guest pages in a row that are host pages in a row
 * @base: the first guest page
 * @host: the first host page
 * @npages: how many; 0 for a window that is not in use
 * @prot: GMAP_READ and GMAP_WRITE
 * @index: the register of the hardware that holds the window
 */
struct window {
	gpa_t base;
	char *host;
	unsigned long npages;
	unsigned int prot;
	unsigned int index;
};

struct three_gmap {
	struct gmap gmap;
	struct window windows[NR_WINDOWS];
};

#endif /* _ASM_THREE_GMAP_H */
