# SPDX-License-Identifier: GPL-2.0-only
#
# awk -v list=list.txt -f rules.awk FILE.c...: one line a place to slip at, with tabs between
#   name     FILE.c:function:rule:n, the n-th place in that function where the rule fits; of the list: FILE.c:function:slip
#   path, line number, and the text that replaces that line; a name that comes again belongs to the same mutant
# Edits nothing itself; run.sh edits copies. A rule knows the lay-out that clang-format gives (a function begins with
# "{" and ends with "}" in the first column), not C: what does not compile is dropped later.
# No rule touches what is the harness's and not the kernel's: touched sets, events, the truth in at[] and named[].

function emit(rule, text) {
	if (text == line)
		return
	print file ":" name ":" rule ":" ++count[rule] "\t" FILENAME "\t" FNR "\t" text
}

# The line with the n-th match of a fixed string replaced; itself if there is none.
function replaced(from, to,    at) {
	at = index(line, from)
	return at ? substr(line, 1, at - 1) to substr(line, at + length(from)) : line
}

function swap(rule, a, b) {
	if (index(line, a))
		emit(rule, replaced(a, b))
	else
		emit(rule, replaced(b, a))
}

# A statement on a line of its own, and not there.
function drop(rule) {
	emit(rule, indent "; /* " rule " */")
}

function statements() {
	if (line ~ /^\t+(if|else|for|while|do|switch|return|case|goto|struct|bool|uint|int|const|enum|static)/)
		return
	if (line ~ /^\t+[a-z_]+\(.*\);/)
		drop("dropped-call")
	else if (line ~ /^\t+[^=]*(\+\+|--);/ || line ~ /^\t+(\+\+|--)[^=]*;/)
		drop("dropped-count")
	else if (line ~ /^\t+[a-z_>.\[\]*-]+ [-+|&]?= .*;/)
		drop("dropped-assignment")
}

# if (condition), whole on one line: the opposite, never, and half of it.
function conditions(    at, head, condition, tail, both, operator) {
	if (line !~ /^\t+(} else )?if \(.*\)( \{)?$/)
		return
	at = index(line, "if (")
	head = substr(line, 1, at + 3)
	tail = line ~ /\{$/ ? ") {" : ")"
	condition = substr(line, at + 4, length(line) - length(head) - length(tail))
	emit("negated", head "!(" condition ")" tail)
	emit("skipped", head "0 && (" condition ")" tail)
	operator = index(condition, " && ") ? " && " : " || "
	both = index(condition, operator)
	if (!both || condition ~ / && .* \|\| | \|\| .* && /)
		return
	emit("half-condition", head substr(condition, 1, both - 1) tail)
	emit("half-condition", head substr(condition, both + 4) tail)
}

function ends_of_lists() {
	swap("wrong-end", "chain_first", "chain_last")
	swap("wrong-end", "same_vma_next", "same_vma_prev")
	swap("wrong-end", "same_anon_vma_next", "same_anon_vma_prev")
	swap("wrong-end", "anon_vma->first", "anon_vma->last")
	swap("wrong-end", "mapping->first", "mapping->last")
}

function ranges() {
	if (line ~ /for \((int|unsigned int|uint32_t) [ip] = |NR_PROCESSES/)
		return # of the engine, not of the kernel
	emit("off-by-one", replaced(" < ", " <= "))
	emit("off-by-one", replaced(" <= ", " < "))
	emit("off-by-one", replaced(" > ", " >= "))
	emit("off-by-one", replaced(" >= ", " > "))
	emit("off-by-one", replaced(" - 1;", ";"))
	emit("off-by-one", replaced("end - 1", "end"))
	emit("off-by-one", replaced("vm_end", "vm_end - 1"))
	emit("off-by-one", replaced("vma_pages(vma)", "(vma_pages(vma) - 1)"))
	if (line ~ /pgoff/) {
		emit("wrong-pgoff", replaced(" + (", " + 0 * ("))
		emit("wrong-pgoff", replaced(" += cut", " += 0"))
		emit("wrong-pgoff", replaced("vm_pgoff + cut", "vm_pgoff"))
		emit("wrong-pgoff", replaced("vma->vm_pgoff)", "vma->vm_pgoff + 1)"))
	}
	emit("wrong-pgoff", replaced("- (vma->vm_start", "- 0 * (vma->vm_start"))
	emit("wrong-pgoff", replaced("(address - vma->vm_start)", "(address)"))
}

function arguments() {
	swap("swapped", "->parent", "->root")
	swap("swapped", "w, dst, src", "w, src, dst")
	swap("swapped", "start, end", "end, start")
	swap("swapped", "w, prev", "w, next")
	swap("swapped", "w, from, to", "w, to, from")
	swap("swapped", "w, old", "w, new")
	swap("swapped", "w, copy, vma", "w, vma, copy")
	swap("swapped", "w, vma, pvma", "w, pvma, vma")
	emit("swapped", replaced(", true)", ", false)"))
	emit("swapped", replaced(", false)", ", true)"))
}

function entries() {
	if (line ~ /^\t.*(pte_clear|pte_set_[a-z]+|pte_at)\(w, /) {
		emit("wrong-entry", replaced("address", "(address ^ 1)"))
		emit("wrong-entry", replaced("vma->process", "w->process"))
	}
	emit("wrong-entry", replaced("pte_set_present(", "pte_set_zero(w, vma->process, address), (void)("))
	emit("wrong-entry", replaced("PTE_PRESENT:", "PTE_SWAP + 40:"))
	emit("wrong-entry", replaced("PTE_SWAP:", "PTE_SWAP + 40:"))
	emit("wrong-entry", replaced("PTE_MIGRATION:", "PTE_SWAP + 40:"))
	emit("wrong-count", replaced("->mapcount", "->refcount"))
	emit("wrong-count", replaced("->num_children", "->num_active_vmas"))
	emit("wrong-count", replaced("->num_active_vmas", "->num_children"))
	emit("wrong-count", replaced("--root->refcount", "root->refcount"))
	emit("wrong-count", replaced("--anon_vma->refcount", "anon_vma->refcount"))
	emit("wrong-count", replaced("--page->refcount", "page->refcount"))
	emit("wrong-count", replaced("--page->mapcount", "page->mapcount"))
}

function ways_out() {
	if (line ~ /^\t+continue;$/)
		emit("early-exit", replaced("continue", "break"))
	if (line ~ /^\t+goto [a-z_]+;$/)
		emit("no-unwinding", indent "return OP_ENOMEM;")
	if (line ~ /^\t+return (true|false);/)
		swap("wrong-return", "true", "false")
	if (line ~ /^\t+return OP_[A-Z]+;/)
		emit("error-ignored", indent "return 0;")
	if (line ~ /^\t+return error;/)
		emit("error-ignored", indent "return 0;")
}

# FILE.c:function:slip: OLD => NEW
function read_list(    entry, number, at, slip) {
	while ((getline entry < list) > 0) {
		number++
		at = index(entry, " =>")
		if (entry ~ /^#/ || !at)
			continue
		slip = substr(entry, 1, index(entry, ": ") - 1)
		nr_slips++
		slip_name[nr_slips] = slip
		slip_place[nr_slips] = list ":" number
		slip_old[nr_slips] = substr(entry, length(slip) + 3, at - length(slip) - 3)
		slip_new[nr_slips] = substr(entry, at + 4)
		sub(/:[^:]*$/, "", slip)
		slips[slip] = slips[slip] " " nr_slips
	}
}

function chosen_by_hand(    which, i, n, slip) {
	n = split(slips[file ":" name], which, " ")
	for (i = 1; i <= n; i++) {
		slip = which[i]
		if ((slip in fits) || !index(line, slip_old[slip]))
			continue
		fits[slip]
		print slip_name[slip] "\t" FILENAME "\t" FNR "\t" replaced(slip_old[slip], slip_new[slip])
	}
}

BEGIN {
	if (list)
		read_list()
}

FNR == 1 {
	file = FILENAME
	sub(/.*\//, "", file)
	inside = 0
}

/^[a-z].*\(/ && !/;$/ {
	name = $0
	sub(/\(.*/, "", name)
	sub(/.*[ *]/, "", name)
	harness = name ~ /^(touch|note_|short_length|merge_event|forget_held|forget_places|page_count_named|page_enters|page_leaves|page_mlocked|migration_teardown|reclaim_lingering_page|has_anon_vma)/
}

/^\{$/ {
	inside = 1
	split("", count)
	next
}

/^\}/ { inside = 0 }

!inside { next }

{
	line = $0
	indent = line
	sub(/[^\t].*/, "", indent)
	chosen_by_hand()
}

harness { next }

/^\t*(\/\*| \*)|(touch|add_event|view_event|event->|note_[a-z_]*\(|follow_|page_count_named|w->result|named\[|->counted|[^a-z]at\[|_id = |freed_|->linked|assert|\(void\))/ { next }

{
	statements()
	conditions()
	ends_of_lists()
	ranges()
	arguments()
	entries()
	ways_out()
}

END {
	for (i = 1; i <= nr_slips; i++)
		if (!(i in fits)) {
			print slip_place[i] ": nothing fits " slip_name[i] >"/dev/stderr"
			failed = 1
		}
	exit failed
}
