#include <linux/box.h>
#ifdef CONFIG_BOX
/* How wide. */
struct box {
	int width;
	union { int one; long other:3; };
} __packed;
#define EACH(box, list) \
	for (box = (list)->first; box; box = box->next)
#else
static inline int width(struct box *box) { return 0; }
#endif
typedef int (*of_t)(struct box *, const char *);
enum { A, B = 1 << 2, };
static const struct of ops[] = { { .one = one, .name = "a\"b" }, [3] = { 'x', 0x1fUL } };
int __init old(a, b)
	int a;
	char *b;
{
	if (a)
		goto out;
	switch (a) { case 1 ... 3: break; default: return b ? *b : -1; }
out:
	return container_of(b, struct box, width)->width;
}
SYSCALL_DEFINE2(box, int, a, char __user *, b)
{
	guard(mutex)(&lock);
	return ({ int c = a; c; });
}
EXPORT_SYMBOL_GPL(old);
module_init(old)
