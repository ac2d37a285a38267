// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * The page cache: pages of files, found by their place in the file.
 */
#include <mm/pagecache.h>

void mapping_init(struct address_space *mapping, const struct aspace_ops *ops,
		  void *private)
{
	list_init(&mapping->pages);
	mapping->nr_pages = 0;
	mapping->ops = ops;
	mapping->private = private;
}

/* The first page at or behind @index, or NULL. */
static struct page *lower_bound(struct address_space *mapping,
				unsigned long index)
{
	struct page *page;

	list_for_each_entry(page, &mapping->pages, struct page, lru)
		if (page->index >= index)
			return page;
	return NULL;
}

static void insert_page(struct address_space *mapping, struct page *page,
			unsigned long index)
{
	struct page *next = lower_bound(mapping, index);

	page->mapping = mapping;
	page->index = index;
	list_add_tail(&page->lru, next ? &next->lru : &mapping->pages);
	mapping->nr_pages++;
}

/**
 * find_page - look a page up
 * @mapping: the file
 * @index: where in the file, in pages
 *
 * Return: the page, without a reference, or NULL when it is not in memory.
 */
struct page *find_page(struct address_space *mapping, unsigned long index)
{
	struct page *page = lower_bound(mapping, index);

	return page && page->index == index ? page : NULL;
}

/* As find_page(), but reads the page in when need be. */
struct page *read_page(struct address_space *mapping, unsigned long index)
{
	struct page *page = find_page(mapping, index);

	if (page)
		return page;
	page = page_alloc(ALLOC_ZERO);
	if (!page)
		return NULL;
	insert_page(mapping, page, index);
	if (mapping->ops->read_page && mapping->ops->read_page(mapping, page)) {
		remove_page(page);
		return NULL;
	}
	page->flags |= PG_UPTODATE;
	return page;
}

/* Takes a page out of its file and drops the cache's reference. */
void remove_page(struct page *page)
{
	page->mapping->nr_pages--;
	page->mapping = NULL;
	page->index = 0;
	list_del(&page->lru);
	page_put(page);
}

/* Forgets all pages from @first on. */
void truncate_pages(struct address_space *mapping, unsigned long first)
{
	struct page *page, *tmp;

	list_for_each_entry_safe(page, tmp, &mapping->pages, struct page, lru)
		if (page->index >= first)
			remove_page(page);
}
