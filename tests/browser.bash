# SPDX-License-Identifier: GPL-2.0-only
# Pages in headless Chromium, $browser, for the tests of pages: as they are, and with a script added that measures
# what a reader sees. No test by itself.

# browse PAGE OPTION...: the DOM in dom, what the browser logs in log
browse() {
	timeout 120 "$browser" --headless --no-sandbox --disable-gpu --disable-background-networking --disable-component-update \
		--no-first-run --user-data-dir="$work/browser" --enable-logging=stderr "${@:2}" --dump-dom "file://$1" >dom 2>log </dev/null
}

# measured: a copy of a page with a script that writes into the title what it measured
measured() {
	printf '<script>%s</script>\n' "$measure" >measure.html
	sed -e '/Content-Security-Policy/d' -e '/<\/main>/r measure.html' "$1" >"$2"
	if grep -q 'document.title = seen' "$2" && ! grep -q Content-Security "$2"; then ok; else fail "no script in $2"; fi
}
measure='
	const box = (e) => e.getBoundingClientRect();
	const flat = [...document.querySelectorAll("svg")].filter((e) => box(e).width < 100 || box(e).height < 50);
	const empty = [...document.querySelectorAll("svg")].filter((e) => ![...e.querySelectorAll("path,polygon,text")].some((s) => box(s).width > 0));
	const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
	const lost = [...document.querySelectorAll("a[href]")].filter((a) => !document.getElementById(decodeURIComponent(a.getAttribute("href").slice(1))));
	const strange = [...document.querySelectorAll("use")].filter((u) => !document.getElementById(u.getAttribute("href").slice(1)));
	document.querySelectorAll("details").forEach((d) => { d.open = true; });
	const seen = JSON.stringify({ svg: document.querySelectorAll("svg").length, flat: flat.length, empty: empty.length,
		ids: ids.length, same: ids.length - new Set(ids).size, lost: lost.length, strange: strange.length,
		wide: document.documentElement.scrollWidth - document.documentElement.clientWidth, width: innerWidth });
	if (parent === window) document.title = seen; else parent.postMessage(seen, "*");
'

# title: what was measured, as JSON
title() { sed -n 's#.*<title>\({.*}\)</title>.*#\1#p' dom | head -n 1; }

# seen WHAT CONDITION: of what was measured
seen() { if title | jq -e "$2" >/dev/null; then ok; else fail "$1: $2: $(title)"; fi; }

# calm WHAT: nothing on the console, as blocked content, errors of scripts
calm() { if grep -q 'CONSOLE' log; then fail "$1: $(grep CONSOLE log | head -n 2)"; else ok; fi; }

# framed PAGE WIDTH: a measured page as wide as that; windows are not narrower than 500, frames are
framed() {
	printf '<script>onmessage = (e) => { document.title = e.data; };</script><iframe src="%s" width="%d" height="900" frameborder="0">' \
		"$1" "$2" >frame.html
	browse "$work/frame.html" --window-size=1400,1000
	calm "measured, $2"
}
