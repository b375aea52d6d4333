# Lines to frames. See tests/record_table.h for the form.
# '@': stdin (no regular file), exact (no copies with CRLF, blanks, colours), entry= and paste=
# (limits), and the counts that are not 0: foreign torn undecodable loss lost.

# -- auditd --

= auditd raw
< type=SECCOMP msg=audit(1795502175.137:19429): auid=4294967295 uid=0 gid=0 ses=4294967295 pid=1110 comm="fmtprobe" exe="/p" sig=31 arch=c000003e syscall=140 compat=0 ip=0x7f8039d00829 code=0x80000000
> source=auditd trust=kernel type=1326 time=1795502175137 serial=19429 !node nr=140 action=kill_process pid=1110 line=1

= auditd enriched, and what copies make of it
< type=SECCOMP msg=audit(1.001:1): auid=0 uid=0 gid=0 ses=1 pid=1 comm="a" exe="/a" sig=0 arch=c000003e syscall=3 compat=0 ip=0x1 code=0x7ffc0000\x1dAUID="unset" UID="root" GID="root" ARCH=x86_64 SYSCALL=unknown-syscall(-1)
< type=SECCOMP msg=audit(1.001:2): auid=0 uid=0 gid=0 ses=1 pid=1 comm="a" exe="/a" sig=0 arch=c000003e syscall=3 compat=0 ip=0x1 code=0x7ffc0000AUID="unset" UID="root" ARCH=i386 SYSCALL=mkdir
< type=SECCOMP msg=audit(1.001:3): auid=0 uid=0 gid=0 ses=1 pid=1 comm="a" exe="/a" sig=31 arch=c000003e syscall=3 compat=0 ip=0x1 code=0x0AUID="unset" UID="unknown(1000660000)"
< type=SECCOMP msg=audit(1.001:4): auid=0 uid=0 gid=0 ses=1 pid=1 comm="a" exe="/a" sig=0 arch=c000003e syscall=3 compat=0 ip=0x1 code=0x50000#035AUID="unset"
< type=SECCOMP msg=audit(1.001:5): auid=0 uid=0 gid=0 ses=1 pid=1 comm="a" exe="/a" sig=0 arch=c000003e syscall=3 compat=0 ip=0x1 code=0x50000 AUID="unset" UID="a b" SYSCALL=mkdir
< type=SECCOMP msg=audit(1.001:6): auid=0 uid=0 gid=0 ses=1 pid=1 comm="a" exe="/a" sig=0 arch=c000003e syscall=3 compat=0 ip=0x1 code=0x50000^]AUID="unset"
> trust=kernel serial=1 nr=3 action=log arch=x86_64
> trust=kernel serial=2 nr=3 action=log arch=x86_64
> trust=kernel serial=3 nr=3 action=kill_thread code=0x0
> trust=kernel serial=4 nr=3 action=errno
> trust=kernel serial=5 nr=3 action=errno
> trust=kernel serial=6 nr=3 action=errno

= other names of the type
< type=UNKNOWN[1326] msg=audit(1.001:1): auid=0 uid=0 gid=0 ses=1 pid=1 comm="a" exe="/a" sig=0 arch=c000003e syscall=3 compat=0 ip=0x1 code=0x50000
< type=1326 msg=audit(1.001:2): auid=0 uid=0 gid=0 ses=1 pid=1 comm="a" exe="/a" sig=0 arch=c000003e syscall=3 compat=0 ip=0x1 code=0x50000
< type=ANOM_ABEND msg=audit(1.001:3): auid=0 uid=0 gid=0 ses=1 pid=1 comm="a" reason="seccomp" sig=0 syscall=3 compat=0 ip=0x1 code=0x50000
> type=1326 source=auditd trust=kernel serial=1
> type=1326 source=auditd trust=kernel serial=2
> type=1701 source=auditd trust=kernel serial=3 !arch

= node
< node=web-1.example.com type=SECCOMP msg=audit(1.001:1): auid=0 uid=0 gid=0 ses=1 pid=1 comm="a" exe="/a" sig=0 arch=c000003e syscall=3 compat=0 ip=0x1 code=0x50000
> node=web-1.example.com trust=kernel source=auditd

= indented, and with a byte order mark
@ exact
< \xef\xbb\xbftype=SECCOMP msg=audit(1.001:1): auid=0 uid=0 gid=0 ses=1 pid=1 comm="a" exe="/a" sig=0 arch=c000003e syscall=3 compat=0 ip=0x1 code=0x50000
<  \t type=SECCOMP msg=audit(1.001:2): auid=0 uid=0 gid=0 ses=1 pid=1 comm="a" exe="/a" sig=0 arch=c000003e syscall=3 compat=0 ip=0x1 code=0x50000
> serial=1 trust=kernel
> serial=2 trust=forgeable

= a file that starts with another's line is not auditd's
< Nov 24 06:14:07 host app[1]: started
< type=SECCOMP msg=audit(1.001:1): auid=0 uid=0 gid=0 ses=1 pid=1 comm="a" exe="/a" sig=0 arch=c000003e syscall=3 compat=0 ip=0x1 code=0x50000
> serial=1 trust=forgeable source=auditd

= auditd's line in a journal's JSON, and the other way round
@ exact
< {"__CURSOR":"x","_TRANSPORT":"stdout","MESSAGE":"hello"}
< type=SECCOMP msg=audit(1.001:1): auid=0 uid=0 gid=0 ses=1 pid=1 comm="a" exe="/a" sig=0 arch=c000003e syscall=3 compat=0 ip=0x1 code=0x50000
< {"_TRANSPORT":"kernel","MESSAGE":"audit: type=1326 audit(1.001:2): auid=0 uid=0 gid=0 ses=1 pid=1 comm=\\"a\\" exe=\\"/a\\" sig=0 arch=c000003e syscall=3 compat=0 ip=0x1 code=0x50000"}
> serial=1 trust=forgeable
> serial=2 trust=kernel

= a journal's entries in auditd's file
@ exact
< type=CWD msg=audit(1.001:1): cwd="/"
< {"_TRANSPORT":"kernel","MESSAGE":"audit: type=1326 audit(1.001:2): auid=0 uid=0 gid=0 ses=1 pid=1 comm=\\"a\\" exe=\\"/a\\" sig=0 arch=c000003e syscall=3 compat=0 ip=0x1 code=0x50000"}
< __CURSOR=x
< _TRANSPORT=kernel
< MESSAGE=audit: type=1326 audit(1.001:3): auid=0 uid=0 gid=0 ses=1 pid=1 comm="a" exe="/a" sig=0 arch=c000003e syscall=3 compat=0 ip=0x1 code=0x50000
<
< type=SECCOMP msg=audit(1.001:4): auid=0 uid=0 gid=0 ses=1 pid=1 comm="a" exe="/a" sig=0 arch=c000003e syscall=3 compat=0 ip=0x1 code=0x50000
> serial=2 trust=forgeable
> serial=3 trust=forgeable
> serial=4 trust=kernel

= standard input is anybody's
@ stdin
< type=SECCOMP msg=audit(1.001:1): auid=0 uid=0 gid=0 ses=1 pid=1 comm="a" exe="/a" sig=0 arch=c000003e syscall=3 compat=0 ip=0x1 code=0x50000
> trust=forgeable source=auditd

= stamps
@ undecodable=4
< type=SECCOMP msg=audit(6914317446.261:4294967295): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< type=SECCOMP msg=audit(7.030:1): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< type=SECCOMP msg=audit(0.0:12): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< type=SECCOMP msg=audit(1.001:4294967296): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< type=SECCOMP msg=audit(99999999999999999.001:2): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< type=SECCOMP msg=audit(1.01:2): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< type=SECCOMP msg=audit(x.001:2): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
> time=6914317446261 serial=4294967295
> time=7030 serial=1
> !time serial=12

= ausearch's own lines between records
< ----
< time->Thu Apr  3 11:33:18 2025
< type=SECCOMP msg=audit(1743672798.369:1358): auid=0 uid=0 gid=0 ses=1 pid=1 comm="a" exe="/a" sig=31 arch=c000003e syscall=95 compat=0 ip=0x1 code=0x0
> serial=1358 line=3

= the last line of a file that is written to
@ torn=1
< type=SECCOMP msg=audit(1743672798.369:1358): auid=0 uid=0 gid=0 ses=1 pid=1 comm="a" exe="/a

# -- what is not a record --

= the type of the line decides
@ foreign=4
< type=USER_CMD msg=audit(1.001:1): pid=1 uid=0 auid=0 ses=1 msg='cwd="/" cmd="x type=1326 audit(1.001:2): auid=0 sig=31 arch=c000003e syscall=3 code=0x0" res=success'
< type=USER_AVC msg=audit(1.001:1): pid=1 msg='type=SECCOMP msg=audit(1.001:2): auid=0 sig=31 arch=c000003e syscall=3 code=0x0'
< node=x type=USER_LOGIN msg=audit(1.001:1): pid=1 msg='op=login acct="type=SECCOMP msg=audit(1.001:2): auid=0 sig=31 arch=c000003e syscall=3 code=0x0"'
< type=EXECVE msg=audit(1.001:1): argc=2 a0="echo" a1="node=x type=SECCOMP msg=audit(1.001:2): auid=0 sig=31 arch=c000003e syscall=3 code=0x0"

= neighbours
< type=SYSCALL msg=audit(1.001:1): arch=c000003e syscall=317 success=yes a0=1 comm="x" exe="/usr/bin/seccomp-test" key=(null)
< type=PROCTITLE msg=audit(1.001:1326): proctitle="seccomp"
< type=CONFIG_CHANGE msg=audit(1.001:2): op=seccomp-logging actions=kill_process old-actions=log res=1
< type=ANOM_ABEND msg=audit(1.001:3): auid=0 uid=0 gid=0 ses=1 pid=1326 comm="a" exe="/a" sig=31 res=1
< [ 1.0] audit: type=1701 audit(1.001:3): auid=0 uid=0 gid=0 ses=1 pid=1326 comm="seccomp" exe="/a" sig=31 res=1
< [ 1.0] audit: type=1701 audit(1.001:3): auid=0 uid=0 gid=0 ses=1 pid=1326 comm="a" reason="memory violation" sig=11 seccomp
< the type=1326 records are those of seccomp

= quoted and embedded
@ foreign=9
< he wrote "audit: type=1326 audit(1.001:2): auid=0 sig=31 arch=c000003e syscall=3 code=0x0"
< msg="audit: type=1326 audit(1.001:2): auid=0 sig=31 arch=c000003e syscall=3 code=0x0"
< 'type=SECCOMP msg=audit(1.001:2): auid=0 sig=31 arch=c000003e syscall=3 code=0x0'
< x=1 audit: type=1326 audit(1.001:2): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< [ 1.0] audit: type=1400 audit(1.001:1): apparmor="DENIED" name="x" audit: type=1326 audit(1.001:2): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< [ 1.0] see `audit: type=1326 audit(1.001:2): auid=0 sig=31 arch=c000003e syscall=3 code=0x0`
< Jul  6 15:37:40 host kernel: [ 1.0] usb 1-1: name='audit: type=1326 audit(1.001:2): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< 5,1,1,-,caller=T1;x=audit: type=1326 audit(1.001:2): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< char *s = "audit: type=1326 audit(1.001:2): auid=0 sig=31 arch=c000003e syscall=3 code=0x0";

= tags of others
@ foreign=8
< Jul  6 15:37:40 host logger: audit: type=1326 audit(1.001:2): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< Jul  6 15:37:40 host sudo[12]: kernel: audit: type=1326 audit(1.001:2): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< 2025-08-25T07:54:39.281965+00:00 host myapp[1]: type=SECCOMP msg=audit(1.001:2): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< <13>1 2026-11-24T06:14:07.9Z host app - - - audit: type=1326 audit(1.001:2): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< Tue 2026-11-24 06:14:07 UTC host app[3]: audit: type=1326 audit(1.001:2): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< Jul  6 15:37:40 host auditd[1]: they say audit: type=1326 audit(1.001:2): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< Jul  6 15:37:40 host and other words kernel: audit: type=1326 audit(1.001:2): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< [   12.345678] host logger[5]: audit: type=1326 audit(1.001:2): auid=0 sig=31 arch=c000003e syscall=3 code=0x0

= facilities of others
@ foreign=4
< <14>[  1.0] audit: type=1326 audit(1.001:2): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< 12,339,270968766,-;audit: type=1326 audit(1.001:2): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< user  :notice: [  270.968766] audit: type=1326 audit(1.001:2): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< 10.5.0.3: user: notice: [2022-07-28T11:49:44.893162063Z]: audit: type=1326 audit(1.001:2): auid=0 sig=31 arch=c000003e syscall=3 code=0x0

# -- the kernel's log --

= dmesg in all its forms
< [  270.968766] audit: type=1326 audit(1.001:1): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< [Tue Nov 24 06:14:07 2026] audit: type=1326 audit(1.001:2): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< [Fr Mai 31 22:47:08 2024] audit: type=1326 audit(1.001:3): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< [mer. 22 oct. 16:59:18 2025] audit: type=1326 audit(1.001:4): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< kern  :notice: [  270.968766] audit: type=1326 audit(1.001:5): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< <5>[  270.968766] audit: type=1326 audit(1.001:6): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< [  270.968766 <  269.603202>] audit: type=1326 audit(1.001:7): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< [Nov24 06:14] audit: type=1326 audit(1.001:8): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< [  +1,261094] audit: type=1326 audit(1.001:9): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< audit: type=1326 audit(1.001:10): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< [22734288.221628][   T55] audit: type=1326 audit(1.001:11): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< [28922.398944] 000: audit: type=1326 audit(1.001:12): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< 10.5.0.3: kern:  notice: [2022-07-28T11:49:44.893162063Z]: audit: type=1326 audit(1.001:13): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< \e[32m[  270.968766] \e[0m\e[33maudit: \e[0mtype=1326 audit(1.001:14): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< type=1326 audit(1.001:15): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
> serial=1 source=kernel trust=forgeable time=1001
> serial=2 source=kernel
> serial=3 source=kernel
> serial=4 source=kernel
> serial=5 source=kernel
> serial=6 source=kernel
> serial=7 source=kernel
> serial=8 source=kernel
> serial=9 source=kernel
> serial=10 source=kernel
> serial=11 source=kernel
> serial=12 source=kernel
> serial=13 source=kernel
> serial=14 source=kernel
> serial=15 source=kernel

= dmesg with ISO time
< 2026-11-24T06:14:07,968766+00:00 audit: type=1326 audit(1.001:1): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
> serial=1 source=syslog time=1001

= /dev/kmsg
< 5,339,270968766,-;audit: type=1326 audit(1.001:1): auid=0 uid=0 comm="a\\x5cb" exe="/a" sig=31 arch=c000003e syscall=3 code=0x0
<  SUBSYSTEM=acpi
< 5,340,270968767,-,caller=T55;audit: type=1326 audit(1.001:2): auid=0 uid=0 comm="a" sig=31 arch=c000003e syscall=3 code=0x0
> serial=1 source=kmsg comm=a\\b
> serial=2 source=kmsg

= Android
< W audit   : type=1326 audit(0.0:12): auid=0 sig=31 arch=c00000b7 syscall=3 code=0x0
< I auditd  : type=1326 audit(0.0:5): auid=0 sig=31 arch=c00000b7 syscall=3 code=0x0
< 07-28 11:49:44.891  1234  1235 I auditd  : type=1326 audit(0.0:6): auid=0 sig=31 arch=c00000b7 syscall=3 code=0x0
< E/audit ( 1900): type=1326 msg=audit(1659528178.748:27): auid=0 sig=31 arch=c00000b7 syscall=3 code=0x0
> serial=12 !time
> serial=5
> serial=6
> serial=27 time=1659528178748 trust=forgeable

= before Linux 3.8
< [  256.060769] type=1701 audit(1348927260.763:16): auid=0 uid=0 gid=0 ses=1 pid=2421 comm="chrome" reason="seccomp" sig=0 syscall=20 ip=0xc4b416 code=0x50001
> type=1701 serial=16 !arch action=errno

= two messages of a console in one line
< [   92.396607] general protection fault: 0000 [#1] [ 387.811073] audit: type=1326 audit(1.001:1): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< [ 1.0] audit: type=1326 audit(1.001:2): auid=0 sig=31 arch=c000003e syscall=3 code=0x0[ 1.1] audit: type=1326 audit(1.001:3): auid=0 sig=31 arch=c000003e syscall=4 code=0x0
> serial=1
> serial=2 nr=3
> serial=3 nr=4

= the first of two is cut
@ torn=1
< [ 1.0] audit: type=1326 audit(1.001:2): auid=0 uid=[ 1.1] audit: type=1326 audit(1.001:3): auid=0 sig=31 arch=c000003e syscall=4 code=0x0

= a name cannot start a record
< [ 1.0] audit: type=1326 audit(1.001:2): auid=0 uid=0 comm="type=1326" exe="/x/type=1326...audit(1.001:9):" sig=31 arch=c000003e syscall=4 code=0x0
> serial=2 comm=type=1326 nr=4

# -- syslog --

= syslog headers
< Jul  6 15:37:40 my-machine kernel: [369128.669453] audit: type=1326 audit(1.001:1): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< Dec 8 10:00:00 debian kernel: [1.0] audit: type=1326 audit(1.001:2): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< 2025-08-25T07:54:39.281965+00:00 host kernel: audit: type=1326 audit(1.001:3): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< <5>Jul  6 15:37:40 host kernel: audit: type=1326 audit(1.001:4): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< <5>1 2026-11-24T06:14:07.9Z host kernel - - - audit: type=1326 audit(1.001:5): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< <5>1 2026-11-24T06:14:07.9Z host kernel - - [timeQuality tzKnown="1" isSynced="1"][x y="\\]="] audit: type=1326 audit(1.001:6): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< 2013-06-01T00:00:00.5Z NOTICE kernel: [ 1.0] audit: type=1326 audit(1.001:7): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< Tue 2026-11-24 06:14:07 UTC host kernel: audit: type=1326 audit(1.001:8): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< Tue 2026-11-24 06:14:07 CET host kernel: audit: type=1326 audit(1.001:13): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< 1795500847.968766 host kernel: audit: type=1326 audit(1.001:9): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< [  270.968766] host kernel: audit: type=1326 audit(1.001:10): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< Jul  6 15:37:40 host type=1326 audit(1.001:11): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< 10:39:55 kernel: audit: type=1326 audit(1.001:12): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
> serial=1 source=syslog node=my-machine time=1001 trust=forgeable
> serial=2 source=syslog node=debian
> serial=3 source=syslog node=host
> serial=4 source=syslog node=host
> serial=5 source=syslog node=host
> serial=6 source=syslog node=host
> serial=7 source=syslog !node
> serial=8 source=syslog node=host
> serial=13 source=syslog node=host
> serial=9 source=syslog node=host
> serial=10 source=kernel
> serial=11 source=syslog node=host
> serial=12 source=syslog !node

= audisp-syslog
< Nov 24 06:36:13 host audispd[568]: node=other type=SECCOMP msg=audit(1.001:1): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< Nov 24 06:36:13 host audisp-syslog[568]: type=SECCOMP msg=audit(1.001:2): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
> serial=1 node=other source=syslog trust=forgeable
> serial=2 node=host source=syslog trust=forgeable

= lines that carry lines
< 2016-10-06T00:17:09.669794202Z stdout F Jul  6 15:37:40 host kernel: audit: type=1326 audit(1.001:1): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< 2016-10-06T00:17:09.669794202Z stderr F type=SECCOMP msg=audit(1.001:2): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< 2021 Nov 09 19:07:37 host->/var/log/audit/audit.log type=SECCOMP msg=audit(1.001:3): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< 2021 Nov 09 19:07:37 agent->/var/log/kern.log Nov  9 19:07:36 host kernel: [1.0] audit: type=1326 audit(1.001:4): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< web_1  | audit: type=1326 audit(1.001:5): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
> serial=1 node=host trust=forgeable
> serial=2 trust=forgeable source=auditd
> serial=3 node=host trust=forgeable
> serial=4 node=host
> serial=5 trust=forgeable

= what people put in front
< > [    9.402378] audit: type=1326 audit(1.001:1): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< > > audit: type=1326 audit(1.001:2): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< 52:[    9.402378] audit: type=1326 audit(1.001:3): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< # audit: type=1326 audit(1.001:4): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< // audit: type=1326 audit(1.001:5): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
<  * audit: type=1326 audit(1.001:6): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< - `audit: type=1326 audit(1.001:7): auid=0 sig=31 arch=c000003e syscall=3 code=0x0`
< /var/log/audit/audit.log:12:type=SECCOMP msg=audit(1.001:8): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
< audit: type=1326 audit(1.001:9): auid=0 **sig=31** arch=c000003e **syscall=296** comm="a**b" code=0x0
< **audit: type=1326 audit(1.001:10): auid=0 sig=31 arch=c000003e syscall=3 code=0x0**
< audit: type=1326 audit(1.001:11):  auid=0  sig=31 arch=c000003e syscall=3 code=0x0
> serial=1 trust=forgeable
> serial=2
> serial=3
> serial=4
> serial=5
> serial=6
> serial=7
> serial=8 trust=forgeable
> serial=9 nr=296 comm=a**b sig=31
> serial=10
> serial=11 auid=0

# -- journald's text --

= audit's tag
< Dec 30 00:57:50 host audit[25570]: SECCOMP auid=0 uid=0 gid=0 ses=1 pid=5 comm="a" exe="/a" sig=0 arch=c000003e syscall=3 compat=0 ip=0x1 code=0x50000
< 2025-12-30T00:57:50+0100 host audit[1]: SECCOMP auid=0 uid=0 gid=0 ses=1 pid=5 comm="a" exe="/a" sig=0 arch=c000003e syscall=3 compat=0 ip=0x1 code=0x50000
< SECCOMP auid=0 uid=0 gid=0 ses=1 pid=5 comm="a" exe="/a" sig=0 arch=c000003e syscall=3 compat=0 ip=0x1 code=0x50000
< Dec 30 00:57:50 host audit[25570]: AUDIT1326 auid=0 uid=0 gid=0 ses=1 pid=5 comm="a" exe="/a" sig=0 arch=c000003e syscall=3 compat=0 ip=0x1 code=0x50000
< Dec 30 00:57:50 host audit[25570]: <audit-1326> auid=0 uid=0 gid=0 ses=1 pid=5 comm="a" exe="/a" sig=0 arch=c000003e syscall=4 compat=0 ip=0x1 code=0x50000
< Tue 2026-11-24 06:14:07 UTC host audit[1]: SECCOMP auid=0 uid=0 gid=0 ses=1 pid=5 comm="a" exe="/a" sig=0 arch=c000003e syscall=5 compat=0 ip=0x1 code=0x50000
< Tue 2026-11-24 06:14:07 CET host audit[1]: SECCOMP auid=0 uid=0 gid=0 ses=1 pid=5 comm="a" exe="/a" sig=0 arch=c000003e syscall=6 compat=0 ip=0x1 code=0x50000
> source=journal node=host !time !serial trust=forgeable nr=3
> source=journal node=host time=1767052670000 !serial
> source=journal !node !time
> source=journal nr=3
> source=journal nr=4 node=host
> source=journal nr=5 time=1795500847000
> source=journal nr=6 !time node=host

= the record's own process as the tag
@ foreign=5
< Dec 30 00:57:50 host test[5]: SECCOMP auid=0 uid=0 gid=0 ses=1 ppid=4 pid=5 comm="a" exe="/a" sig=0 arch=c000003e syscall=3 compat=0 ip=0x1 code=0x50000
< 14:02:39 brave: SECCOMP auid=0 uid=0 gid=0 ses=1 pid=5 comm="brave" exe="/a" sig=0 arch=c000003e syscall=3 compat=0 ip=0x1 code=0x50000
< Dec 30 00:57:50 host test[4]: SECCOMP auid=0 uid=0 gid=0 ses=1 ppid=4 pid=5 comm="a" exe="/a" sig=0 arch=c000003e syscall=3 compat=0 ip=0x1 code=0x50000
< Dec 30 00:57:50 host logger: SECCOMP auid=0 uid=0 gid=0 ses=1 pid=5 comm="a" exe="/a" sig=0 arch=c000003e syscall=3 compat=0 ip=0x1 code=0x50000
< Dec 30 00:57:50 host audit[5]: x SECCOMP auid=0 uid=0 gid=0 ses=1 pid=5 comm="a" exe="/a" sig=0 arch=c000003e syscall=3 compat=0 ip=0x1 code=0x50000
< somebody said SECCOMP auid=0 uid=0 gid=0 ses=1 pid=5 comm="a" exe="/a" sig=0 arch=c000003e syscall=3 compat=0 ip=0x1 code=0x50000
< Dec 30 00:57:50 host SECCOMP auid=0 uid=0 gid=0 ses=1 pid=5 comm="a" exe="/a" sig=0 arch=c000003e syscall=3 compat=0 ip=0x1 code=0x50000
> pid=5 comm=a
> comm=brave !node

# -- ausearch -i --

= ausearch -i
< type=SECCOMP msg=audit(11/24/26 06:36:13.125:19384) : auid=unset uid=root gid=root ses=unset pid=641 comm=fmtprobe exe=/tmp/f sig=SIGSYS arch=x86_64 syscall=sched_getparam compat=0 ip=0x7f code=kill-process 
< type=SECCOMP msg=audit(24.11.2026 06:36:13.125:19385) : auid=1000 uid=unknown(1000660000) gid=5 ses=3 subj=docker-default (enforce) pid=641 comm=a b exe=/tmp/f o sig=SIG0 arch=i386 syscall=mkdir compat=1 ip=0x7f code=errno 
< node=h type=SECCOMP msg=audit(03/04/2025 06:36:13.125:19386) : auid=unset uid=root gid=root ses=unset pid=641 comm=x exe=/x sig=SIGSYS arch=x86_64 syscall=unknown-syscall(1073741964) compat=0 ip=0x7f code=unknown-seccomp-code(0x12340000) 
< type=SECCOMP msg=audit(03/04/2025 06:36:13.125:19387) : auid=unset uid=root gid=root ses=unset pid=641 comm=x exe=/x sig=SIGSYS arch=armeb syscall=set_tls compat=1 ip=0x7f code=kill 
< type=SECCOMP msg=audit(03/04/2025 06:36:13.125:19388) : auid=unset uid=root gid=root ses=unset pid=641 comm=x exe=/x sig=SIGKILL arch=x86_64 syscall=write compat=0 ip=0x7f code=kill 
< Nov 24 06:36:13 host audispd[568]: type=SECCOMP msg=audit(11/24/26 06:36:13) : auid=unset uid=root gid=root ses=unset pid=641 comm=x exe=/x sig=SIG0 arch=x86_64 syscall=write compat=0 ip=0x7f code=log 
> source=ausearch trust=forgeable !time serial=19384 nr=143 arch=x86_64 action=kill_process pid=641 comm=fmtprobe exe=/tmp/f !uid !auid sig=31
> serial=19385 auid=1000 uid=1000660000 gid=5 ses=3 subj=docker-default\s(enforce) comm=a\sb exe=/tmp/f\so arch=x86 nr=39 action=errno sig=0 compat=1
> serial=19386 node=h arch=x32 nr=140 action=unknown code=0x12340000
> serial=19387 arch=arm nr=983045 action=unknown denied=1 !code
> serial=19388 action=strict denied=1 sig=9
> !serial !time action=log denied=0 node=host

= decoded names bring no fields
< type=SECCOMP msg=audit(11/24/26 06:36:13.125:1) : auid=unset uid=root gid=root ses=unset pid=641 comm=x exe=/tmp/a sig=SIG0 arch=i386 syscall=write compat=0 ip=0x1 code=log sig=SIGSYS arch=x86_64 syscall=sched_getparam compat=0 ip=0x7f code=kill-process 
< type=SECCOMP msg=audit(11/24/26 06:36:13.125:2) : auid=unset uid=root gid=root ses=unset pid=641 comm=x exe=/a exe=/b sig=SIGSYS arch=x86_64 syscall=sched_getparam compat=0 ip=0x7f code=kill-process 
> nr=143 arch=x86_64 action=kill_process sig=31
> nr=143 !comm !exe pid=641

= names that no table has
@ undecodable=2
< type=SECCOMP msg=audit(11/24/26 06:36:13.125:1) : auid=unset uid=root gid=root ses=unset pid=641 comm=x exe=/x sig=SIGSYS arch=x86_64 syscall=no_such_call compat=0 ip=0x7f code=kill-process 
< type=SECCOMP msg=audit(11/24/26 06:36:13.125:1) : auid=unset uid=root gid=root ses=unset pid=641 comm=x exe=/x sig=SIGSYS arch=pdp11 syscall=read compat=0 ip=0x7f code=kill-process 

# -- wrapped records --

= wrapped by a mail
< > audit: type=1326 audit(1512291140.049:624): auid=0 uid=0 gid=0
< > ses=4294967295 subj=kernel pid=7002 comm="syz-executor7"
< > exe="/root/syz-executor7" sig=0 arch=c000003e syscall=202 compat=0
< > ip=0x4529d9 code=0x7ffc0000
< > and then nothing
> line=1 source=paste trust=forgeable serial=624 nr=202 action=log exe=/root/syz-executor7 subj=kernel

= wrapped where the kernel has a blank
< type=SECCOMP msg=audit(1512291140.049:624):
<    auid=0 uid=0 gid=0 ses=1 subj==docker-default
<    (enforce) pid=7002 comm="a" exe="/a" sig=0
<    arch=c000003e syscall=202 compat=0 ip=0x4529d9 code=0x7ffc0000
< Sep 11 15:09:17 chow kernel: audit: type=1326
<   audit(1789153757.074:970): auid=1000 sig=0 arch=c000003e syscall=41 compat=0 ip=0x7b code=0x50000
> line=1 source=paste trust=forgeable subj=docker-default\s(enforce) pid=7002
> line=5 source=paste serial=970 node=chow nr=41

= wrapped inside of a token
@ torn=3
< audit: type=1326 audit(1512291140.049:624): auid=0 uid=10
< 00 gid=0 ses=1 pid=5 comm="a" sig=31 arch=c000003e syscall=202 compat=0 ip=0x4529d9
< audit: type=1326 audit(1512291140.049:625): auid=0 uid=0 gi
< d=0 ses=1 pid=5 comm="a" sig=31 arch=c000003e syscall=202 compat=0 ip=0x4529d9
< audit: type=1326 audit(1512291140.049:626): auid=0 uid=0 p
< pid=5 comm="a" sig=31 arch=c000003e syscall=202 compat=0 ip=0x4529d9

= another line in between
@ torn=1
< audit: type=1326 audit(1512291140.049:624): auid=0 uid=0
< [ 1.0] usb 1-1: new device
< gid=0 ses=1 pid=5 comm="a" sig=31 arch=c000003e syscall=202 compat=0 ip=0x4529d9

= other decoration
@ torn=1
< > audit: type=1326 audit(1512291140.049:624): auid=0 uid=0
< gid=0 ses=1 pid=5 comm="a" sig=31 arch=c000003e syscall=202 compat=0 ip=0x4529d9

= too many lines
@ torn=1 paste=3
< audit: type=1326 audit(1512291140.049:624): auid=0
< uid=0
< gid=0
< ses=1

= a record behind a cut one
@ torn=1
< [ 1.0] audit: type=1326 audit(1.001:1): auid=0 uid=0 gid=0 ses=1 pid=5 comm="a
< [ 1.1] audit: type=1326 audit(1.001:2): auid=0 sig=31 arch=c000003e syscall=4 code=0x0
> serial=2 line=2

= cut after the number: a kill is one all the same
< [ 1.0] audit: type=1326 audit(1.001:1): auid=0 uid=0 comm="a" sig=31 arch=c000003e syscall=4 compat=0 ip=0x7f
<
< audit: type=1326 ... comm="fstrim"   sig=31 arch=c00000b7 syscall=439
> serial=1 nr=4 action=unknown denied=1 source=kernel line=1
> nr=439 arch=aarch64 action=unknown denied=1 !serial !time

= a long path cuts the line before its end
@ torn=1
< [ 1.0] audit: type=1326 audit(1.001:1): auid=0 uid=0 gid=0 ses=1 pid=5 comm="a" exe=2F746D702F2F746D702F2F746D702F2F746D702F2F746D702F

= no head at all
@ undecodable=1
< Log: auid=1000 uid=1000 gid=1000 ses=4 pid=5 comm="lxd" exe="/a" sig=0 arch=c000003e 260(fchownat) compat=0 ip=0x7f code=0x50000
< auid=1000 uid=1000 gid=1000 ses=4 pid=5 comm="lxd" exe="/a" sig=0 arch=c000003e syscall=203 compat=0 ip=0x7f code=0x50000
< arch=c000003e syscall=203 compat=0 ip=0x7f code=0x50000
> nr=260 arch=x86_64 action=errno comm=lxd trust=forgeable !time
> nr=203 trust=forgeable source=kernel

# -- loss --

= the kernel's messages
@ loss=10 lost=262
< [  629.474022] audit_printk_skb: 54 callbacks suppressed
< [  106.848287] kauditd_printk_skb: 108 callbacks suppressed
< Jul  6 15:37:40 host kernel: [ 1.0] audit: audit_backlog=65 > audit_backlog_limit=64
< Jul  6 15:37:40 host kernel: [ 1.0] audit: audit_lost=60 audit_rate_limit=0 audit_backlog_limit=64
< Jul  6 15:37:40 host kernel: [ 1.0] audit: backlog limit exceeded
< Jul  6 15:37:40 host kernel: [ 1.0] audit: audit_lost=70 audit_rate_limit=0 audit_backlog_limit=64
< Jul  6 15:37:40 other kernel: [ 1.0] audit: audit_lost=30 audit_rate_limit=0 audit_backlog_limit=64
< [ 1.0] audit: rate limit exceeded
< [ 1.0] audit: kauditd hold queue overflow
< audit: out of memory in audit_log_start
> kind=loss lost=54 source=kernel
> kind=loss lost=108 source=kernel
> kind=loss lost=0 source=syslog node=host
> kind=loss lost=60 node=host
> kind=loss lost=0
> kind=loss lost=10
> kind=loss lost=30 node=other
> kind=loss lost=0
> kind=loss lost=0
> kind=loss lost=0

= a count that starts again
@ loss=2 lost=63
< [ 1.0] audit: audit_lost=60 audit_rate_limit=0 audit_backlog_limit=64
< [ 1.0] audit: audit_lost=3 audit_rate_limit=0 audit_backlog_limit=64
> kind=loss lost=60
> kind=loss lost=3

= messages of syslog daemons
@ loss=5 lost=465
< Jul  6 15:37:40 host systemd-journald[12]: Suppressed 312 messages from foo.service
< Jul  6 15:37:40 host rsyslogd: imjournal: 128 messages lost due to rate-limiting (20000 allowed within 600 seconds)
< Jul  6 15:37:40 host rsyslogd: imuxsock lost 25 messages from pid 1 due to rate-limiting
< Jul  6 15:37:40 host rsyslogd: imjournal: begin to drop messages due to rate-limiting
< Jul  6 15:37:40 host rsyslogd-2177: imuxsock begins to drop messages from pid 1 due to rate-limiting
> kind=loss lost=312 node=host source=syslog
> kind=loss lost=128
> kind=loss lost=25
> kind=loss lost=0
> kind=loss lost=0

= told by somebody else
@ foreign=3
< Jul  6 15:37:40 host app[1]: Suppressed 312 messages from foo.service
< Jul  6 15:37:40 host app[1]: audit: backlog limit exceeded
< text="audit: audit_lost=60 audit_rate_limit=0"

= emphasis within the words that are looked for
< audit: type=13**26** audit(1.001:9): auid=0 sig=31 arch=c000003e syscall=3
< audit: out of memo****ry in audit_log_start

= other limits
< [ 1.0] net_ratelimit: 30 callbacks suppressed
< Docker Hub: rate limit exceeded
< Suppressed a cough
< type=CONFIG_CHANGE msg=audit(1.001:1): op=set audit_backlog_limit=8192 old=64
