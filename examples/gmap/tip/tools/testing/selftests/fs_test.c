// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Files.
 */
#include <string.h>

#include "selftest.h"

#include <fs/inode.h>

static void ramfs_fills_what_was_never_written(void)
{
	struct inode *inode = ramfs_create("holes");
	unsigned char byte = 0;

	CHECK(inode && inode_lookup("holes") == inode);
	CHECK(inode_write(inode, 3 * PAGE_SIZE, "x", 1) == 1);
	CHECK(inode_read(inode, 2 * PAGE_SIZE, &byte, 1) == 1);
	CHECK(byte == 0xa2);
	CHECK(writeback_pages(&inode->mapping) == 1);
	inode_drop(inode);
	CHECK(!inode_lookup("holes"));
}

#ifdef CONFIG_LOGFS
static void logfs_keeps_what_was_synced(void)
{
	struct inode *inode = logfs_create("log");
	char word[6] = "";

	CHECK(inode);
	CHECK(inode_write(inode, 0, "first", 6) == 6);
	CHECK(inode_write(inode, 2 * PAGE_SIZE, "third", 6) == 6);
	CHECK(logfs_sync(inode) == 2);
	truncate_pages(&inode->mapping, 0);
	CHECK(inode_read(inode, 2 * PAGE_SIZE, word, 6) == 6);
	CHECK(!strcmp(word, "third"));
	logfs_truncate(inode, PAGE_SIZE);
	CHECK(inode->size == PAGE_SIZE);
	inode_drop(inode);
}

static void logfs_forgets_what_was_cut_off(void)
{
	struct inode *inode = logfs_create("log");
	char word[6] = "";

	CHECK(inode_write(inode, PAGE_SIZE, "stale", 6) == 6);
	CHECK(logfs_sync(inode) == 1);
	logfs_truncate(inode, PAGE_SIZE);
	CHECK(inode_write(inode, PAGE_SIZE + 100, "x", 1) == 1);
	CHECK(inode_read(inode, PAGE_SIZE, word, 6) == 6);
	CHECK(word[0] == 0);
	inode_drop(inode);
}
#endif

int main(void)
{
	ramfs_fills_what_was_never_written();
#ifdef CONFIG_LOGFS
	logfs_keeps_what_was_synced();
	logfs_forgets_what_was_cut_off();
#endif
	return 0;
}
