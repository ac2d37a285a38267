// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Guest memory maps, as far as all architectures are alike.
 */
#include <stdio.h>

#include <virt/gmap.h>

struct gmap *gmap_create(const struct gmap_ops *ops, gpa_t limit)
{
	struct gmap *gmap;

	if (!limit || limit & ~PAGE_MASK)
		return NULL;
	gmap = ops->create(limit);
	if (!gmap)
		return NULL;
	gmap->ops = ops;
	gmap->limit = limit;
	gmap->nr_pinned = 0;
	return gmap;
}

void gmap_destroy(struct gmap *gmap)
{
	if (gmap->nr_pinned)
		fprintf(stderr, "gmap %s: %u pages still pinned\n",
			gmap->ops->name, gmap->nr_pinned);
	gmap->ops->destroy(gmap);
}

/**
 * gmap_map_range - let a guest see host memory
 * @gmap: the guest's memory
 * @gpa: where the guest is to see it
 * @host: pages in a row
 * @len: bytes, whole pages
 * @prot: GMAP_READ and GMAP_WRITE
 *
 * Return: 0 or an error; after an error nothing of the range is mapped.
 */
int gmap_map_range(struct gmap *gmap, gpa_t gpa, void *host, u64 len,
		   unsigned int prot)
{
	u64 done;

	if ((gpa | len) & ~PAGE_MASK || len > gmap->limit || gpa > gmap->limit - len)
		return -EINVAL;
	for (done = 0; done < len; done += PAGE_SIZE) {
		int ret = gmap->ops->map(gmap, gpa + done, (char *)host + done,
					 prot);

		if (ret) {
			gmap_unmap_range(gmap, gpa, done);
			return ret;
		}
	}
	return 0;
}

int gmap_unmap_range(struct gmap *gmap, gpa_t gpa, u64 len)
{
	u64 done;
	int ret = 0;

	for (done = 0; done < len; done += PAGE_SIZE) {
		int err = gmap->ops->unmap(gmap, gpa + done);

		if (err && !ret)
			ret = err;
	}
	return ret;
}

/**
 * guest_page_get - get hold of a page of a guest
 * @gmap: the guest's memory
 * @gpa: an address in the page
 * @write: is the page to be written?
 *
 * Return: the page, which stays until guest_page_put(), or NULL when the
 * guest has none there or must not do this to it.
 */
struct page *guest_page_get(struct gmap *gmap, gpa_t gpa, bool write)
{
	unsigned int access = write ? GMAP_READ | GMAP_WRITE : GMAP_READ;
	struct page *page;
	void *host;

	if (gpa >= gmap->limit)
		return NULL;
	host = gmap->ops->lookup(gmap, gpa & PAGE_MASK, access);
	if (!host)
		return NULL;
	page = virt_to_page(host);
	page_get(page);
	if (write)
		page->flags |= PG_DIRTY;
	gmap->nr_pinned++;
	return page;
}

void guest_page_put(struct gmap *gmap, struct page *page)
{
	gmap->nr_pinned--;
	page_put(page);
}
