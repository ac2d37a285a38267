// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Machines and their processors.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <virt/vcpu.h>

struct vm *vm_create(const struct gmap_ops *ops, gpa_t limit)
{
	struct vm *vm = calloc(1, sizeof(*vm));

	if (!vm)
		return NULL;
	vm->gmap = gmap_create(ops, limit);
	if (!vm->gmap) {
		free(vm);
		return NULL;
	}
	return vm;
}

void vm_destroy(struct vm *vm)
{
	size_t i;

	for (i = 0; i < MAX_MEMSLOTS; i++)
		if (vm->slots[i].npages)
			memslot_del(vm, vm->slots[i].index);
	gmap_destroy(vm->gmap);
	free(vm);
}

struct vcpu *vm_add_vcpu(struct vm *vm)
{
	struct vcpu *vcpu;

	if (vm->nr_vcpus == MAX_VCPUS)
		return NULL;
	vcpu = &vm->vcpus[vm->nr_vcpus];
	vcpu->vm = vm;
	vcpu->index = vm->nr_vcpus++;
	return vcpu;
}

/* Within one page: guests do not access more than that in one go. */
static void *access_page(struct vcpu *vcpu, struct page *page, gpa_t gpa)
{
	vcpu->exits++;
#ifdef CONFIG_GUEST_DEBUG
	printf("vcpu %u: %#llx\n", vcpu->index, (unsigned long long)gpa);
#endif
	return (char *)page_address(page) + (gpa & ~PAGE_MASK);
}

int vcpu_read(struct vcpu *vcpu, gpa_t gpa, void *buf, size_t len)
{
	struct gmap *gmap = vcpu->vm->gmap;
	struct page *page = guest_page_get(gmap, gpa, false);

	if (!page)
		return -EFAULT;
	memcpy(buf, access_page(vcpu, page, gpa), len);
	guest_page_put(gmap, page);
	return 0;
}

int vcpu_write(struct vcpu *vcpu, gpa_t gpa, const void *buf, size_t len)
{
	struct gmap *gmap = vcpu->vm->gmap;
	struct page *page = guest_page_get(gmap, gpa, true);

	if (!page)
		return -EFAULT;
	memcpy(access_page(vcpu, page, gpa), buf, len);
	guest_page_put(gmap, page);
	return 0;
}
