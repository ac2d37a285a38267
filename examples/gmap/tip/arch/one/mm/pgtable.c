// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Entries of guest page tables.
 */
#include <asm/gmap.h>

struct one_pte *pte_offset(struct one_pte *table, gpa_t gpa)
{
	return &table[(gpa & ~SEGMENT_MASK) >> PAGE_SHIFT];
}

bool pte_allows(const struct one_pte *pte, unsigned int access)
{
	return pte->host && (pte->prot & access) == access;
}

/* Returns true when somebody wants to hear of the change. */
bool pte_set(struct one_pte *pte, void *host, unsigned int prot)
{
	bool notify = pte->notify && (pte->host != host || pte->prot != prot);

	*pte = (struct one_pte){ .host = host, .prot = prot };
	return notify;
}

/* Returns true when somebody wants to hear of it. */
bool pte_clear(struct one_pte *pte)
{
	bool notify = pte->notify;

	*pte = (struct one_pte){ .host = NULL };
	return notify;
}
