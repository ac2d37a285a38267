// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Guest memory maps of architecture three: windows. Pages that follow each
 * other in the guest and in the host share one.
 */
#include <stdlib.h>

#include <asm/gmap.h>

static struct three_gmap *to_three_gmap(struct gmap *gmap)
{
	return container_of(gmap, struct three_gmap, gmap);
}

static struct window *find_window(struct three_gmap *tg, gpa_t gpa)
{
	size_t i;

	for (i = 0; i < NR_WINDOWS; i++) {
		struct window *window = &tg->windows[i];

		if (gpa >= window->base &&
		    gpa - window->base < window->npages << PAGE_SHIFT)
			return window;
	}
	return NULL;
}

static struct window *free_window(struct three_gmap *tg)
{
	unsigned int i;

	for (i = 0; i < NR_WINDOWS; i++) {
		if (!tg->windows[i].npages) {
			tg->windows[i].index = i;
			return &tg->windows[i];
		}
	}
	return NULL;
}

static struct gmap *three_gmap_create(gpa_t limit __unused)
{
	struct three_gmap *tg = calloc(1, sizeof(*tg));

	return tg ? &tg->gmap : NULL;
}

static void three_gmap_destroy(struct gmap *gmap)
{
	free(to_three_gmap(gmap));
}

/* Does the page lie right behind the window, on both sides? */
static bool extends(const struct window *window, gpa_t gpa, const char *host,
		    unsigned int prot)
{
	u64 size = (u64)window->npages << PAGE_SHIFT;

	return window->npages && window->prot == prot &&
	       gpa == window->base + size && host == window->host + size;
}

static int three_gmap_map(struct gmap *gmap, gpa_t gpa, void *host,
			  unsigned int prot)
{
	struct three_gmap *tg = to_three_gmap(gmap);
	struct window *window;
	size_t i;

	if (find_window(tg, gpa))
		return -EEXIST;
	for (i = 0; i < NR_WINDOWS; i++) {
		if (extends(&tg->windows[i], gpa, host, prot)) {
			tg->windows[i].npages++;
			return 0;
		}
	}
	window = free_window(tg);
	if (!window)
		return -ENOSPC;
	*window = (struct window){
		.base = gpa,
		.host = host,
		.npages = 1,
		.prot = prot,
		.index = window->index,
	};
	return 0;
}

/* A gap in the middle of a window makes two of it. */
static int three_gmap_unmap(struct gmap *gmap, gpa_t gpa)
{
	struct three_gmap *tg = to_three_gmap(gmap);
	struct window *window = find_window(tg, gpa);
	unsigned long before, after;

	if (!window)
		return -ENOENT;
	before = (gpa - window->base) >> PAGE_SHIFT;
	after = window->npages - before - 1;
	if (before && after) {
		struct window *rest = free_window(tg);

		if (!rest)
			return -ENOSPC;
		rest->base = gpa + PAGE_SIZE;
		rest->host = window->host + ((before + 1) << PAGE_SHIFT);
		rest->npages = after;
		rest->prot = window->prot;
		window->npages = before;
	} else if (before) {
		window->npages = before;
	} else {
		window->base += PAGE_SIZE;
		window->host += PAGE_SIZE;
		window->npages = after;
	}
	return 0;
}

static void *three_gmap_lookup(struct gmap *gmap, gpa_t gpa,
			       unsigned int access)
{
	const struct window *window = find_window(to_three_gmap(gmap), gpa);

	if (!window || (window->prot & access) != access)
		return NULL;
	return window->host + (gpa - window->base);
}

const struct gmap_ops three_gmap_ops = {
	.name		= "three",
	.create		= three_gmap_create,
	.destroy	= three_gmap_destroy,
	.map		= three_gmap_map,
	.unmap		= three_gmap_unmap,
	.lookup		= three_gmap_lookup,
};
