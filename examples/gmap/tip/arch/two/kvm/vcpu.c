// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Processors of architecture two: stores that the hardware cannot do itself.
 */
#include <virt/vcpu.h>

/**
 * two_vcpu_store - store a word for a processor
 * @vcpu: the processor
 * @gpa: where to, a multiple of eight
 * @value: the word
 *
 * Return: 0, -EINVAL for a crooked address, -EFAULT when the guest has no
 * memory there.
 */
int two_vcpu_store(struct vcpu *vcpu, gpa_t gpa, u64 value)
{
	struct gmap *gmap = vcpu->vm->gmap;
	struct page *page;

	if (gpa % sizeof(value))
		return -EINVAL;
	page = gmap_pin_page(gmap, gpa, true);
	if (!page)
		return -EFAULT;
	*(u64 *)((char *)page_address(page) + (gpa & ~PAGE_MASK)) = value;
	gmap_unpin_page(gmap, page);
	vcpu->exits++;
	return 0;
}
