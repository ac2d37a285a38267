/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef _MM_PAGE_H
#define _MM_PAGE_H

#include <host/list.h>
#include <host/types.h>

#define PAGE_SHIFT	12
#define PAGE_SIZE	BIT(PAGE_SHIFT)
#define PAGE_MASK	(~(PAGE_SIZE - 1))

/* page->flags */
#define PG_DIRTY	BIT(0)
#define PG_UPTODATE	BIT(1)
#define PG_TABLE	BIT(2)	/* a page table of some guest */

/* for page_alloc() */
#define ALLOC_ZERO	BIT(0)
#define ALLOC_TABLE	BIT(1)

struct address_space;

/**
 * struct page - what the host knows of one frame of its memory
 * @flags: PG_*
 * @refcount: 0 for a page that nobody owns
 * @mapping: the file that the page caches, if any
 * @__folio_index: where in @mapping the page lies, in pages; not for new users
 * @lru: on a list of the owner
 */
struct page {
	unsigned long flags;
	int refcount;
	struct address_space *mapping;
	unsigned long __folio_index;
	struct list_head lru;
};

struct page *page_alloc(unsigned int how);
void page_get(struct page *page);
void page_put(struct page *page);
unsigned long pages_in_use(void);

void *page_address(const struct page *page);
struct page *virt_to_page(const void *addr);

void dump_page(const struct page *page, const char *why);

/* Where in its file a page begins, in bytes. */
static inline u64 page_offset(const struct page *page)
{
	return (u64)page->__folio_index << PAGE_SHIFT;
}

#endif /* _MM_PAGE_H */
