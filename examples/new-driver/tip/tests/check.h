/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef _CHECK_H
#define _CHECK_H

#include <stdio.h>
#include <stdlib.h>

#define CHECK(what)							\
	do {								\
		if (!(what)) {						\
			fprintf(stderr, "%s:%d: failed: %s\n",		\
				__FILE__, __LINE__, #what);		\
			exit(1);					\
		}							\
	} while (0)

#endif /* _CHECK_H */
