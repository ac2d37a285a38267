/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef _HOST_LIST_H
#define _HOST_LIST_H

#include <host/types.h>

/*
 * A ring of entries that hangs off a head. The head is no entry: a list
 * whose head points at itself is empty.
 */
struct list_head {
	struct list_head *next;
	struct list_head *prev;
};

#define LIST_HEAD(name) struct list_head name = { &(name), &(name) }

static inline void list_init(struct list_head *head)
{
	head->next = head;
	head->prev = head;
}

static inline bool list_empty(const struct list_head *head)
{
	return head->next == head;
}

static inline void list_add_tail(struct list_head *entry, struct list_head *head)
{
	entry->prev = head->prev;
	entry->next = head;
	head->prev->next = entry;
	head->prev = entry;
}

/* Takes the entry off its list; doing so twice does no harm. */
static inline void list_del(struct list_head *entry)
{
	entry->prev->next = entry->next;
	entry->next->prev = entry->prev;
	list_init(entry);
}

#define list_entry(ptr, type, member) container_of(ptr, type, member)

#define list_first_entry(head, type, member) \
	list_entry((head)->next, type, member)

#define list_for_each_entry(pos, head, type, member)			\
	for (pos = list_first_entry(head, type, member);		\
	     &pos->member != (head);					\
	     pos = list_entry(pos->member.next, type, member))

/* The entry at hand may be taken off the list inside the loop. */
#define list_for_each_entry_safe(pos, tmp, head, type, member)		\
	for (pos = list_first_entry(head, type, member),		\
	     tmp = list_entry(pos->member.next, type, member);		\
	     &pos->member != (head);					\
	     pos = tmp, tmp = list_entry(tmp->member.next, type, member))

#endif /* _HOST_LIST_H */
