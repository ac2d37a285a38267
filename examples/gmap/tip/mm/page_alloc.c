// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * The frames of the host's memory, and who owns them.
 */
#include <stdlib.h>
#include <string.h>

#include <mm/page.h>

#define NR_FRAMES	512

static u8 arena[NR_FRAMES * PAGE_SIZE] __attribute__((aligned(4096)));
static struct page frames[NR_FRAMES];
static LIST_HEAD(free_frames);
static unsigned long nr_fresh;
static unsigned long nr_used;

static struct page *take_frame(void)
{
	struct page *page;

	if (!list_empty(&free_frames)) {
		page = list_first_entry(&free_frames, struct page, lru);
		list_del(&page->lru);
		return page;
	}
	if (nr_fresh == NR_FRAMES)
		return NULL;
	page = &frames[nr_fresh++];
	list_init(&page->lru);
	return page;
}

/**
 * page_alloc - get a page
 * @how: ALLOC_*
 *
 * Return: a page with one reference, or NULL when memory is used up.
 */
struct page *page_alloc(unsigned int how)
{
	struct page *page = take_frame();

	if (!page)
		return NULL;
	page->flags = how & ALLOC_TABLE ? PG_TABLE : 0;
	page->refcount = 1;
	page->mapping = NULL;
	page->__folio_index = 0;
	if (how & ALLOC_ZERO)
		memset(page_address(page), 0, PAGE_SIZE);
	nr_used++;
	return page;
}

void page_get(struct page *page)
{
	page->refcount++;
}

/* The last reference gives the page back. */
void page_put(struct page *page)
{
	if (page->refcount <= 0) {
		dump_page(page, "put once too often");
		abort();
	}
	if (--page->refcount)
		return;
	list_del(&page->lru);
	list_add_tail(&page->lru, &free_frames);
	nr_used--;
}

unsigned long pages_in_use(void)
{
	return nr_used;
}

void *page_address(const struct page *page)
{
	return arena + (size_t)(page - frames) * PAGE_SIZE;
}

struct page *virt_to_page(const void *addr)
{
	size_t offset = (size_t)((const u8 *)addr - arena);

	return &frames[offset >> PAGE_SHIFT];
}
