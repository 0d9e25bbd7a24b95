# SPDX-License-Identifier: GPL-2.0-only
# The page of tests/report.sh in headless Chromium, $browser: as it is, and with a script added that measures what a
# reader sees. No test by itself.
. "$source/tests/browser.bash"

drawings=$(($(jq '[.findings[] | select(.drawing)] | length' run/report/report.json) + 3))
for name in run quiet evil bad; do
	browse "$work/$name/report/index.html" --window-size=1280,900 --log-net-log="$work/net.json"
	calm "$name"
	if grep -q '</main>' dom; then ok; else fail "$name: no page"; fi
	if grep -qE '"url":"https?://(example|fonts|www\.w3)' net.json; then fail "$name: the network was asked"; else ok; fi
done
measured run/report/index.html run.html
for width in 1280 375; do
	framed run.html $width
	seen 'the window' ".width == $width"
	seen "every drawing, $width" ".svg == $drawings and .flat == 0 and .empty == 0"
	seen "ids, $width" '.ids > 20 and .same == 0'
	seen "links lead somewhere, $width" '.lost == 0 and .strange == 0'
	seen "nothing is wider than the window, $width" '.wide <= 0'
done
