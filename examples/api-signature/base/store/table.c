// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * The table: keys and their values.
 */
#include <errno.h>
#include <string.h>

#include <store.h>
#include <text.h>

struct table *table_new(struct pool *pool)
{
	struct table *table = pool_alloc(pool, sizeof(*table));

	if (!table)
		return NULL;
	memset(table, 0, sizeof(*table));
	table->pool = pool;
	return table;
}

static struct record *find(const struct table *table, const char *key)
{
	struct record *record = table->place[text_hash(key) % TABLE_PLACES];

	while (record && strcmp(record->key, key))
		record = record->next;
	return record;
}

/**
 * table_set - give a key a value
 * @table: the table
 * @key: the key; copied when it is new
 * @value: the value; always copied
 *
 * Return: 0 or -ENOMEM.
 */
int table_set(struct table *table, const char *key, const char *value)
{
	struct record **place = &table->place[text_hash(key) % TABLE_PLACES];
	struct record *record = find(table, key);
	const char *copy = text_copy(table->pool, value);

	if (!copy)
		return -ENOMEM;
	if (!record) {
		record = pool_alloc(table->pool, sizeof(*record));
		if (!record)
			return -ENOMEM;
		memset(record, 0, sizeof(*record));
		record->key = text_copy(table->pool, key);
		if (!record->key)
			return -ENOMEM;
		record->next = *place;
		*place = record;
		table->count++;
	}
	record->value = copy;
	return 0;
}

/* The value of a key, NULL when it has none. */
const char *table_find(const struct table *table, const char *key)
{
	const struct record *record = find(table, key);

	return record ? record->value : NULL;
}

/* All keys in no order, and a NULL behind the last. */
const char **table_keys(const struct table *table)
{
	const char **keys = pool_get(table->pool,
				     (table->count + 1) * sizeof(*keys));
	const char **key = keys;
	int i;

	for (i = 0; i < TABLE_PLACES; i++) {
		const struct record *record;

		for (record = table->place[i]; record; record = record->next)
			*key++ = record->key;
	}
	*key = NULL;
	return keys;
}
