// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Shadows: the memory maps of a guest's guests. They are filled from the
 * parent's map when the nested guest faults, and lose what the parent loses.
 */
#include <asm/gmap.h>

static bool one_shadow_has(const struct one_gmap *sg, gpa_t gpa)
{
	return gpa >= sg->origin && gpa - sg->origin < sg->gmap.limit;
}

/* Takes a page away from a shadow, and with the last one the page table. */
static void one_shadow_zap(struct one_gmap *sg, gpa_t gpa)
{
	struct one_pte *pte = one_gmap_walk(sg, gpa, false);
	struct one_pte *table;
	size_t i;

	if (!pte || !pte->host)
		return;
	pte_clear(pte);
	table = page_address(virt_to_page(pte));
	for (i = 0; i < TABLE_ENTRIES; i++)
		if (table[i].host)
			return;
	if (one_table_info(table)->shadow)
		one_table_free(sg, virt_to_page(table));
}

/* An entry changed on which somebody has an eye: the shadows lose the page. */
void one_gmap_notify(struct one_gmap *og, const struct one_pte *pte)
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
