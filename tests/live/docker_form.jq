# SPDX-License-Identifier: Apache-2.0
# Docker's front end for amd64, written down a second time: a profile in Docker's form as
# linux.seccomp of a config.json. $caps is the bounding set, $kernel "M.N".
def version: split(".") | map(tonumber);
def kept:
	(.includes // {}) as $in | (.excludes // {}) as $ex
	| (($ex.arches // []) | index("amd64") | not)
	and (($ex.caps // []) | any(. as $c | $caps | index($c)) | not)
	and (($ex.minKernel // "") as $k | $k == "" or ($kernel | version) < ($k | version))
	and (($in.arches // []) | length == 0 or index("amd64") != null)
	and (($in.caps // []) | all(. as $c | $caps | index($c) != null))
	and (($in.minKernel // "") as $k | $k == "" or ($kernel | version) >= ($k | version));
def named: if .name then [.name] else .names // [] end;
{
	defaultAction,
	architectures: (if .archMap then
		[.archMap[] | select(.architecture == "SCMP_ARCH_X86_64")
			| .architecture, (.subArchitectures // [])[]]
	else .architectures // [] end),
	syscalls: [.syscalls[]? | select(kept)
		| {names: named, action}
		+ (if .errnoRet != null then {errnoRet} else {} end)
		+ (if .args then {args} else {} end)]
}
+ (if .defaultErrnoRet != null then {defaultErrnoRet} else {} end)
+ (if .flags then {flags} else {} end)
+ (if .listenerPath then {listenerPath} else {} end)
