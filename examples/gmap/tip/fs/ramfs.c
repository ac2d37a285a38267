// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * A file system that has nothing but the page cache. New pages are filled
 * with a pattern, so that a read of something never written shows.
 */
#include <string.h>

#include <fs/inode.h>

static int ramfs_read_page(struct address_space *mapping __unused,
			   struct page *page)
{
	u8 pattern = (u8)(0xa0 | (page->__folio_index & 0xf));

	memset(page_address(page), pattern, PAGE_SIZE);
	return 0;
}

static int ramfs_write_page(struct address_space *mapping,
			    struct page *page)
{
	const struct inode *inode = container_of(mapping, struct inode, mapping);

	/* a page behind the end of the file has no business to be dirty */
	return page->__folio_index << PAGE_SHIFT < inode->size ? 0 : -EIO;
}

static const struct aspace_ops ramfs_ops = {
	.read_page	= ramfs_read_page,
	.write_page	= ramfs_write_page,
};

struct inode *ramfs_create(const char *name)
{
	return inode_new(name, &ramfs_ops, NULL);
}
