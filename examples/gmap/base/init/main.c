// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Starts a guest of each architecture, lets it say a word, and stops it.
 */
#include <stdio.h>
#include <string.h>

#include <virt/vcpu.h>

static const struct gmap_ops *const architectures[] = {
#ifdef CONFIG_ARCH_ONE
	&one_gmap_ops,
#endif
#ifdef CONFIG_ARCH_TWO
	&two_gmap_ops,
#endif
#ifdef CONFIG_ARCH_THREE
	&three_gmap_ops,
#endif
};

/* The word is written by one processor and read by another. */
static int run_guest(const struct gmap_ops *ops)
{
	static const char word[] = "hello";
	struct vm *vm = vm_create(ops, 64 * PAGE_SIZE);
	struct vcpu *writer, *reader;
	struct page *page;
	char heard[sizeof(word)] = "";

	if (!vm || memslot_add(vm, 0, 4 * PAGE_SIZE, 8))
		return 1;
	writer = vm_add_vcpu(vm);
	reader = vm_add_vcpu(vm);
	if (vcpu_write(writer, 5 * PAGE_SIZE + 100, word, sizeof(word)) ||
	    vcpu_read(reader, 5 * PAGE_SIZE + 100, heard, sizeof(heard)))
		return 1;
	page = guest_page_get(vm->gmap, 5 * PAGE_SIZE, false);
	if (!page)
		return 1;
	printf("%s: vcpu %u says %s, page is %s\n", ops->name, writer->index,
	       heard, page->flags & PG_DIRTY ? "dirty" : "clean");
	guest_page_put(vm->gmap, page);
	vm_destroy(vm);
	return strcmp(word, heard) != 0;
}

int main(void)
{
	size_t i;
	int failed = 0;

	for (i = 0; i < ARRAY_SIZE(architectures); i++)
		failed |= run_guest(architectures[i]);
	if (pages_in_use()) {
		fprintf(stderr, "%lu pages were lost\n", pages_in_use());
		failed = 1;
	}
	return failed;
}
