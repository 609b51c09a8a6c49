#!/usr/bin/env bash
# The figures of a run of reproduce.sh, phase by phase, from what its client saw.
set -euo pipefail
out=$1
marks=$(awk '{print $1}' "$out/steps.txt" | while read -r t; do date -u -d "$t" +%s; done | tr '\n' ' ')
sort -n "$out/calls.txt" | awk -v marks="$marks" '
    BEGIN { phases = split(marks, mark, " "); split("well;answers cut;east down, west small;east down, west enlarged;east back", name, ";")
            printf "%-28s %6s %6s %6s %6s %9s %9s\n", "phase", "calls", "whole", "broken", "503", "median s", "longest s" }
    { p = 0; for (i = 1; i < phases; i++) if ($1 >= mark[i]) p = i
      if (!p) next
      n[p]++; if ($5 == "yes") ok[p]++; else if ($3 == 200) cut[p]++; else if ($3 == 503) busy[p]++; else other[p]++
      t[p, n[p]] = $4 }
    END { for (p = 1; p < phases; p++) {
            for (i = 2; i <= n[p]; i++) { v = t[p, i]; for (j = i - 1; j >= 1 && t[p, j] > v; j--) t[p, j + 1] = t[p, j]; t[p, j + 1] = v }
            printf "%-28s %6d %6d %6d %6d %9.1f %9.1f", name[p], n[p], ok[p], cut[p], busy[p], t[p, int((n[p] + 1) / 2)], t[p, n[p]]
            if (other[p]) printf "  (%d others)", other[p]
            print "" } }'
