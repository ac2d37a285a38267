// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Guest memory maps of architecture one.
 *
 * A map has a page table for each segment in which the guest has memory. What
 * only running guests need is in arch/one/kvm/.
 */
#include <stdlib.h>

#include <asm/gmap.h>

/* Gets a page table for the segment of @gpa. */
static struct page *one_table_alloc(struct one_gmap *og, gpa_t gpa)
{
	struct page *page = page_alloc(ALLOC_ZERO | ALLOC_TABLE);
	struct one_table_info *info;

	if (!page)
		return NULL;
	info = one_table_info(page_address(page));
	info->gpa = gpa & SEGMENT_MASK;
	info->shadow = og->parent;
	list_add_tail(&page->lru, &og->tables);
	og->segment[gpa >> SEGMENT_SHIFT] = page_address(page);
	return page;
}

/* Gives a page table back; its entries are gone already. */
void one_table_free(struct one_gmap *og, struct page *page)
{
	gpa_t gpa = one_table_info(page_address(page))->gpa;

	og->segment[gpa >> SEGMENT_SHIFT] = NULL;
	list_del(&page->lru);
	page_put(page);
}

/**
 * one_gmap_walk - find the entry of a guest address
 * @og: the map
 * @gpa: the address
 * @alloc: make the page table if there is none
 *
 * Return: the entry, or NULL.
 */
struct one_pte *one_gmap_walk(struct one_gmap *og, gpa_t gpa, bool alloc)
{
	struct one_pte *table;

	if (gpa >= (gpa_t)NR_SEGMENTS << SEGMENT_SHIFT)
		return NULL;
	table = og->segment[gpa >> SEGMENT_SHIFT];
	if (!table && alloc) {
		struct page *page = one_table_alloc(og, gpa);

		table = page ? page_address(page) : NULL;
	}
	return table ? pte_offset(table, gpa) : NULL;
}

/* The guest address that an entry translates. */
gpa_t one_gmap_pte_address(const struct one_pte *pte)
{
	const struct one_pte *table = page_address(virt_to_page(pte));

	return one_table_info(pte)->gpa + ((gpa_t)(pte - table) << PAGE_SHIFT);
}

static struct gmap *one_gmap_create(gpa_t limit)
{
	struct one_gmap *og;

	if (limit > (gpa_t)NR_SEGMENTS << SEGMENT_SHIFT)
		return NULL;
	og = calloc(1, sizeof(*og));
	if (!og)
		return NULL;
	list_init(&og->tables);
	list_init(&og->children);
	list_init(&og->sibling);
	return &og->gmap;
}

static void one_gmap_destroy(struct gmap *gmap)
{
	struct one_gmap *og = to_one_gmap(gmap);
	struct one_gmap *sg, *next;
	struct page *page, *tmp;

	list_for_each_entry_safe(sg, next, &og->children, struct one_gmap, sibling)
		one_gmap_unshadow(sg);
	list_for_each_entry_safe(page, tmp, &og->tables, struct page, lru)
		one_table_free(og, page);
	free(og);
}

static int one_gmap_map(struct gmap *gmap, gpa_t gpa, void *host,
			unsigned int prot)
{
	struct one_gmap *og = to_one_gmap(gmap);
	struct one_pte *pte = one_gmap_walk(og, gpa, true);

	if (!pte)
		return -ENOMEM;
	if (pte->host)
		return -EEXIST;
	if (pte_set(pte, host, prot))
		one_gmap_notify(og, pte);
	return 0;
}

static int one_gmap_unmap(struct gmap *gmap, gpa_t gpa)
{
	struct one_gmap *og = to_one_gmap(gmap);
	struct one_pte *pte = one_gmap_walk(og, gpa, false);

	if (!pte || !pte->host)
		return -ENOENT;
	if (pte_clear(pte))
		one_gmap_notify(og, pte);
	return 0;
}

static void *one_gmap_lookup(struct gmap *gmap, gpa_t gpa, unsigned int access)
{
	struct one_gmap *og = to_one_gmap(gmap);
	const struct one_pte *pte = one_gmap_walk(og, gpa, false);

	return pte && pte_allows(pte, access) ? pte->host : NULL;
}

const struct gmap_ops one_gmap_ops = {
	.name		= "one",
	.create		= one_gmap_create,
	.destroy	= one_gmap_destroy,
	.map		= one_gmap_map,
	.unmap		= one_gmap_unmap,
	.lookup		= one_gmap_lookup,
};
