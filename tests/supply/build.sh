#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The source archive, and what is built of it without git: two archives and two builds, as
# different as one machine allows (directory, build directory, user, umask, time zone, locale,
# jobs, times of the files), have the same bytes. What is installed is complete, can be linked
# with, and goes again. TAP.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/supply/lib.sh
jobs=$(nproc 2>/dev/null || echo 2)
archive=scaudit-$version.tar.gz
one=$top/one/scaudit-$version
two=$top/two/some/where/else

pack() { # pack CLONE SETTING...
	clone=$1
	shift
	supply_clone "$clone"
	env "$@" make -s -C "$clone" dist
}

as_nobody() {
	if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
		chown -R 65534:65534 "$top/two" && setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
	else
		"$@"
	fi
}

build_one() {
	mkdir "$top/one" && tar xzf "$top/a/$archive" -C "$top/one" || return
	cd "$one" && umask 022 && make -s -j"$jobs" LC_ALL=C all man
}

# shellcheck disable=SC2016 # the inner shell's
build_two() {
	mkdir -p "$two" && tar xzf "$top/a/$archive" -C "$two" --strip-components=1 || return
	find "$two" -type f -exec touch -d @1000000000 {} + || return
	as_nobody env LC_ALL=C.UTF-8 TZ=Pacific/Apia USER=nobody HOSTNAME=elsewhere SOURCE_DATE_EPOCH=1 \
		sh -c 'cd "$1" && umask 077 && exec make -s -j"$2" B=out all man' sh "$two" $((jobs + 1))
}

install_both() {
	(cd "$one" && umask 022 && make -s install DESTDIR="$top/i1" PREFIX=/usr) &&
		(cd "$two" && umask 077 && make -s B=out install DESTDIR="$top/i2" PREFIX=/usr)
}

# same GLOB: those files, and that there are any.
same() {
	(cd "$top/i1" && find . -path "$1" ! -type d | sort) >"$top/names"
	[ -s "$top/names" ] || { echo "no $1" && return 1; }
	while read -r f; do
		cmp "$top/i1/$f" "$top/i2/$f" || return
	done <"$top/names"
}

listing() {
	(cd "$1" && find . ! -type d -printf '%m %p %l\n' | sort)
}

same_listing() {
	listing "$top/i1" >"$top/l1" && listing "$top/i2" >"$top/l2" && diff "$top/l1" "$top/l2"
}

links() {
	printf '%s\n' '#include <scaudit/names.h>' '#include <stdio.h>' 'int main(void)' '{' \
		'	return puts(sca_action_name(SCA_ACT_LOG)) < 0;' '}' >"$top/use.c"
	lib=$(cd "$top/i1" && dirname "$(find . -name libscaudit.so)")
	flags=$(PKG_CONFIG_PATH=$top/i1/$lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$top/i1 \
		"${PKG_CONFIG:-pkg-config}" --cflags --libs scaudit) || return
	# shellcheck disable=SC2086 # flags are words
	${CC:-cc} "$top/use.c" -o "$top/use" $flags &&
		[ "$(LD_LIBRARY_PATH=$top/i1/$lib "$top/use")" = log ]
}

leaves_nothing() {
	(cd "$two" && make -s B=out uninstall DESTDIR="$top/i2" PREFIX=/usr) || return
	left=$(find "$top/i2" ! -type d)
	[ -z "$left" ] || { echo "$left" && return 1; }
}

pack "$top/a" TZ=UTC LC_ALL=C || skip_all "make dist fails"
(umask 077 && pack "$top/b" TZ=Asia/Tokyo LC_ALL=C.UTF-8 GIT_CONFIG_COUNT=1 \
	GIT_CONFIG_KEY_0=tar.umask GIT_CONFIG_VALUE_0=user)
row "two archives have the same bytes" cmp "$top/a/$archive" "$top/b/$archive"
row "the archive has all that git has" sh -c "
	git -C '$top/a' ls-files | sort >'$top/l1'
	tar tzf '$top/a/$archive' | sed -e 's,^[^/]*/,,' -e '/^\$/d' -e '/\/\$/d' | sort | diff '$top/l1' -"
row "it builds where no git is" build_one
row "and for another user, elsewhere" build_two
row "both install" install_both
row "the same files, with the same modes" same_listing
row "the program has the same bytes" same './usr/bin/*'
row "the shared library" same '*/libscaudit.so*'
row "the static library" same '*/libscaudit.a'
row "manual pages and completion" same './usr/share/[mb]*'
row "all the rest" same '*'
row "a program finds the library by pkg-config and links with it" links
row "uninstall leaves no file" leaves_nothing
row "its cases pass" sh -c "cd '$one' && make -s -j$jobs cases"
echo "1..$n"
