/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef _SELFTEST_H
#define _SELFTEST_H

#include <stdio.h>
#include <stdlib.h>

/* A test is a program that checks one thing after the other. */
#define CHECK(what)							\
	do {								\
		if (!(what)) {						\
			fprintf(stderr, "%s:%d: failed: %s\n",		\
				__FILE__, __LINE__, #what);		\
			exit(1);					\
		}							\
	} while (0)

#endif /* _SELFTEST_H */
