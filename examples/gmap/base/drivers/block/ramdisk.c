// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * A disk in memory, one sector a page.
 */
#include <string.h>

#include <drivers/drivers.h>

#define NR_SECTORS	16
#define SECTOR_BYTES	512

struct sector {
	u8 bytes[SECTOR_BYTES];
	unsigned int writes;
};

static struct sector disk[NR_SECTORS];

static struct sector *sector_of(const struct page *page)
{
	if (page->index >= ARRAY_SIZE(disk))
		return NULL;
	return &disk[page->index];
}

static int ramdisk_read_page(struct address_space *mapping __unused,
			     struct page *page)
{
	const struct sector *sector = sector_of(page);

	if (!sector)
		return -EIO;
	memcpy(page_address(page), sector->bytes, SECTOR_BYTES);
	return 0;
}

static int ramdisk_write_page(struct address_space *mapping __unused,
			      struct page *page)
{
	struct sector *sector = sector_of(page);

	if (!sector)
		return -EIO;
	memcpy(sector->bytes, page_address(page), SECTOR_BYTES);
	sector->writes++;
	return 0;
}

static const struct aspace_ops ramdisk_ops = {
	.read_page	= ramdisk_read_page,
	.write_page	= ramdisk_write_page,
};

int ramdisk_open(struct address_space *mapping)
{
	struct readahead ra = { .mapping = mapping, .index = 0, .count = 4 };

	mapping_init(mapping, &ramdisk_ops, disk);
	return readahead_run(&ra);
}

int ramdisk_flush(struct address_space *mapping)
{
	return writeback_pages(mapping);
}
