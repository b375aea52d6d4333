# SPDX-License-Identifier: Apache-2.0
# What a call gets. Read by tests/unit/test_filter.c.
#
#	profile: FILE of the shared corpus, or json: TEXT (' stands for ")
#	target: FRONTEND [RUNTIME[:VERSION]] [caps:SET] [kernel:M.N] [arch:ARCH]
#	ARCH CALL [ARGS] -> VERDICT BY [| VERDICT BY]...
#
# CALL is a name, a number or a range of numbers. ARGS are separated by commas, ? is unknown.
# Several verdicts: it depends on the arguments that are not given.

profile: moby-profiles-head-default.json
target: docker runc:1.3.0
x86_64 mkdir -> allow rule
x86_64 statx -> allow rule
x86_64 mount -> errno(1) default
x86_64 unshare -> errno(1) default
x86_64 kexec_load -> errno(1) default
x86_64 io_uring_setup -> errno(1) default
x86_64 clone3 -> errno(38) rule
x86_64 clone 0x1200011 -> allow rule
x86_64 clone 0x10000000 -> errno(1) rule
x86_64 clone 0x110000000 -> errno(1) rule
x86_64 clone -> errno(1) rule | allow rule
x86_64 personality 0 -> allow rule
x86_64 personality 0x20008 -> allow rule
x86_64 personality 0xffffffff -> allow rule
x86_64 personality 0xffffffffffffffff -> errno(1) rule
x86_64 personality 0x40000 -> errno(1) rule
x86_64 socket 2 -> allow rule
x86_64 socket 38 -> errno(1) rule
x86_64 socket 39 -> allow rule
x86_64 socket 40 -> errno(1) rule
# 64-bit comparison, 32-bit argument: the vsock rule can be dodged
x86_64 socket 0x100000028 -> allow rule
x86_64 socket -> errno(1) rule | allow rule
x86_64 456 -> allow rule
x86_64 457-600 -> errno(38) stub
# -1 has bit 30, so runc's stub takes it for an x32 call
x86_64 -1 -> errno(38) stub
# gated by minKernel 4.8
x86_64 ptrace -> allow rule
x86 mkdir -> allow rule
x86 socketcall -> allow rule
x86 socket 40 -> errno(1) rule
x86 clock_gettime64 -> allow rule
x86 600 -> errno(38) stub
x32 mkdir -> allow rule
x32 600 -> errno(38) stub
aarch64 mkdirat -> kill_thread bad_arch

target: docker runc:1.3.0 kernel:4.7
x86_64 ptrace -> errno(1) default
x86_64 process_vm_readv -> errno(1) default

target: docker runc:1.3.0 caps:docker-default,+CAP_SYS_ADMIN
x86_64 mount -> allow rule
x86_64 clone3 -> allow rule
x86_64 clone 0x10000000 -> allow rule

target: docker runc:1.3.0 caps:none
x86_64 chroot -> errno(1) default
x86_64 mkdir -> allow rule

# gates are ignored, archMap too
target: cri runc:1.3.0
x86_64 mount -> allow rule
x86_64 setns -> allow rule
x86_64 clone 0x10000000 -> allow rule
x86 mkdir -> kill_thread bad_arch
x32 mkdir -> kill_thread bad_arch
x86_64 -1 -> errno(1) default

# no stub
target: podman crun:1.14.0
x86_64 600 -> errno(1) default
x86_64 mkdir -> allow rule

profile: container-libs-head.json
target: podman crun:1.14.0
x86_64 mount -> allow rule
x86_64 600 -> errno(38) default
x86_64 userfaultfd -> errno(1) rule
x86_64 socket 16,3,9 -> errno(22) rule
x86_64 socket 16,3,0 -> allow rule
x86_64 socket 40 -> errno(1) rule
target: podman crun:1.14.0 caps:docker-default
x86_64 socket 16,3,9 -> allow rule

profile: jail__seccomp.json
target: docker runc:1.3.0
x86_64 mkdir -> allow rule
x86_64 600 -> errno(38) stub
target: docker crun
x86_64 600 -> kill_thread default

# name form means nothing to containerd
profile: moby-default-v1.12.0.json
target: docker
x86_64 mkdir -> allow rule
target: cri
x86_64 mkdir -> errno(1) default

json: {'defaultAction':'SCMP_ACT_ERRNO','architectures':['SCMP_ARCH_X86'],'syscalls':[{'names':['read','exit_group'],'action':'SCMP_ACT_ALLOW'}]}
# before 1.1.15 the stub covers listed architectures only
target: oci runc:1.1.14
x86_64 600 -> errno(1) default
x86 600 -> errno(38) stub
target: oci runc:1.1.15
x86_64 231 -> allow rule
x86_64 232 -> errno(38) stub
x86 252 -> allow rule
x86 253 -> errno(38) stub
x32 232 -> kill_thread bad_arch

# x32 has a maximum of its own
json: {'defaultAction':'SCMP_ACT_KILL_PROCESS','architectures':['SCMP_ARCH_X32','SCMP_ARCH_X86_64'],'syscalls':[{'names':['read','execveat'],'action':'SCMP_ACT_ALLOW'}]}
target: oci runc:1.3.0
x86_64 322 -> allow rule
x86_64 323 -> errno(38) stub
x32 322 -> kill_process default
x32 545 -> allow rule
x32 546 -> errno(38) stub
x86 read -> kill_thread bad_arch

# only read, number 0: no maximum, no stub
json: {'defaultAction':'SCMP_ACT_ERRNO','syscalls':[{'names':['read'],'action':'SCMP_ACT_ALLOW'}]}
target: oci runc:1.3.0
x86_64 600 -> errno(1) default

# redundant names count for the stub
json: {'defaultAction':'SCMP_ACT_ERRNO','syscalls':[{'names':['statx','nosuchcall'],'action':'SCMP_ACT_ERRNO'}]}
target: oci runc:1.3.0
x86_64 statx -> errno(1) default
x86_64 333 -> errno(38) stub

# the first unconditional rule wins
json: {'defaultAction':'SCMP_ACT_LOG','syscalls':[{'names':['mkdir'],'action':'SCMP_ACT_ERRNO','errnoRet':38},{'names':['mkdir'],'action':'SCMP_ACT_ALLOW'},{'names':['rmdir'],'action':'SCMP_ACT_ALLOW','args':[{'index':0,'op':'SCMP_CMP_EQ','value':1}]},{'names':['rmdir'],'action':'SCMP_ACT_KILL'}]}
target: oci runc:1.3.0
x86_64 mkdir -> errno(38) rule
x86_64 rmdir -> kill_thread rule
x86_64 600 -> log default

# two conditions on one argument are two rules
json: {'defaultAction':'SCMP_ACT_ERRNO','syscalls':[{'names':['mkdir'],'action':'SCMP_ACT_ALLOW','args':[{'index':0,'op':'SCMP_CMP_GE','value':5},{'index':0,'op':'SCMP_CMP_LE','value':8}]}]}
target: oci crun
x86_64 mkdir 3 -> allow rule
x86_64 mkdir 9 -> allow rule
x86_64 mkdir -> allow rule

# a mask of 0 is no condition; MASKED_EQ compares with valueTwo
json: {'defaultAction':'SCMP_ACT_ERRNO','syscalls':[{'names':['mkdir'],'action':'SCMP_ACT_ALLOW','args':[{'index':0,'op':'SCMP_CMP_MASKED_EQ','value':0,'valueTwo':0}]},{'names':['rmdir'],'action':'SCMP_ACT_ALLOW','args':[{'index':0,'op':'SCMP_CMP_MASKED_EQ','value':12,'valueTwo':4}]}]}
target: oci crun
x86_64 mkdir -> allow rule
x86_64 rmdir 4 -> allow rule
x86_64 rmdir 0xf00000007 -> allow rule
x86_64 rmdir 12 -> errno(1) rule

# socket on x86 is a number of its own and a way through socketcall
json: {'defaultAction':'SCMP_ACT_ERRNO','architectures':['SCMP_ARCH_X86'],'syscalls':[{'names':['socket'],'action':'SCMP_ACT_ALLOW','args':[{'index':0,'op':'SCMP_CMP_EQ','value':1}]}]}
target: oci crun
x86_64 socket 1 -> allow rule
x86_64 socket 2 -> errno(1) rule
x86 359 1 -> allow rule
x86 359 2 -> errno(1) rule
x86 socketcall 1 -> allow rule
x86 socketcall 2 -> errno(1) rule
x86 ipc -> errno(1) default

# other architectures
json: {'defaultAction':'SCMP_ACT_ERRNO','architectures':['SCMP_ARCH_ARM'],'syscalls':[{'names':['mkdir','mkdirat','arm_fadvise64_64','set_tls'],'action':'SCMP_ACT_ALLOW'}]}
target: oci runc:1.3.0 arch:aarch64
aarch64 mkdirat -> allow rule
aarch64 35 -> errno(38) stub
arm mkdir -> allow rule
arm arm_fadvise64_64 -> allow rule
arm 983045 -> allow rule
arm 983046 -> errno(38) stub
arm 983044 -> errno(1) default
x86_64 mkdir -> kill_thread bad_arch

json: {'defaultAction':'SCMP_ACT_ERRNO','architectures':['SCMP_ARCH_S390'],'syscalls':[{'names':['mkdir'],'action':'SCMP_ACT_ALLOW','args':[{'index':1,'op':'SCMP_CMP_EQ','value':4294967297}]}]}
target: oci runc:1.3.0 arch:s390x
s390x mkdir 0,0x100000001 -> allow rule
s390x mkdir 0,1 -> errno(1) rule
# setup(2), which s390 uses for numbers that do not fit
s390x 0 -> errno(38) stub
s390 0 -> errno(38) stub
s390x 40 -> errno(38) stub
target: oci runc:1.1.2 arch:s390x
s390 0 -> errno(1) default

json: {'defaultAction':'SCMP_ACT_TRACE','defaultErrnoRet':7,'syscalls':[{'names':['mkdir'],'action':'SCMP_ACT_TRAP'},{'names':['rmdir'],'action':'SCMP_ACT_NOTIFY'},{'names':['read'],'action':'SCMP_ACT_LOG'},{'names':['write'],'action':'SCMP_ACT_ERRNO','errnoRet':0},{'names':['unlink'],'action':'SCMP_ACT_TRACE','errnoRet':4242}]}
target: oci crun:1.8.1
x86_64 mkdir -> trap rule
x86_64 rmdir -> user_notif rule
x86_64 read -> log rule
x86_64 write -> errno(0) rule
x86_64 unlink -> trace(4242) rule
x86_64 600 -> trace(7) default

json: {}
target: docker
x86_64 600 -> allow none
x86 mkdir -> allow none
