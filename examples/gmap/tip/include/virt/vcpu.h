/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef _VIRT_VCPU_H
#define _VIRT_VCPU_H

#include <virt/gmap.h>

#define MAX_MEMSLOTS	4
#define MAX_VCPUS	4

/**
 * struct memslot - a piece of guest memory
 * @base: where the guest sees it
 * @npages: its size; 0 for a slot that is not in use
 * @index: the number by which the owner of the machine knows it
 * @host: the host's pages, one after the other
 */
struct memslot {
	gpa_t base;
	u64 npages;
	unsigned int index;
	struct page *host[16];
};

/**
 * struct vcpu - a processor of a guest
 * @vm: its machine
 * @index: its number there
 * @exits: how often it came back to the host
 * @shadow: the guest's guest that it runs, in the terms of the architecture
 */
struct vcpu {
	struct vm *vm;
	unsigned int index;
	unsigned long exits;
	void *shadow;
};

struct vm {
	struct gmap *gmap;
	struct memslot slots[MAX_MEMSLOTS];
	struct vcpu vcpus[MAX_VCPUS];
	unsigned int nr_vcpus;
};

struct vm *vm_create(const struct gmap_ops *ops, gpa_t limit);
void vm_destroy(struct vm *vm);
struct vcpu *vm_add_vcpu(struct vm *vm);

int memslot_add(struct vm *vm, unsigned int index, gpa_t base, u64 npages);
int memslot_del(struct vm *vm, unsigned int index);
struct memslot *memslot_find(struct vm *vm, gpa_t gpa);

int vcpu_read(struct vcpu *vcpu, gpa_t gpa, void *buf, size_t len);
int vcpu_write(struct vcpu *vcpu, gpa_t gpa, const void *buf, size_t len);

/* arch/one/kvm */
int one_vcpu_intercept(struct vcpu *vcpu, gpa_t gpa, unsigned int access);
int one_vcpu_enter_nested(struct vcpu *vcpu, gpa_t origin);
void one_vcpu_leave_nested(struct vcpu *vcpu);
u64 one_vcpu_fetch(struct vcpu *vcpu, gpa_t gpa);
unsigned long one_vm_dirty_pages(struct vm *vm, gpa_t gpa);

/* arch/two/kvm */
int two_vcpu_store(struct vcpu *vcpu, gpa_t gpa, u64 value);

#endif /* _VIRT_VCPU_H */
