// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Pages and the page cache, below the drivers that bring pages home.
 */
#include "selftest.h"

#include <mm/pagecache.h>

static const struct aspace_ops no_ops;

static void pages_find_their_memory(void)
{
	struct page *page = page_alloc(ALLOC_ZERO);

	CHECK(page && page->refcount == 1);
	CHECK(virt_to_page((char *)page_address(page) + 17) == page);
	CHECK(pages_in_use() == 1);
	page_put(page);
	CHECK(pages_in_use() == 0);
}

static void cache_keeps_the_order_of_the_file(void)
{
	static const unsigned long where[] = { 7, 2, 5 };
	struct address_space mapping;
	struct page *page;
	unsigned long last = 0;
	size_t i;

	mapping_init(&mapping, &no_ops, NULL);
	for (i = 0; i < ARRAY_SIZE(where); i++)
		CHECK(read_page(&mapping, where[i]));
	list_for_each_entry(page, &mapping.pages, struct page, lru) {
		CHECK(page->__folio_index > last);
		last = page->__folio_index;
	}
	CHECK(page_offset(find_page(&mapping, 5)) == 5 * PAGE_SIZE);
	CHECK(!find_page(&mapping, 6));
	truncate_pages(&mapping, 0);
	CHECK(mapping.nr_pages == 0 && pages_in_use() == 0);
}

static void readahead_stops_at_what_is_there(void)
{
	struct address_space mapping;
	struct readahead ra = { .mapping = &mapping, .index = 1, .count = 8 };

	mapping_init(&mapping, &no_ops, NULL);
	CHECK(read_page(&mapping, 4));
	CHECK(readahead_run(&ra) == 3);
	CHECK(ra.index == 4 && ra.count == 5);
	truncate_pages(&mapping, 0);
}

int main(void)
{
	pages_find_their_memory();
	cache_keeps_the_order_of_the_file();
	readahead_stops_at_what_is_there();
	return 0;
}
