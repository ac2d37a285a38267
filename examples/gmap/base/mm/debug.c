// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * For the day when a page is not what it should be.
 */
#include <stdio.h>

#include <mm/page.h>

static const struct {
	unsigned long mask;
	const char *name;
} flag_names[] = {
	{ PG_DIRTY,	"dirty" },
	{ PG_UPTODATE,	"uptodate" },
	{ PG_TABLE,	"table" },
};

void dump_page(const struct page *page, const char *why)
{
	size_t i;

	fprintf(stderr, "page:%p refcount:%d mapping:%p index:%#lx",
		(const void *)page, page->refcount,
		(void *)page->mapping, page->index);
	for (i = 0; i < ARRAY_SIZE(flag_names); i++)
		if (page->flags & flag_names[i].mask)
			fprintf(stderr, " %s", flag_names[i].name);
	fprintf(stderr, "\npage dumped because: %s\n", why);
}
