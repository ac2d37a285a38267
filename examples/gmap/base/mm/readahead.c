// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Reading pages before anybody asks for them.
 */
#include <mm/pagecache.h>

/* Reading stops short of pages that are there already. */
static unsigned long run_length(const struct readahead *ra)
{
	const struct page *page;
	unsigned long end = ra->index + ra->count;

	list_for_each_entry(page, &ra->mapping->pages, struct page, lru) {
		if (page->index < ra->index)
			continue;
		if (page->index < end)
			end = page->index;
		break;
	}
	return end - ra->index;
}

/**
 * readahead_run - read a run of pages
 * @ra: what to read; on return, what is left of it
 *
 * Return: how many pages were read, or -ENOMEM when that is none at all
 * although some were to be read.
 */
int readahead_run(struct readahead *ra)
{
	unsigned long length = run_length(ra);
	unsigned long done;

	for (done = 0; done < length; done++) {
		if (!read_page(ra->mapping, ra->index))
			break;
		ra->index++;
		ra->count--;
	}
	if (length && !done)
		return -ENOMEM;
	return (int)done;
}
