/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef _REPORT_H
#define _REPORT_H

#include <store.h>

char *report_keys(struct pool *pool, const struct table *table);

#endif /* _REPORT_H */
