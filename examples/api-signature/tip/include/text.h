/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef _TEXT_H
#define _TEXT_H

#include <pool.h>

char *text_copy(struct pool *pool, const char *text);
char *text_join(struct pool *pool, const char *left, const char *right);
unsigned int text_hash(const char *text);

#endif /* _TEXT_H */
