/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef _ASM_ONE_GMAP_H
#define _ASM_ONE_GMAP_H

#include <host/list.h>
#include <virt/gmap.h>

#define SEGMENT_SHIFT	(PAGE_SHIFT + 4)
#define SEGMENT_SIZE	BIT(SEGMENT_SHIFT)
#define SEGMENT_MASK	(~(SEGMENT_SIZE - 1))
#define NR_SEGMENTS	64
#define TABLE_ENTRIES	16

/**
 * struct one_pte - an entry of a guest page table
 * @host: the page, or NULL
 * @prot: GMAP_READ and GMAP_WRITE
 * @notify: somebody wants to hear when this goes away
 */
struct one_pte {
	void *host;
	unsigned int prot;
	bool notify;
};

/**
 * struct one_gmap - a guest memory map with two levels of tables
 * @gmap: the part that is common to all architectures
 * @segment: the page tables, one for each segment; NULL where there is none
 * @tables: the pages of these page tables, by page->lru
 * @children: the shadows of this map
 * @sibling: on the parent's @children
 * @parent: for a shadow, the map that it shadows
 * @origin: for a shadow, where in the parent its address 0 lies
 * @notifications: how many entries went away that somebody had an eye on
 */
struct one_gmap {
	struct gmap gmap;
	struct one_pte *segment[NR_SEGMENTS];
	struct list_head tables;
	struct list_head children;
	struct list_head sibling;
	struct one_gmap *parent;
	gpa_t origin;
	unsigned long notifications;
};

/**
 * struct one_table_info - what a page table is for
 * @gpa: the guest address of its first entry
 * @shadow: does it belong to a shadow?
 *
 * Stands at the end of the page, behind the entries.
 */
struct one_table_info {
	gpa_t gpa;
	bool shadow;
};

/* Of the page table in which the entry lies. */
static inline struct one_table_info *one_table_info(const struct one_pte *pte)
{
	uintptr_t page = (uintptr_t)pte & PAGE_MASK;

	return (struct one_table_info *)(page + PAGE_SIZE) - 1;
}

static inline struct one_gmap *to_one_gmap(struct gmap *gmap)
{
	return container_of(gmap, struct one_gmap, gmap);
}

/* arch/one/mm/pgtable.c */
struct one_pte *pte_offset(struct one_pte *table, gpa_t gpa);
bool pte_allows(const struct one_pte *pte, unsigned int access);
bool pte_set(struct one_pte *pte, void *host, unsigned int prot);
bool pte_clear(struct one_pte *pte);

/* arch/one/mm/gmap.c */
struct one_pte *one_gmap_walk(struct one_gmap *og, gpa_t gpa, bool alloc);
gpa_t one_gmap_pte_address(const struct one_pte *pte);
void one_table_free(struct one_gmap *og, struct page *page);

/* arch/one/kvm/gmap.c */
int one_gmap_watch(struct one_gmap *og, gpa_t gpa);
int one_gmap_fault(struct one_gmap *og, gpa_t gpa, unsigned int access);
unsigned long one_gmap_dirty_log(struct one_gmap *og, gpa_t gpa);

/* arch/one/kvm/gmap-shadow.c */
void one_gmap_notify(struct one_gmap *og, const struct one_pte *pte);
struct one_gmap *one_gmap_shadow(struct one_gmap *parent, gpa_t origin);
void one_gmap_unshadow(struct one_gmap *sg);
int one_gmap_shadow_fault(struct one_gmap *sg, gpa_t gpa);

#endif /* _ASM_ONE_GMAP_H */
