#!/bin/bash -eu
# SPDX-License-Identifier: GPL-2.0-only
"$SRC/rmapfuzz/scripts/oss-fuzz/build.sh"
