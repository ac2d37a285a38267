// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * What to do when a processor of architecture one comes back to the host.
 */
#include <asm/gmap.h>
#include <virt/vcpu.h>

/* The map that the processor runs on: a shadow while it runs a nested guest. */
static struct one_gmap *active_gmap(const struct vcpu *vcpu)
{
	return vcpu->shadow ? vcpu->shadow : to_one_gmap(vcpu->vm->gmap);
}

/**
 * one_vcpu_intercept - the processor could not access its memory
 * @vcpu: the processor
 * @gpa: what it accessed
 * @access: GMAP_READ and GMAP_WRITE
 *
 * Return: 0 when it can go on, else an error for the guest.
 */
int one_vcpu_intercept(struct vcpu *vcpu, gpa_t gpa, unsigned int access)
{
	vcpu->exits++;
	return one_gmap_fault(active_gmap(vcpu), gpa & PAGE_MASK, access);
}

/**
 * one_vcpu_fetch - the next instruction of a processor
 * @vcpu: the processor
 * @gpa: where it stands
 *
 * Return: eight bytes, 0 (an instruction that stops) when there are none.
 */
u64 one_vcpu_fetch(struct vcpu *vcpu, gpa_t gpa)
{
	struct one_gmap *og = active_gmap(vcpu);
	struct page *page;
	u64 insn;

	if (one_vcpu_intercept(vcpu, gpa, GMAP_READ))
		return 0;
	page = guest_page_get(&og->gmap, gpa, false);
	if (!page)
		return 0;
	insn = *(u64 *)((char *)page_address(page) + (gpa & ~PAGE_MASK & ~7UL));
	guest_page_put(&og->gmap, page);
	return insn;
}
