// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * The balloon: pages that a guest does without for a while.
 */
#include <drivers/drivers.h>

static struct ring balloon;

/**
 * balloon_inflate - take a page from a guest
 * @gmap: the guest's memory
 * @gpa: an address in the page
 *
 * Return: 0, -ENOSPC when the balloon is full, -EFAULT when the guest has
 * nothing there.
 */
int balloon_inflate(struct gmap *gmap, gpa_t gpa)
{
	struct page *page;

	if (ring_full(&balloon))
		return -ENOSPC;
	page = gmap_pin_page(gmap, gpa, true);
	if (!page)
		return -EFAULT;
	ring_put(&balloon, page);
	return 0;
}

/* Gives the page back that was taken first. */
int balloon_deflate(struct gmap *gmap)
{
	struct page *page = ring_take(&balloon);

	if (!page)
		return -ENOENT;
	gmap_unpin_page(gmap, page);
	return 0;
}
