// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * What running guests want of their memory maps.
 */
#include <asm/gmap.h>

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
