// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Guest memory maps: what a guest sees, what others hold, what is counted.
 */
#include <string.h>

#include "selftest.h"

#include <virt/gmap_stats.h>
#include <virt/vcpu.h>

static struct vm *machine(void)
{
	struct vm *vm = vm_create(&one_gmap_ops, 256 * PAGE_SIZE);

	CHECK(vm);
	CHECK(memslot_add(vm, 7, 30 * PAGE_SIZE, 4) == 0);
	return vm;
}

static void pinned_pages_outlive_their_slot(void)
{
	struct vm *vm = machine();
	struct page *page = gmap_pin_page(vm->gmap, 31 * PAGE_SIZE, true);

	CHECK(page && page->refcount == 2);
	CHECK(memslot_del(vm, 7) == 0);
	CHECK(page->refcount == 1);
	CHECK(!gmap_pin_page(vm->gmap, 31 * PAGE_SIZE, true));
	gmap_unpin_page(vm->gmap, page);
	vm_destroy(vm);
	CHECK(pages_in_use() == 0);
}

/* Slot and shadow both reach over the end of a segment. */
static void shadows_lose_what_the_guest_loses(void)
{
	const u64 insn = 0x1234;
	struct vm *vm = machine();
	struct vcpu *vcpu = vm_add_vcpu(vm);

	CHECK(vcpu_write(vcpu, 32 * PAGE_SIZE, &insn, sizeof(insn)) == 0);
	CHECK(one_vcpu_enter_nested(vcpu, 20 * PAGE_SIZE) == 0);
	CHECK(one_vcpu_fetch(vcpu, 12 * PAGE_SIZE) == insn);
	CHECK(one_vm_dirty_pages(vm, 32 * PAGE_SIZE) == BIT(0));
	CHECK(one_vcpu_fetch(vcpu, 9 * PAGE_SIZE) == 0);
	CHECK(memslot_del(vm, 7) == 0);
	CHECK(one_vcpu_fetch(vcpu, 12 * PAGE_SIZE) == 0);
	one_vcpu_leave_nested(vcpu);
	vm_destroy(vm);
	CHECK(pages_in_use() == 0);
}

#ifdef CONFIG_GMAP_STATS
static void every_pin_is_counted(void)
{
	char text[80];

	CHECK(gmap_stats_read(GMAP_PINNED) == gmap_stats_read(GMAP_UNPINNED));
	CHECK(gmap_stats_read(GMAP_MISSED) == 1);
	CHECK(gmap_stats_format(text, sizeof(text)) > 0);
	CHECK(strstr(text, "\nmissed 1\n"));
	CHECK(gmap_stats_format(text, 10) == -ENOSPC);
}
#endif

int main(void)
{
	pinned_pages_outlive_their_slot();
	shadows_lose_what_the_guest_loses();
#ifdef CONFIG_GMAP_STATS
	every_pin_is_counted();
#endif
	return 0;
}
