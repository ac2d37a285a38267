/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef _MM_PAGECACHE_H
#define _MM_PAGECACHE_H

#include <mm/page.h>

struct address_space;

struct aspace_ops {
	/* fills a new page from wherever the file lives */
	int (*read_page)(struct address_space *mapping, struct page *page);
	/* brings a dirty page there */
	int (*write_page)(struct address_space *mapping, struct page *page);
};

/**
 * struct address_space - the pages of one file that are in memory
 * @pages: by page->lru, in the order of page->index
 * @nr_pages: how many these are
 * @ops: how pages come and go
 * @private: for the owner
 */
struct address_space {
	struct list_head pages;
	unsigned long nr_pages;
	const struct aspace_ops *ops;
	void *private;
};

/* A run of pages to be read before anybody asks for them. */
struct readahead {
	struct address_space *mapping;
	unsigned long index;
	unsigned long count;
};

void mapping_init(struct address_space *mapping, const struct aspace_ops *ops,
		  void *private);
struct page *find_page(struct address_space *mapping, unsigned long index);
struct page *read_page(struct address_space *mapping, unsigned long index);
void remove_page(struct page *page);
void truncate_pages(struct address_space *mapping, unsigned long first);

int readahead_run(struct readahead *ra);
int writeback_pages(struct address_space *mapping);

#endif /* _MM_PAGECACHE_H */
