// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Processors of architecture one that run guests of a guest.
 */
#include <asm/gmap.h>
#include <virt/vcpu.h>

/**
 * one_vcpu_enter_nested - let a processor run a guest of its guest
 * @vcpu: the processor
 * @origin: where in the guest the memory of its guest begins
 *
 * Return: 0, -EBUSY when it runs one already, -ENOMEM.
 */
int one_vcpu_enter_nested(struct vcpu *vcpu, gpa_t origin)
{
	struct one_gmap *sg;

	if (vcpu->shadow)
		return -EBUSY;
	sg = one_gmap_shadow(to_one_gmap(vcpu->vm->gmap), origin);
	if (!sg)
		return -ENOMEM;
	vcpu->shadow = sg;
	return 0;
}

/* The shadow stays: the next time it is faster. */
void one_vcpu_leave_nested(struct vcpu *vcpu)
{
	vcpu->shadow = NULL;
}

/* The pages of a segment that the guest wrote to since the last call. */
unsigned long one_vm_dirty_pages(struct vm *vm, gpa_t gpa)
{
	return one_gmap_dirty_log(to_one_gmap(vm->gmap), gpa);
}
