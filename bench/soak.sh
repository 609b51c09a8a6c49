#!/usr/bin/env bash
# Mixed traffic on the real process for so many seconds (six hours unless told), and the curve of its memory: a line a step.
set -euo pipefail
cd "$(dirname "$0")/.."
GATEWAY_SOAK_SECONDS="${1:-21600}" exec artifacts/bin/Gateway.E2E/debug/Gateway.E2E -showLiveOutput -class Gateway.E2E.Crash.SoakTests
