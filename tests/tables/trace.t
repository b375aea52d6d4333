# Traces and lists of names to frames, as strace 6.1 and perf 6.1 on x86_64 write them, and
# sysdig and Falco by their documentation. See
# tests/record_table.h for the form.

= one process
< execve("/usr/bin/sh", ["sh", "-c", "true"], 0x7ffe9034e9b8 /* 37 vars */) = 0
< mkdir("/tmp/x", 0777)                   = -1 EPERM (Operation not permitted)
< exit_group(0)                           = ?
< +++ exited with 0 +++
> kind=event source=strace trust=forgeable nr=59 arch=x86_64 action=unknown denied=0 comm=sh !pid !time line=1 count=1
> nr=83 action=unknown denied=0 comm=sh line=2
> nr=231 denied=0 line=3

= several, with -f -o
< 12 execve("/usr/bin/a-program-with-a-long-name", ["x"], 0x7ffe9034e9b8 /* 37 vars */) = 0
< 12 clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0x7fa3c0ffba10) = 13
< 12 wait4(-1,  <unfinished ...>
< 13 getpid( <unfinished ...>
< 13 <... getpid resumed>)                = 13
< 12 <... wait4 resumed>[{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 13
< 12 --- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=13, si_uid=0, si_status=0, si_utime=0, si_stime=0} ---
< 13 +++ exited with 0 +++
> pid=12 nr=59 comm=a-program-with-
> pid=12 nr=56 args=0:0x1200011,
> pid=12 nr=61 line=3
> pid=13 nr=39 comm=a-program-with- line=4

= pids in brackets, and what strace says of its own
< strace: Process 31 attached
< [pid    31] 06:14:08.421000 read(3, "clone(1) = 2", 4096) = 12
< [pid    30] 06:14:08 clone(child_stack=NULL, flags=CLONE_VM|CLONE_VFORK|SIGCHLDstrace: Process 32 attached
< [pid    32] 06:14:08 set_robust_list(0x7f245cc80a20, 24 <unfinished ...>
< [pid    30] 06:14:08 <... clone resumed>) = 32
< strace: Process 31 detached
> pid=31 nr=0 line=2 !time
> pid=30 nr=56 args=0:0x4111,
> pid=32 nr=273

= times and places
< 1795524065.073068 execve("/usr/bin/sh", ["sh"], 0x7ffc30832ff8 /* 37 vars */) = 0
< 1795524065 getpid() = 3
< 12 1795524065.500 [00007fa33a5e0c47] getpid() = 3
<      0.000254 [  12] brk(NULL)          = 0x558306943000
< 12<sh> 06:14:08.421 (+     0.000123) getppid() = 3
> nr=59 time=1795524065073
> nr=39 time=1795524065000
> nr=39 time=1795524065500 pid=12
> nr=12 !time
> nr=110 pid=12 !time

= arguments that tell calls apart
< socket(AF_VSOCK, SOCK_STREAM|SOCK_CLOEXEC, 0) = 3
< socket(0x28 /* AF_??? */, SOCK_STREAM, 0) = 3
< socket(AF_SOMETHING, SOCK_STREAM, 0) = 3
< personality(PER_LINUX|ADDR_NO_RANDOMIZE) = 0 (PER_LINUX)
< unshare(CLONE_NEWUSER|CLONE_NEWNS) = 0
< setns(3</proc/1/ns/net>, CLONE_NEWNET) = 0
< ioctl(1, TCGETS, 0x7ffe) = 0
< ioctl(1, 0x5412, 0x7ffe) = 0
< clone3({flags=CLONE_VM|CLONE_FS, exit_signal=0}, 88) = 3
< unshare(CLONE_NEWUSER
> nr=41 args=0:0x28,
> nr=41 args=0:0x28,
> nr=41 !args
> nr=135 args=0:0x40000,
> nr=272 args=0:0x10020000,
> nr=308 args=1:0x40000000,
> nr=16 !args
> nr=16 args=1:0x5412,
> nr=435 !args
> nr=272 !args

= what a program names a file is no argument
< ioctl(3</tmp/a, 0x5412, b>, TCGETS, 0x7ffe) = -1 ENOTTY (Inappropriate ioctl for device)
< ioctl(3</tmp/a, 0x5412, b>, 0x5401, 0x7ffe) = -1 ENOTTY (Inappropriate ioctl for device)
< ioctl(3</tmp/a, 0x5412>, 0x5401) = 0
< ioctl(3<TCP:[127.0.0.1:1->127.0.0.1:2]>, 0x541b, [0]) = 0
< ioctl(3</tmp/a->, 0x5401, 0x5412, 0x5413) = 0
< setns(3<socket:(, {, [1]>, CLONE_NEWNET) = 0
> nr=16 !args
> nr=16 args=1:0x5401,
> nr=16 args=1:0x5401,
> nr=16 args=1:0x541b,
> nr=16 !args
> nr=308 args=1:0x40000000,

= what stands in quotes and brackets is no argument
< ioctl("a, 0x5412, \", 0x5413, ", 0x5401) = 0
< ioctl({a=1, 0x5412, [2, 0x5413], f(3, 4)}, 0x5401) = 0
< ioctl("a, 0x5412, 
< clone("flags=CLONE_NEWNS, ", flags=CLONE_NEWUSER|SIGCHLD) = 3
> nr=16 args=1:0x5401,
> nr=16 args=1:0x5401,
> nr=16 !args
> nr=56 args=0:0x10000011,

= numbers
< personality(0) = 0
< personality(010) = 0
< personality(08) = 0
< personality(07777777777777777777777777) = 0
< personality(0xffffffff) = 0
< personality(-1) = 0
< personality(8|010) = 0
< personality(8|) = 0
< personality() = 0
< unshare(NULL) = 0
< socket(/* none */, 1) = 0
> nr=135 args=0:0x0,
> nr=135 args=0:0x8,
> nr=135 !args
> nr=135 !args
> nr=135 args=0:0xffffffff,
> nr=135 args=0:0xffffffffffffffff,
> nr=135 args=0:0x8,
> nr=135 !args
> nr=135 !args
> nr=272 args=0:0x0,
> nr=41 !args

= a trap
< 12 mkdir("/tmp/xx", 0777)            = 83
< 12 --- SIGSYS {si_signo=SIGSYS, si_code=SYS_SECCOMP, si_call_addr=0x7f262704cf37, si_syscall=__NR_mkdir, si_arch=AUDIT_ARCH_X86_64} ---
< 12 +++ killed by SIGSYS +++
> nr=83 denied=0
> nr=83 denied=1 action=trap pid=12 line=2

= a trap of a 32-bit program
< 12 getpid() = 1
< 12 --- SIGSYS {si_signo=SIGSYS, si_code=SYS_SECCOMP, si_call_addr=0x7f26, si_syscall=__NR_mkdir, si_arch=AUDIT_ARCH_I386} ---
> nr=39
> nr=39 arch=x86 denied=1 action=trap

= a SIGSYS that is no filter's, and one of an unknown call
@ undecodable=1
< 12 getpid() = 1
< 12 --- SIGSYS {si_signo=SIGSYS, si_code=SI_USER, si_pid=1, si_uid=0} ---
< 12 --- SIGSYS {si_signo=SIGSYS, si_code=SYS_SECCOMP, si_call_addr=0x7f26, si_syscall=0x1e3, si_arch=AUDIT_ARCH_X86_64} ---
> nr=39

= death: the kernel takes the call back
< 11 read(0,  <unfinished ...>
< 13 write(1, "x", 1)                 = 1
< 12 mkdir("/tmp/xx", 0777)            = 83
< 11 <... read resumed>)              = ?
< 11 +++ killed by SIGSYS +++
< 13 +++ killed by SIGSYS +++
< 12 +++ killed by SIGSYS +++
> nr=0 denied=0 pid=11
> nr=1 denied=0 pid=13
> nr=83 denied=0
> nr=83 denied=1 action=unknown pid=12 line=7

= 32-bit programs
< 12 execve("/bin/a", ["a"], 0x7ffe /* 3 vars */) = 0
< strace: [ Process PID=12 runs in 32 bit mode. ]
< 12 mkdir("/x", 0777) = 0
< 12 stat64("/x", 0xff) = 0
< strace: [ Process PID=12 runs in 64 bit mode. ]
< 12 mkdir("/x", 0777) = 0
> nr=59 arch=x86_64
> nr=39 arch=x86
> nr=195 arch=x86
> nr=83 arch=x86_64

= calls without a name, and none at all
< syscall_0x1d7(0x1, 0x2, 0x3) = -1 ENOSYS (Function not implemented)
< frobnicate(1, 2) = 3
< sh: 1: cannot open x
< [  83] mkdir("/x", 0777) = 0
> nr=471 arch=x86_64
> nr=83

= records in the middle of a trace
@ stdin
< 12 getpid() = 1
< type=SECCOMP msg=audit(1.001:1): auid=0 uid=0 gid=0 ses=1 pid=1 comm="a" exe="/a" sig=0 arch=c000003e syscall=3 compat=0 ip=0x1 code=0x50000
> source=strace nr=39
> source=auditd nr=3 action=errno

= names
< # what it calls
< read
< write, openat
<
< close 12   # often
<      7 mkdir
< stat64
> source=names nr=0 count=1 denied=0 action=unknown arch=x86_64
> nr=1 count=1
> nr=257 count=1
> nr=3 count=12
> nr=83 count=7
> error=incomplete

= names that are none
@ undecodable=1
< read
< frobnicate
< -- the end --
> nr=0

= a table of strace -c
< % time     seconds  usecs/call     calls    errors syscall
< ------ ----------- ----------- --------- --------- ----------------
<  99.00    0.010000           5         2         1 mkdir
<   0.00    0.000000           0        40           read
< ------ ----------- ----------- --------- --------- ----------------
< 100.00    0.000000           0        42         1 total
> source=names nr=83 count=2
> nr=0 count=40

= text with a call's name in front is no list
< read the manual
< kill -9 12
< open

= strace's marks within a string
< 12 write(1, "x <unfinished ...>", 18) = 18
< 12 unlink("/strace: Process 1 attached") = 87
< 12 +++ killed by SIGSYS +++
> nr=1
> nr=87 denied=0
> nr=87 denied=1 action=unknown

= sysdig: a call counts where it is entered
< 34378 12:02:36.269753803 2 sh (7896) > mkdir path=/x mode=0
< 34379 12:02:36.269754164 2 sh (7896) < mkdir res=0
< 34380 12:02:36.269754170 0 sh (7896) > switch next=0 pgft_maj=0
< 34381 12:02:36.269754180 0 a (1) > b (12) > close fd=3(/x)
< 34382 12:02:36.269754190 0 sh (7896) > clone
< 34383 12:02:36.269754195 0 sh (7897) < clone res=0 exe=sh
< 34384 12:02:36.269754196 0 sh (7896) < clone res=7897 exe=sh
< 34385 12:02:36.269754199 0 sh (7897) > procexit status=0
> kind=event source=sysdig trust=forgeable nr=83 arch=x86_64 action=unknown denied=0 comm=sh pid=7896 !time line=1 count=1
> nr=3 comm=a\s(1)\s>\sb pid=12
> nr=56 pid=7896

= sysdig without the events of entering
< 1 1504634391.290153856 2 sh (7896) < mkdir res=0
< 2 1504634391.290153857 2 sh (7897) < clone res=0
< 3 1504634391.290153858 2 sh (7896) < clone res=7897
< 4 1504634391.290153859 2 sh (7896) < mkdir res=-17(EEXIST)
> nr=83 time=1504634391290
> nr=56 pid=7896
> nr=83 line=4

= sysdig: names of its own, calls without events, containers
@ undecodable=2
< 1 12:02:36.269753803 2 sh (7896) > pread fd=3 size=4 pos=0
< 2 12:02:36.269753803 2 sh (7896) > umount name=/x
< 3 12:02:36.269753803 2 sh (7896) > syscall ID=318(getrandom) nativeID=318
< 4 12:02:36.269753803 2 sh (7896) > syscall ID=12 nativeID=39
< 5 12:02:36.269753803 2 sh (7896) > syscall ID=12
< 6 12:02:36.269753803 2 sh (7896) > frobnicate
< 7 12:02:36.269753803 0 web (5d2f0c1e9a7b) sh (7896:12) > close fd=3
< 8 12:02:36.269753803 0 host (host) sh (7896:7896) > close fd=3
> nr=17
> nr=166
> nr=318
> nr=39
> nr=3 comm=sh pid=7896
> nr=3 comm=sh line=8

= sysdig: what only looks like an event
< 1 12:02:36.269753803 2 sh (7896) > close fd=3
< 1 12:02:36. 2 sh (7896) > mkdir
< 1 12:02 2 sh (7896) > mkdir
< 1 150463439.29015385 2 sh (7896) > mkdir
< 1 12:02:36.269753803 2 sh (99999999999) > mkdir
< 1 12:02:36.269753803 2 sh () > mkdir
< 1 12:02:36.269753803 2 sh (7896:) > mkdir
< 1 12:02:36.269753803 2 sh (7896) = mkdir
< 1 12:02:36.269753803 2 sh (7896) > mkdir,x
< 1 12:02:36.269753803 2 a-name-of-more-than-fifteen (7896) > mkdir
< 1 12:02:36 2 web (nohex) sh (7) > mkdir
< 1 1504634.290153856 2 sh (8) > rmdir
> nr=3
> nr=83 comm=web\s(nohex)\ssh pid=7 !time line=11
> nr=84 comm=sh pid=8 !time

= sysdig -j
< {"evt.cpu":2,"evt.dir":">","evt.info":"path=/x ","evt.num":1,"evt.outputtime":1504634391290153856,"evt.type":"mkdir","proc.name":"sh","thread.tid":7896}
< {"evt.cpu":2,"evt.dir":"<","evt.info":"res=0 ","evt.num":2,"evt.outputtime":1504634391290153857,"evt.type":"mkdir","proc.name":"sh","thread.tid":7896}
< {"evt.cpu":2,"evt.dir":">","evt.info":"next=0","evt.num":3,"evt.outputtime":1504634391290153858,"evt.type":"switch","proc.name":"sh","thread.tid":7896}
> source=sysdig trust=forgeable nr=83 action=unknown denied=0 comm=sh pid=7896 time=1504634391290

= sysdig -j of old, one array
< [{"evt.dir":">","evt.outputtime":"12:02:36.269753803","evt.type":"getpid","proc.name":"sh","thread.tid":7896},
< {"evt.dir":"<","evt.outputtime":"12:02:36.269753804","evt.type":"getpid","proc.name":"sh","thread.tid":7896}
< ]
> source=sysdig nr=39 !time

= alerts of Falco
@ undecodable=1
< {"hostname":"n1","output":"12:02:36.26: Notice x","output_fields":{"container.id":"5d2f0c1e9a7b","container.name":"web","evt.dir":"<","evt.time":1504634391290153856,"evt.type":"mkdir","k8s.ns.name":null,"k8s.pod.name":"<NA>","proc.name":"sh","proc.pid":12},"priority":"Notice","rule":"r","source":"syscall","time":"2017-09-05T17:59:51.290153856Z"}
< {"output":"x","output_fields":{"container.id":"host","evt.type":"setns","proc.name":"<NA>"},"rule":"r","time":"2017-09-05T17:59:51.290153856Z"}
< {"output":"x","output_fields":{"user.name":"root"},"rule":"r","time":"2017-09-05T17:59:51.290153856Z"}
< {"output":"x","output_fields":{"ka.verb":"get"},"rule":"r","source":"k8s_audit","time":"2017-09-05T17:59:51.290153856Z"}
< {"output":"x","output_fields":{"evt.type":"container"},"rule":"r","time":"2017-09-05T17:59:51.290153856Z"}
> source=falco trust=forgeable nr=83 action=unknown denied=0 comm=sh pid=12 time=1504634391290 node=n1
> source=falco nr=308 !comm !pid

= events with more than a name in it
@ undecodable=2
< {"output_fields":{"evt.type":"syscall_0x1\",\"denied\":true,\"a\":\""},"rule":"r"}
< {"evt.dir":">","evt.info":"ID=1(a\",\"b) nativeID=1","evt.type":"syscall"}
< {"evt.dir":">","evt.info":"nativeID=39","evt.type":"syscall","proc.name":"a\",\"b","container.id":"5d2f0c1e9a7b\""}
> nr=39 comm=a","b

= Falco in another log, and its text
< starts with something else
< {"log":"{\"output\":\"x\",\"output_fields\":{\"evt.type\":\"mkdir\",\"proc.name\":\"sh\"},\"rule\":\"r\"}\\n","stream":"stdout"}
< 12:02:36.269754164: Notice Unexpected (file=/x evt_type=mkdir user=root process=sh)
< 12:02:36.269754164: Nothing (evt_type=mkdir)
< GET /?evt_type=mkdir
> source=falco nr=83
> source=falco nr=83 line=3

= perf trace
@ undecodable=1
<          ? (         ): sh/5902  ... [continued]: execve())                                           = 0
<      0.713 ( 0.023 ms): sh/5902 brk()                                                                 = 0x5641e3262000
<      1.305 ( 0.014 ms): a b/c/12 openat(dfd: CWD, filename: 0x83e0b0b1, flags: RDONLY|CLOEXEC)        = 4
<          ? (         ): sh/5903  ... [continued]: clone())                                            = 
<      6.710 (         ): sh/5902 wait4(upid: -1, stat_addr: 0x7ffc56cb061c)                         ...
<      6.710 ( 7.446 ms): sh/5902  ... [continued]: wait4())                                            = 5904 (cat)
<      7.001 ( 0.001 ms): getpid()                                                                  = 12
< 18446744073707.734 ( 0.014 ms): :13/13 getpid() = 13
<      7.002 ( 0.001 ms): sh/12 frobnicate()                                                            = 12
> source=perf trust=forgeable nr=59 arch=x86_64 action=unknown denied=0 comm=sh pid=5902 !time count=1
> nr=12
> nr=257 comm=a\sb/c pid=12
> nr=61 line=5
> nr=39 !comm !pid
> nr=39 !comm pid=13

= perf trace loses events
@ loss=1 lost=12
<      0.713 ( 0.023 ms): sh/5902 brk() = 0x5641e3262000
< LOST 12 events!
> nr=12
> kind=loss source=perf lost=12

= perf trace -s
<
<  Summary of events:
<
<  ls (23207), 290 events, 97.3%
<
<    syscall            calls  errors  total       min       avg       max       stddev
<                                      (msec)    (msec)    (msec)    (msec)        (%)
<    --------------- --------  ------ -------- --------- --------- ---------     ------
<    mmap                  30      0     0.459     0.013     0.015     0.023      2.55%
<    openat                34     13     0.446     0.012     0.013     0.019      1.84%
<
<  sh (2), 2 events, 2.7%
<    close                 23     0.298     0.010     0.013     0.060     16.69%
> source=perf nr=9 count=30 denied=0 action=unknown
> nr=257 count=34
> nr=3 count=23
