// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * The console: what a guest wants to be read by people.
 */
#include <string.h>

#include <drivers/drivers.h>

/**
 * console_write - fetch the text that a guest prints
 * @gmap: the guest's memory
 * @gpa: where the text stands
 * @out: is given the text
 * @len: its length
 *
 * Return: @len, or -EFAULT when the text leaves the guest's memory.
 */
long console_write(struct gmap *gmap, gpa_t gpa, char *out, size_t len)
{
	size_t done = 0;

	while (done < len) {
		size_t offset = gpa & ~PAGE_MASK;
		size_t part = PAGE_SIZE - offset;
		struct page *page = guest_page_get(gmap, gpa, false);

		if (!page)
			return -EFAULT;
		if (part > len - done)
			part = len - done;
		memcpy(out + done, (char *)page_address(page) + offset, part);
		guest_page_put(gmap, page);
		done += part;
		gpa += part;
	}
	return (long)done;
}
