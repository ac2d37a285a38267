// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Bringing dirty pages home.
 */
#include <mm/pagecache.h>

/* Neighbours in the file may go in one sweep. */
static bool follows(const struct page *page, const struct page *prev)
{
	return prev && page->__folio_index == prev->__folio_index + 1;
}

/**
 * writeback_pages - write all dirty pages of a file
 * @mapping: the file
 *
 * Return: how many sweeps it took, or the first error.
 */
int writeback_pages(struct address_space *mapping)
{
	struct page *page, *prev = NULL;
	int sweeps = 0;

	list_for_each_entry(page, &mapping->pages, struct page, lru) {
		int ret;

		if (!(page->flags & PG_DIRTY))
			continue;
		ret = mapping->ops->write_page(mapping, page);
		if (ret)
			return ret;
		page->flags &= ~PG_DIRTY;
		if (!follows(page, prev))
			sweeps++;
		prev = page;
	}
	return sweeps;
}
