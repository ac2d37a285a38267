# SPDX-License-Identifier: MIT OR Apache-2.0
#
# Prints the symbols that are y. Knows "config", "bool", "default y" and
# "depends on A && B" in Kconfig files, and "CONFIG_X=y" and
# "# CONFIG_X is not set" in the .config file that comes last.

FILENAME ~ /\.config$/ {
	if ($1 ~ /^CONFIG_.*=y$/) {
		sub(/=y$/, "", $1)
		value[$1] = 1
	} else if ($1 == "#" && $3 == "is" && $4 == "not") {
		value[$2] = 0
	}
	next
}

$1 == "config" {
	symbol = "CONFIG_" $2
	order[++count] = symbol
	value[symbol] = 0
	next
}

$1 == "default" && $2 == "y" {
	value[symbol] = 1
}

$1 == "depends" {
	for (i = 3; i <= NF; i++)
		if ($i != "&&")
			needs[symbol] = needs[symbol] " CONFIG_" $i
}

END {
	do {
		changed = 0
		for (i = 1; i <= count; i++) {
			symbol = order[i]
			n = split(needs[symbol], need, " ")
			for (j = 1; j <= n; j++) {
				if (value[symbol] && !value[need[j]]) {
					value[symbol] = 0
					changed = 1
				}
			}
		}
	} while (changed)

	for (i = 1; i <= count; i++)
		if (value[order[i]])
			print order[i]
}
