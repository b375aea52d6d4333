#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The Debian package, built from the source archive: hardening reaches the compiler, lintian has
# nothing to say, and in a copy of this machine that goes away again the packages install, work,
# start nothing, and leave nothing behind when they are purged. TAP.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/supply/lib.sh
jobs=$(nproc 2>/dev/null || echo 2)
src=$top/scaudit-$version

for tool in dpkg-buildpackage dh lintian; do
	command -v "$tool" >/dev/null ||
		skip_all "$tool is not installed (debhelper, lintian); only Debian and its kin have it"
done

build() {
	make -s -C "$top/clone" dist && tar xzf "$top/clone/scaudit-$version.tar.gz" -C "$top" &&
		cd "$src" || return
	# Not with what the make that runs this test was told: the compiler is debian/rules' to name.
	env -u MAKEFLAGS -u MFLAGS -u MAKEOVERRIDES -u MAKELEVEL -u CC -u B \
		DEB_BUILD_OPTIONS="nocheck parallel=$jobs" dpkg-buildpackage -us -uc -b \
		>"$top/log" 2>&1 || { cat "$top/log" && return 1; }
}

# What dpkg-buildflags asks for, in each command that compiles or links.
hardened() {
	! grep -e '-gcc .* -c ' "$top/log" | grep -v -e "$1" &&
		! grep -e '-gcc .* -o build/\(scaudit\|libscaudit.so\) ' "$top/log" | grep -v -e '-z,now' &&
		grep -c -e '-gcc .* -c ' "$top/log" && ! grep -e 'warning: .*redefined' "$top/log"
}

spotless() {
	lintian -i -I --pedantic --allow-root "$top"/*.changes >"$top/lint" 2>&1
	! grep '^[EWIP]:' "$top/lint" || { cat "$top/lint" && return 1; }
}

# The machine itself, with all changes in memory.
# shellcheck disable=SC2016 # the inner shell's
in_copy() {
	unshare --mount --pid --fork --propagation private sh -c '
		top=$1 && shift
		mkdir -p "$top/copy" && mount -t tmpfs none "$top/copy" || exit 77
		mkdir "$top/copy/upper" "$top/copy/work" "$top/copy/root"
		mount -t overlay none "$top/copy/root" \
			-o "lowerdir=/,upperdir=$top/copy/upper,workdir=$top/copy/work" || exit 77
		for m in proc dev; do mount --rbind "/$m" "$top/copy/root/$m" || exit 77; done
		mount --bind "$top/debs" "$top/copy/root/mnt" || exit 77
		exec chroot "$top/copy/root" "$@"' sh "$top" "$@"
}

# shellcheck disable=SC2016 # the inner shell's
installs() {
	cp "$top"/*.deb "$top/debs" && cat >"$top/debs/try" <<'END'
set -ex
cd /mnt
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
files() {
	find /etc /usr /var -path '*scaudit*' | sort
}
files >/run/before
dpkg -i scaudit_*.deb libscaudit0_*.deb libscaudit-dev_*.deb
/usr/bin/scaudit resolve clone3 | grep -q 435
grep -q '^ExecStart=/usr/bin/scaudit ' "$(dpkg -L scaudit | grep 'systemd/system/scaudit')"
id scaudit
[ ! -e /etc/systemd/system/multi-user.target.wants/scaudit.service ]
printf '#include <scaudit/scaudit.h>\nint main(void) { return sizeof(SCA_VERSION) < 2; }\n' >a.c
cc a.c -o a $(pkg-config --cflags --libs scaudit) && ./a
mkdir -p /var/log/scaudit /var/lib/scaudit && touch /var/lib/scaudit/state
dpkg --purge scaudit libscaudit-dev libscaudit0
[ ! -e /var/log/scaudit ] && [ ! -e /var/lib/scaudit ]
files >/run/after
diff /run/before /run/after
END
	in_copy sh /mnt/try
}

mkdir "$top/debs"
row "debian/changelog has the version that scaudit.h has" \
	[ "$(dpkg-parsechangelog -S Version)" = "$version" ]
supply_clone "$top/clone"
row "the packages build from the source archive" build
row "each file is compiled with the distribution's flags" hardened -D_FORTIFY_SOURCE=
row "lintian has no error, no warning, no remark" spotless
name="the packages install, work, and purge without a trace"
if [ "$(id -u)" != 0 ]; then
	skip "$name" "needs root"
elif ! command -v systemd-sysusers >/dev/null; then
	skip "$name" "systemd is not installed"
elif ! in_copy true 2>"$top/said"; then
	skip "$name" "no copy of this machine: $(tail -n 1 "$top/said")"
else
	row "$name" installs
fi
echo "1..$n"
