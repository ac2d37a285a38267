/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef _FS_INODE_H
#define _FS_INODE_H

#include <mm/pagecache.h>

#define NAME_LEN	24

/**
 * struct dirent - a name in a folder
 * @name: what the file is called
 * @index: the place of the name in its folder
 * @inode: the file
 */
struct dirent {
	char name[NAME_LEN];
	unsigned int index;
	struct inode *inode;
};

struct inode {
	u64 size;
	struct address_space mapping;
	struct dirent *dirent;
};

struct inode *inode_new(const char *name, const struct aspace_ops *ops,
			void *private);
void inode_drop(struct inode *inode);
struct inode *inode_lookup(const char *name);

long inode_read(struct inode *inode, u64 pos, void *buf, size_t len);
long inode_write(struct inode *inode, u64 pos, const void *buf, size_t len);

struct inode *ramfs_create(const char *name);

struct inode *logfs_create(const char *name);
void logfs_truncate(struct inode *inode, u64 size);
int logfs_sync(struct inode *inode);

#endif /* _FS_INODE_H */
