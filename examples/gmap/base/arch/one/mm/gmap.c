// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Guest memory maps of architecture one.
 *
 * A map has a page table for each segment in which the guest has memory. A
 * guest that runs guests of its own has shadows beside: maps that are filled
 * from the parent's when the nested guest faults, and that lose what the
 * parent loses.
 */
#include <stdlib.h>

#include <asm/gmap.h>

static void one_gmap_notify(struct one_gmap *og, const struct one_pte *pte);

/* Gets a page table for the segment of @gpa. */
static struct page *one_table_alloc(struct one_gmap *og, gpa_t gpa)
{
	struct page *page = page_alloc(ALLOC_ZERO | ALLOC_TABLE);

	if (!page)
		return NULL;
	page->index = gpa & SEGMENT_MASK;
	if (og->parent)
		page->index |= TABLE_IS_SHADOW;
	list_add_tail(&page->lru, &og->tables);
	og->segment[gpa >> SEGMENT_SHIFT] = page_address(page);
	return page;
}

/* Gives a page table back; its entries are gone already. */
static void one_table_free(struct one_gmap *og, struct page *page)
{
	gpa_t gpa = page->index & SEGMENT_MASK;

	og->segment[gpa >> SEGMENT_SHIFT] = NULL;
	page->index = 0;
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
	const struct page *page = virt_to_page(pte);
	const struct one_pte *table = page_address(page);

	return (page->index & SEGMENT_MASK) +
	       ((gpa_t)(pte - table) << PAGE_SHIFT);
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

/**
 * one_gmap_watch - ask to hear when a page goes away
 * @og: the map
 * @gpa: an address in the page
 *
 * Return: 0, or -EFAULT when the guest has nothing there.
 */
int one_gmap_watch(struct one_gmap *og, gpa_t gpa)
{
	struct one_pte *pte = one_gmap_walk(og, gpa, false);

	if (!pte || !pte->host)
		return -EFAULT;
	pte->notify = true;
	return 0;
}

/**
 * one_gmap_fault - try to make an access possible
 * @og: the map
 * @gpa: what was accessed
 * @access: GMAP_READ and GMAP_WRITE
 *
 * Return: 0 when the access can be tried again, -EFAULT when the guest has
 * nothing there, -EACCES when it must not do this.
 */
int one_gmap_fault(struct one_gmap *og, gpa_t gpa, unsigned int access)
{
	const struct one_pte *pte;

	if (og->parent && one_gmap_shadow_fault(og, gpa))
		return -EFAULT;
	pte = one_gmap_walk(og, gpa, false);
	if (!pte || !pte->host)
		return -EFAULT;
	return pte_allows(pte, access) ? 0 : -EACCES;
}

/**
 * one_gmap_dirty_log - which pages of a segment were written?
 * @og: the map
 * @gpa: an address in the segment
 *
 * The pages are clean from then on. Those of which a shadow has a copy count as
 * written for as long as the shadow may write to them.
 *
 * Return: a bit for each page, the lowest for the first.
 */
unsigned long one_gmap_dirty_log(struct one_gmap *og, gpa_t gpa)
{
	unsigned long dirty = 0;
	size_t i;

	for (i = 0; i < TABLE_ENTRIES; i++) {
		gpa_t at = (gpa & SEGMENT_MASK) + (i << PAGE_SHIFT);
		const struct one_pte *pte = one_gmap_walk(og, at, false);
		struct page *page;

		if (!pte || !pte->host)
			continue;
		page = virt_to_page(pte->host);
		if (page->flags & PG_DIRTY ||
		    (pte->notify && pte_allows(pte, GMAP_WRITE)))
			dirty |= BIT(i);
		page->flags &= ~PG_DIRTY;
	}
	return dirty;
}

static bool one_shadow_has(const struct one_gmap *sg, gpa_t gpa)
{
	return gpa >= sg->origin && gpa - sg->origin < sg->gmap.limit;
}

/* Takes a page away from a shadow, and with the last one the page table. */
static void one_shadow_zap(struct one_gmap *sg, gpa_t gpa)
{
	struct one_pte *pte = one_gmap_walk(sg, gpa, false);
	struct one_pte *table;
	struct page *page;
	size_t i;

	if (!pte || !pte->host)
		return;
	pte_clear(pte);
	page = virt_to_page(pte);
	table = page_address(page);
	for (i = 0; i < TABLE_ENTRIES; i++)
		if (table[i].host)
			return;
	if (page->index & TABLE_IS_SHADOW)
		one_table_free(sg, page);
}

/* An entry changed on which somebody has an eye: the shadows lose the page. */
static void one_gmap_notify(struct one_gmap *og, const struct one_pte *pte)
{
	gpa_t gpa = one_gmap_pte_address(pte);
	struct one_gmap *sg;

	og->notifications++;
	list_for_each_entry(sg, &og->children, struct one_gmap, sibling)
		if (one_shadow_has(sg, gpa))
			one_shadow_zap(sg, gpa - sg->origin);
}

/* Looks for a shadow that was made before. */
static struct one_gmap *one_shadow_find(struct one_gmap *parent, gpa_t origin)
{
	struct one_gmap *sg;

	list_for_each_entry(sg, &parent->children, struct one_gmap, sibling)
		if (sg->origin == origin)
			return sg;
	return NULL;
}

/**
 * one_gmap_shadow - get a shadow for a guest's guest
 * @parent: the guest's map
 * @origin: where in the guest the memory of its guest begins
 *
 * Return: the shadow, maybe one that was there already, or NULL.
 */
struct one_gmap *one_gmap_shadow(struct one_gmap *parent, gpa_t origin)
{
	struct one_gmap *sg = one_shadow_find(parent, origin);
	struct gmap *gmap;

	if (sg)
		return sg;
	if (parent->parent || origin >= parent->gmap.limit)
		return NULL;
	gmap = gmap_create(&one_gmap_ops, parent->gmap.limit - origin);
	if (!gmap)
		return NULL;
	sg = to_one_gmap(gmap);
	sg->parent = parent;
	sg->origin = origin;
	list_add_tail(&sg->sibling, &parent->children);
	return sg;
}

void one_gmap_unshadow(struct one_gmap *sg)
{
	list_del(&sg->sibling);
	gmap_destroy(&sg->gmap);
}

/**
 * one_gmap_shadow_fault - fill a shadow from its parent
 * @sg: the shadow
 * @gpa: what the nested guest accessed
 *
 * The parent's entry is watched from then on.
 *
 * Return: 0 or an error.
 */
int one_gmap_shadow_fault(struct one_gmap *sg, gpa_t gpa)
{
	struct one_pte *from = one_gmap_walk(sg->parent, sg->origin + gpa, false);
	struct one_pte *to;

	if (!from || !from->host)
		return -EFAULT;
	to = one_gmap_walk(sg, gpa, true);
	if (!to)
		return -ENOMEM;
	pte_set(to, from->host, from->prot);
	return one_gmap_watch(sg->parent, sg->origin + gpa);
}
