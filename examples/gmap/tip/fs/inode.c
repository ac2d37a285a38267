// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Files, the one folder they live in, and reading and writing through the
 * page cache.
 */
#include <stdlib.h>
#include <string.h>

#include <fs/inode.h>

static struct dirent root[16];

static struct dirent *free_dirent(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(root); i++) {
		if (!root[i].inode) {
			root[i].index = i;
			return &root[i];
		}
	}
	return NULL;
}

struct inode *inode_new(const char *name, const struct aspace_ops *ops,
			void *private)
{
	struct dirent *dirent = free_dirent();
	struct inode *inode;

	if (!dirent || strlen(name) >= NAME_LEN)
		return NULL;
	inode = calloc(1, sizeof(*inode));
	if (!inode)
		return NULL;
	mapping_init(&inode->mapping, ops, private);
	strcpy(dirent->name, name);
	dirent->inode = inode;
	inode->dirent = dirent;
	return inode;
}

void inode_drop(struct inode *inode)
{
	truncate_pages(&inode->mapping, 0);
	root[inode->dirent->index].inode = NULL;
	free(inode);
}

struct inode *inode_lookup(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(root); i++)
		if (root[i].inode && !strcmp(root[i].name, name))
			return root[i].inode;
	return NULL;
}

/* The bytes from @pos on that lie in one page, @len at most. */
static size_t page_part(u64 pos, size_t len)
{
	size_t room = PAGE_SIZE - (pos & ~PAGE_MASK);

	return len < room ? len : room;
}

long inode_read(struct inode *inode, u64 pos, void *buf, size_t len)
{
	size_t done = 0;

	if (pos >= inode->size)
		return 0;
	if (len > inode->size - pos)
		len = inode->size - pos;
	while (done < len) {
		struct page *page = read_page(&inode->mapping, pos >> PAGE_SHIFT);
		size_t part = page_part(pos, len - done);

		if (!page)
			return -EIO;
		memcpy((char *)buf + done,
		       (char *)page_address(page) + (pos & ~PAGE_MASK), part);
		done += part;
		pos += part;
	}
	return (long)done;
}

long inode_write(struct inode *inode, u64 pos, const void *buf, size_t len)
{
	size_t done = 0;

	while (done < len) {
		struct page *page = read_page(&inode->mapping, pos >> PAGE_SHIFT);
		size_t part = page_part(pos, len - done);

		if (!page)
			return -EIO;
		memcpy((char *)page_address(page) + (pos & ~PAGE_MASK),
		       (const char *)buf + done, part);
		page->flags |= PG_DIRTY;
		done += part;
		pos += part;
	}
	if (inode->size < pos)
		inode->size = pos;
	return (long)done;
}
