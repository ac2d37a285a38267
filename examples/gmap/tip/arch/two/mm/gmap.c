// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Guest memory maps of architecture two: a hash of buckets. A bucket is a list
 * of pages full of entries. How many entries of a page are in use is kept in
 * page->__folio_index.
 */
#include <stdlib.h>

#include <asm/gmap.h>

static struct two_gmap *to_two_gmap(struct gmap *gmap)
{
	return container_of(gmap, struct two_gmap, gmap);
}

static struct list_head *bucket_of(struct two_gmap *tg, gpa_t gpa)
{
	return &tg->bucket[(gpa >> PAGE_SHIFT) % HASH_BUCKETS];
}

static struct two_entry *find_entry(struct two_gmap *tg, gpa_t gpa)
{
	struct page *page;
	unsigned long i;

	list_for_each_entry(page, bucket_of(tg, gpa), struct page, lru) {
		struct two_entry *entries = page_address(page);

		for (i = 0; i < page->__folio_index; i++)
			if (entries[i].gpa == gpa)
				return &entries[i];
	}
	return NULL;
}

static struct two_entry *new_entry(struct two_gmap *tg, gpa_t gpa)
{
	struct list_head *bucket = bucket_of(tg, gpa);
	struct page *page;

	if (list_empty(bucket) ||
	    list_first_entry(bucket, struct page, lru)->__folio_index == BUCKET_ENTRIES) {
		page = page_alloc(ALLOC_TABLE);
		if (!page)
			return NULL;
		/* in front, where the next one looks for room */
		list_add_tail(&page->lru, bucket->next);
	}
	page = list_first_entry(bucket, struct page, lru);
	return (struct two_entry *)page_address(page) + page->__folio_index++;
}

static struct gmap *two_gmap_create(gpa_t limit __unused)
{
	struct two_gmap *tg = calloc(1, sizeof(*tg));
	size_t i;

	if (!tg)
		return NULL;
	for (i = 0; i < HASH_BUCKETS; i++)
		list_init(&tg->bucket[i]);
	return &tg->gmap;
}

static void two_gmap_destroy(struct gmap *gmap)
{
	struct two_gmap *tg = to_two_gmap(gmap);
	struct page *page, *tmp;
	size_t i;

	for (i = 0; i < HASH_BUCKETS; i++)
		list_for_each_entry_safe(page, tmp, &tg->bucket[i],
					 struct page, lru)
			page_put(page);
	free(tg);
}

static int two_gmap_map(struct gmap *gmap, gpa_t gpa, void *host,
			unsigned int prot)
{
	struct two_gmap *tg = to_two_gmap(gmap);
	struct two_entry *entry;

	if (find_entry(tg, gpa))
		return -EEXIST;
	entry = new_entry(tg, gpa);
	if (!entry)
		return -ENOMEM;
	*entry = (struct two_entry){ .gpa = gpa, .host = host, .prot = prot };
	return 0;
}

/* The last entry of the page moves into the gap. */
static int two_gmap_unmap(struct gmap *gmap, gpa_t gpa)
{
	struct two_entry *entry = find_entry(to_two_gmap(gmap), gpa);
	struct two_entry *entries;
	struct page *page;

	if (!entry)
		return -ENOENT;
	page = virt_to_page(entry);
	entries = page_address(page);
	*entry = entries[--page->__folio_index];
	if (!page->__folio_index)
		page_put(page);
	return 0;
}

static void *two_gmap_lookup(struct gmap *gmap, gpa_t gpa, unsigned int access)
{
	const struct two_entry *entry = find_entry(to_two_gmap(gmap), gpa);

	if (!entry || (entry->prot & access) != access)
		return NULL;
	return entry->host;
}

const struct gmap_ops two_gmap_ops = {
	.name		= "two",
	.create		= two_gmap_create,
	.destroy	= two_gmap_destroy,
	.map		= two_gmap_map,
	.unmap		= two_gmap_unmap,
	.lookup		= two_gmap_lookup,
};
