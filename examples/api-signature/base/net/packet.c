// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Packets: a question comes in one, the answer leaves in another.
 */
#include <string.h>

#include <packet.h>

#define HEADER_BYTES	4

struct packet *packet_new(struct pool *pool, const void *bytes, size_t len)
{
	struct packet *packet = pool_get(pool, sizeof(*packet));

	packet->len = len;
	packet->bytes = pool_get(pool, len);
	memcpy(packet->bytes, bytes, len);
	return packet;
}

/**
 * packet_reply - a packet that answers another
 * @pool: where its memory comes from
 * @to: what it answers; the header is taken over
 * @len: bytes that follow the header, all of them zero
 *
 * Return: the packet, or NULL when @to is too short or memory is used up.
 */
struct packet *packet_reply(struct pool *pool, const struct packet *to,
			    size_t len)
{
	struct packet *packet;

	if (to->len < HEADER_BYTES)
		return NULL;
	packet = pool_alloc(pool, sizeof(*packet));
	if (!packet)
		return NULL;
	packet->len = HEADER_BYTES + len;
	packet->bytes = pool_alloc(pool, packet->len);
	if (!packet->bytes)
		return NULL;
	memset(packet->bytes, 0, packet->len);
	memcpy(packet->bytes, to->bytes, HEADER_BYTES);
	return packet;
}
