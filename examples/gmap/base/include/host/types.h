/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef _HOST_TYPES_H
#define _HOST_TYPES_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

/* An address as the guest sees it. */
typedef u64 gpa_t;

#define BIT(nr)		(1UL << (nr))
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))

#define __unused	__attribute__((unused))
#define __printf(f, a)	__attribute__((format(printf, f, a)))

#endif /* _HOST_TYPES_H */
