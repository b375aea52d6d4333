# SPDX-License-Identifier: Apache-2.0
# Real container engines, each with directories of its own, for engines.sh. Sourced, not run.
# The caller sets live_top, scaudit and, before the first call, dir: a directory for all of it.
#
# It all happens in a mount namespace with an /etc and a /run of its own, so that engines find
# their usual places empty and leave nothing behind. Each engine NAME has
#
#	NAME_needs               tools
#	NAME_up                  starts its daemon, if it has one, and loads the image
#	NAME_run ID PROFILE CMD  starts a container in the background that runs CMD by sh
#	NAME_id ID               the id that the engine gave it
#	NAME_rm ID
#	NAME_down
#
# and what it prints goes to $dir/NAME.log.
# shellcheck shell=sh disable=SC2016,SC2034

: "${live_top:?}" "${scaudit:?}"
dir=

# engines_inside "$@": goes on in the private namespace.
engines_inside() {
	[ -n "${ENGINES_INSIDE:-}" ] && return
	ENGINES_INSIDE=1 exec unshare -m --propagation private sh "$0" "$@"
}

# engines_private DIR: /etc as it is, but what is written stays in DIR; an empty /run.
engines_private() {
	mkdir -p "$1/etc" "$1/etc.work"
	mount -t overlay overlay -o "lowerdir=/etc,upperdir=$1/etc,workdir=$1/etc.work" /etc &&
		mount -t tmpfs none /run
}

# engines_end PID: asks a daemon to end, and waits.
engines_end() {
	[ -n "$1" ] || return 0
	kill "$1" 2>/dev/null
	wait "$1" 2>/dev/null
}

# engines_root DIR: the image's files; sets victim, whose name no one else's records have.
engines_root() {
	live_root "$1"
	victim=v$$
	cat >"$1/../victim.c" <<'EOF'
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void *make(void *arg)
{
	mkdir("/tmp/d", 0777);
	return arg;
}

/* "kill": a call that kills. "live": a thread makes one that is recorded; the process stays. */
int main(int argc, char **argv)
{
	pthread_t thread;

	if (argc > 1 && strcmp(argv[1], "kill") == 0)
		return chmod("/tmp", 0777) != 0;
	if (pthread_create(&thread, NULL, make, NULL) == 0)
		pthread_join(thread, NULL);
	for (;;)
		sleep(60);
}
EOF
	${CC:-cc} -O2 -static -pthread -o "$1/bin/$victim" "$1/../victim.c"
}

engines_bundle() { # engines_bundle DIR PROFILE CMD: a bundle in DIR of its own, runc's form
	mkdir -p "$1"
	[ -e "$1/root" ] || cp -a "$dir/root" "$1/root"
	rm -f "$1/config.json"
	(cd "$1" && runc spec) 2>/dev/null || (cd "$1" && crun spec)
	jq --slurpfile p "$2" --arg cmd "$3" '
		.process.terminal = false
		| .process.args = ["/bin/sh", "-c", $cmd]
		| .process.env = ["PATH=/bin"]
		| .root = {path: "root", readonly: false}
		| del(.linux.resources)
		| .linux.seccomp = $p[0]' "$1/config.json" >"$1/config.new" &&
		mv "$1/config.new" "$1/config.json"
}

# -- runc --

runc_needs=runc
runc_up() { :; }
runc_run() {
	engines_bundle "$dir/bundle-$1" "$2" "$3"
	runc run -d -b "$dir/bundle-$1" "$1" </dev/null >"$dir/$1.out" 2>&1
}
runc_id() { echo "$1"; }
runc_rm() { runc delete -f "$1"; }
runc_down() { :; }

# -- crun: wants pure cgroup2 --

crun_needs=crun
engines_v2() {
	unshare -m --propagation private sh -c '
		umount -R /sys/fs/cgroup 2>/dev/null
		mount -t cgroup2 none /sys/fs/cgroup && exec "$@"' v2 "$@"
}
crun_up() { :; }
crun_run() {
	engines_bundle "$dir/bundle-$1" "$2" "$3"
	engines_v2 crun run -d -b "$dir/bundle-$1" "$1" </dev/null >"$dir/$1.out" 2>&1
}
crun_id() { echo "$1"; }
crun_rm() { engines_v2 crun delete -f "$1"; }
crun_down() { :; }

# -- Podman, with runc: crun refuses hybrid cgroups --

podman_needs='podman conmon runc'
podman_up() {
	mkdir -p "$dir/podman" /etc/containers
	printf '[containers]\ndefault_ulimits=["nofile=1024:1024","nproc=4096:4096"]\n' \
		>"$dir/podman/containers.conf"
	printf '[storage]\ndriver = "vfs"\ngraphroot = "%s"\nrunroot = "%s"\n' "$dir/podman/root" \
		"$dir/podman/run" >/etc/containers/storage.conf
	tar -C "$dir/root" -c . | engines_podman import - localhost/bb:1
}
engines_podman() {
	CONTAINERS_CONF=$dir/podman/containers.conf podman --root "$dir/podman/root" \
		--runroot "$dir/podman/run" --tmpdir "$dir/podman/tmp" --storage-driver vfs \
		--cgroup-manager cgroupfs --events-backend file --runtime runc "$@"
}
podman_run() {
	engines_podman run -d --name "$1" --pids-limit 0 --network none \
		--security-opt "seccomp=$2" localhost/bb:1 sh -c "$3"
}
podman_id() { engines_podman inspect --type container -f '{{.Id}}' "$1"; }
podman_rm() { engines_podman rm -f -t 0 "$1"; }
podman_down() { engines_podman system prune -af --volumes; }

# -- dockerd, with a containerd of its own --

docker_needs='dockerd docker containerd runc'
docker_up() {
	mkdir -p "$dir/docker" /etc/docker
	printf '{"data-root":"%s","exec-root":"%s"}\n' "$dir/docker/data" "$dir/docker/exec" \
		>/etc/docker/daemon.json
	dockerd -H "unix://$dir/docker/sock" --pidfile "$dir/docker/pid" --iptables=false \
		--ip6tables=false --bridge=none --storage-driver=vfs \
		--exec-opt native.cgroupdriver=cgroupfs &
	docker_pid=$!
	live_wait engines_docker version || return 1
	tar -C "$dir/root" -c . | engines_docker import - bb:1
}
engines_docker() { docker -H "unix://$dir/docker/sock" "$@"; }
docker_run() {
	engines_docker run -d --name "$1" --network none --security-opt "seccomp=$2" bb:1 \
		sh -c "$3"
}
docker_id() { engines_docker inspect -f '{{.Id}}' "$1"; }
docker_rm() { engines_docker rm -f "$1"; }
docker_down() { engines_end "${docker_pid:-}"; }

# -- containerd, by ctr --

containerd_needs='containerd ctr umoci runc'
# engines_containerd DIR LINES: sets containerd_pid; what is in no table stands first.
engines_containerd() {
	mkdir -p "$1" /etc/containerd
	printf '%s\n' 'version = 2' "root = \"$1/root\"" "state = \"$1/state\"" "$2" \
		'[grpc]' "address = \"$1/sock\"" >/etc/containerd/config.toml
	containerd -c /etc/containerd/config.toml &
	containerd_pid=$!
	live_wait ctr -a "$1/sock" version
}
engines_oci_image() { # engines_oci_image DIR: DIR/oci.tar, whose first program sleeps
	mkdir -p "$1"
	(
		cd "$1" || exit
		umoci init --layout oci && umoci new --image oci:1 &&
			umoci unpack --image oci:1 b && cp -a "$dir/root/." b/rootfs/ &&
			umoci repack --image oci:1 b &&
			umoci config --image oci:1 --config.entrypoint /bin/sleep \
				--config.cmd 3600 &&
			tar -C oci -cf oci.tar .
	)
}
containerd_up() {
	engines_oci_image "$dir/image" &&
		engines_containerd "$dir/containerd" \
			'disabled_plugins = ["io.containerd.grpc.v1.cri"]' &&
		engines_ctr images import --snapshotter native --base-name bb "$dir/image/oci.tar"
}
engines_ctr() { ctr -a "$dir/containerd/sock" -n scaudit "$@"; }
containerd_run() {
	engines_ctr run -d --snapshotter native --seccomp --seccomp-profile "$2" bb:1 "$1" \
		sh -c "$3"
}
containerd_id() { echo "$1"; }
containerd_rm() {
	engines_ctr task kill -s 9 "$1"
	live_wait engines_ctr task rm "$1"
	engines_ctr container rm "$1"
}
containerd_down() {
	engines_end "${containerd_pid:-}"
	containerd_pid=
}

# -- a pod of Kubernetes: containerd's CRI, asked by what stands in for a kubelet --

cri_needs='containerd ctr umoci runc node'
cri_up() {
	engines_oci_image "$dir/image-cri" && engines_containerd "$dir/cri" "$(printf '%s\n' \
		'[plugins."io.containerd.grpc.v1.cri"]' 'sandbox_image = "localhost/img:1"' \
		'restrict_oom_score_adj = true' \
		'[plugins."io.containerd.grpc.v1.cri".containerd]' 'snapshotter = "native"')" &&
		ctr -a "$dir/cri/sock" -n k8s.io images import --snapshotter native \
			--base-name localhost/img "$dir/image-cri/oci.tar"
}
engines_cri() { node "$live_top/tests/live/cri.js" "$dir/cri/sock" "$@"; }
cri_run() {
	live_wait sh -c 'ctr -a "$1" -n k8s.io images ls | grep -q io.cri-containerd.image' \
		sh "$dir/cri/sock"
	engines_cri run "pod-$1" "0d08203e-255a-11e9-8cd9-0007cb$(printf %06d $(($$ % 1000000)))" \
		"$1" localhost/img:1 "$2" sh -c "$3" >"$dir/$1.ids"
}
cri_id() { sed -n 2p "$dir/$1.ids"; }
cri_rm() { engines_cri rm "$(sed -n 1p "$dir/$1.ids")"; }
cri_down() { containerd_down; }

# -- LXC: its profiles have no action that logs only, so a thread of the living one is killed --

lxc_needs='lxc-start lxc-stop'
lxc_up() {
	mkdir -p "$dir/lxc" /var/lib/lxc && mount --bind "$dir/lxc" /var/lib/lxc
}
lxc_policy() { echo "/var/lib/lxc/$1/policy"; }
lxc_run() {
	mkdir -p "/var/lib/lxc/$1"
	cp -a "$dir/root" "/var/lib/lxc/$1/rootfs"
	jq -r '"2", "denylist", (.syscalls[].names[] + " kill")' "$2" >"$(lxc_policy "$1")"
	printf '%s\n' "$3" >"/var/lib/lxc/$1/rootfs/start"
	printf '%s = %s\n' lxc.rootfs.path "dir:/var/lib/lxc/$1/rootfs" lxc.uts.name "$1" \
		lxc.net.0.type empty lxc.seccomp.profile "$(lxc_policy "$1")" \
		lxc.mount.auto proc lxc.init.cmd '/bin/sh /start' >"/var/lib/lxc/$1/config"
	lxc-start -n "$1" -l INFO -o "$dir/lxc.start" || { cat "$dir/lxc.start" && return 1; }
}
lxc_id() { echo "$1"; }
lxc_rm() { lxc-stop -k -n "$1"; }
lxc_down() { umount -l /var/lib/lxc; }

# -- what was denied meanwhile --

# live_events_start FILE: the records of the victims as events, from now on, into FILE.
live_events_start() {
	"$scaudit" log -f --from netlink --comm "$victim" --format ndjson >"$1" 2>"$1.err" &
	live_events=$!
	live_ready "$live_events"
}

# live_events_stop: no more; what was seen is in the file.
live_events_stop() {
	[ -n "${live_events:-}" ] || return 0
	kill "$live_events" 2>/dev/null
	wait "$live_events" 2>/dev/null
	live_events=
}
