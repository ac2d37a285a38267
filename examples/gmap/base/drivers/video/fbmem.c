// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * A frame buffer in page cache memory. One page is one tile of 64 x 64 dots.
 * Dirty tiles are collected and handed to the screen later.
 */
#include <drivers/drivers.h>

#define TILE_DOTS	64
#define TILES_A_ROW	4
#define MAX_TILES	16

struct tile {
	struct page *page;
	unsigned long index;
	bool queued;
};

static struct {
	struct address_space *mapping;
	struct tile tiles[MAX_TILES];
	unsigned long nr_tiles;
} fb;

int fb_map(struct address_space *mapping, unsigned long nr_pages)
{
	unsigned long i;

	if (fb.mapping)
		return -EBUSY;
	if (nr_pages > MAX_TILES)
		return -EINVAL;
	for (i = 0; i < nr_pages; i++) {
		struct page *page = read_page(mapping, i);

		if (!page)
			return -ENOMEM;
		page_get(page);
		fb.tiles[i] = (struct tile){ .page = page, .index = page->index };
	}
	fb.mapping = mapping;
	fb.nr_tiles = nr_pages;
	return 0;
}

int fb_draw(unsigned int x, unsigned int y, u8 colour)
{
	unsigned long nr = y / TILE_DOTS * TILES_A_ROW + x / TILE_DOTS;
	struct tile *tile = &fb.tiles[nr];
	u8 *dots;

	if (nr >= fb.nr_tiles)
		return -EINVAL;
	dots = page_address(tile->page);
	dots[y % TILE_DOTS * TILE_DOTS + x % TILE_DOTS] = colour;
	tile->queued = true;
	return 0;
}

/* Has the page lost its place since the tile was made? */
static bool tile_is_stale(const struct tile *tile)
{
	return tile->page->mapping != fb.mapping ||
	       tile->page->index != tile->index;
}

/**
 * fb_deferred_io - hand the dirty tiles to the screen
 * @flush: is given the number of a tile and its dots
 *
 * Return: how many tiles there were, or -ESTALE.
 */
int fb_deferred_io(void (*flush)(unsigned long tile, const void *bytes))
{
	unsigned long i;
	int count = 0;

	for (i = 0; i < fb.nr_tiles; i++) {
		struct tile *tile = &fb.tiles[i];

		if (!tile->queued)
			continue;
		if (tile_is_stale(tile))
			return -ESTALE;
		flush(tile->page->index, page_address(tile->page));
		tile->queued = false;
		count++;
	}
	return count;
}

void fb_unmap(void)
{
	while (fb.nr_tiles)
		page_put(fb.tiles[--fb.nr_tiles].page);
	fb.mapping = NULL;
}
