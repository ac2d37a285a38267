/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef _PACKET_H
#define _PACKET_H

#include <pool.h>

struct packet {
	size_t len;
	unsigned char *bytes;
};

struct packet *packet_new(struct pool *pool, const void *bytes, size_t len);
struct packet *packet_reply(struct pool *pool, const struct packet *to,
			    size_t len);

#endif /* _PACKET_H */
