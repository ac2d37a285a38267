// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * The pieces of memory that a machine is given.
 */
#include <virt/vcpu.h>

static struct memslot *slot_by_index(struct vm *vm, unsigned int index)
{
	size_t i;

	for (i = 0; i < MAX_MEMSLOTS; i++)
		if (vm->slots[i].npages && vm->slots[i].index == index)
			return &vm->slots[i];
	return NULL;
}

static struct memslot *free_slot(struct vm *vm)
{
	size_t i;

	for (i = 0; i < MAX_MEMSLOTS; i++)
		if (!vm->slots[i].npages)
			return &vm->slots[i];
	return NULL;
}

struct memslot *memslot_find(struct vm *vm, gpa_t gpa)
{
	size_t i;

	for (i = 0; i < MAX_MEMSLOTS; i++) {
		struct memslot *slot = &vm->slots[i];

		if (gpa >= slot->base &&
		    gpa - slot->base < slot->npages << PAGE_SHIFT)
			return slot;
	}
	return NULL;
}

static void slot_release(struct vm *vm, struct memslot *slot, u64 npages)
{
	while (npages--) {
		gmap_unmap_range(vm->gmap, slot->base + (npages << PAGE_SHIFT),
				 PAGE_SIZE);
		page_put(slot->host[npages]);
	}
	slot->npages = 0;
}

/**
 * memslot_add - give a machine memory
 * @vm: the machine
 * @index: a number to remember it by
 * @base: where the guest is to see it
 * @npages: how much
 *
 * Return: 0 or an error.
 */
int memslot_add(struct vm *vm, unsigned int index, gpa_t base, u64 npages)
{
	struct memslot *slot = free_slot(vm);
	u64 i;

	if (!slot || slot_by_index(vm, index))
		return -EEXIST;
	if (!npages || npages > ARRAY_SIZE(slot->host))
		return -EINVAL;
	slot->base = base;
	slot->index = index;
	for (i = 0; i < npages; i++) {
		struct page *page = page_alloc(ALLOC_ZERO);
		int ret = -ENOMEM;

		if (page)
			ret = gmap_map_range(vm->gmap, base + (i << PAGE_SHIFT),
					     page_address(page), PAGE_SIZE,
					     GMAP_READ | GMAP_WRITE);
		if (ret) {
			if (page)
				page_put(page);
			slot_release(vm, slot, i);
			return ret;
		}
		slot->host[i] = page;
	}
	slot->npages = npages;
	return 0;
}

int memslot_del(struct vm *vm, unsigned int index)
{
	struct memslot *slot = slot_by_index(vm, index);

	if (!slot)
		return -ENOENT;
	slot_release(vm, slot, slot->npages);
	return 0;
}
