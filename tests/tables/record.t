# Bodies, and our own events, to records. See tests/record_table.h for the form.
# Counts that are not 0 stand in the '@' row: no_arch incomplete malformed duplicate.
# exact: nothing may be put behind the body.

# -- the kernel's text --

= raw x86_64
< auid=4294967295 uid=0 gid=0 ses=4294967295 pid=1110 comm="fmtprobe" exe="/tmp/probe" sig=31 arch=c000003e syscall=140 compat=0 ip=0x7f8039d00829 code=0x80000000
> arch=x86_64 nr=140 action=kill_process denied=1 code=0x80000000 sig=31 pid=1110 comm=fmtprobe exe=/tmp/probe uid=0 gid=0 compat=0 ip=0x7f8039d00829 count=1 given=0 !auid !ses !subj !ppid

= every action
< auid=1 uid=2 gid=3 ses=4 pid=5 comm="a" exe="/a" sig=31 arch=c000003e syscall=1 compat=0 ip=0x1 code=0x80000000
< auid=1 uid=2 gid=3 ses=4 pid=5 comm="a" exe="/a" sig=31 arch=c000003e syscall=1 compat=0 ip=0x1 code=0x0
< auid=1 uid=2 gid=3 ses=4 pid=5 comm="a" exe="/a" sig=9 arch=c000003e syscall=1 compat=0 ip=0x1 code=0x0
< auid=1 uid=2 gid=3 ses=4 pid=5 comm="a" exe="/a" sig=0 arch=c000003e syscall=1 compat=0 ip=0x1 code=0x30000
< auid=1 uid=2 gid=3 ses=4 pid=5 comm="a" exe="/a" sig=0 arch=c000003e syscall=1 compat=0 ip=0x1 code=0x50000
< auid=1 uid=2 gid=3 ses=4 pid=5 comm="a" exe="/a" sig=0 arch=c000003e syscall=1 compat=0 ip=0x1 code=0x7fc00000
< auid=1 uid=2 gid=3 ses=4 pid=5 comm="a" exe="/a" sig=0 arch=c000003e syscall=1 compat=0 ip=0x1 code=0x7ff00000
< auid=1 uid=2 gid=3 ses=4 pid=5 comm="a" exe="/a" sig=0 arch=c000003e syscall=1 compat=0 ip=0x1 code=0x7ffc0000
< auid=1 uid=2 gid=3 ses=4 pid=5 comm="a" exe="/a" sig=31 arch=c000003e syscall=1 compat=0 ip=0x1 code=0x12340000
< auid=1 uid=2 gid=3 ses=4 pid=5 comm="a" exe="/a" sig=31 arch=c000003e syscall=1 compat=0 ip=0x1 code=0xffff0000
> action=kill_process denied=1 auid=1 uid=2 gid=3 ses=4 pid=5
> action=kill_thread denied=1 code=0x0
> action=strict denied=1 code=0x0 sig=9
> action=trap denied=1
> action=errno denied=1
> action=user_notif denied=1
> action=trace denied=1
> action=log denied=0
> action=unknown denied=1 code=0x12340000
> action=unknown denied=1 code=0xffff0000

= allow is never recorded
@ malformed=1
< auid=1 uid=2 gid=3 ses=4 pid=5 comm="a" exe="/a" sig=0 arch=c000003e syscall=1 compat=0 ip=0x1 code=0x7fff0000
> error=syntax

= old kernels log the data
< auid=0 uid=0 gid=0 ses=1 pid=5 comm="a" exe="/a" sig=0 arch=c000003e syscall=1 compat=0 ip=0x1 code=0x50001
> action=errno code=0x50001

= every kind of arch token
@ malformed=1
< auid=0 uid=0 gid=0 ses=1 pid=5 comm="a" exe="/a" sig=0 arch=40000003 syscall=39 compat=1 ip=0xf7f0 code=0x50000
< auid=0 uid=0 gid=0 ses=1 pid=5 comm="a" exe="/a" sig=0 arch=16 syscall=39 compat=1 ip=0x1 code=0x50000
< auid=0 uid=0 gid=0 ses=1 pid=5 comm="a" exe="/a" sig=0 arch=14 syscall=39 compat=0 ip=0x1 code=0x50000
< auid=0 uid=0 gid=0 ses=1 pid=5 comm="a" exe="/a" sig=0 arch=8 syscall=4039 compat=0 ip=0x1 code=0x50000
< auid=0 uid=0 gid=0 ses=1 pid=5 comm="a" exe="/a" sig=0 arch=c00000b7 syscall=983045 compat=0 ip=0x1 code=0x50000
< auid=0 uid=0 gid=0 ses=1 pid=5 comm="a" exe="/a" sig=0 arch=abcd1234 syscall=7 compat=0 ip=0x1 code=0x50000
< auid=0 uid=0 gid=0 ses=1 pid=5 comm="a" exe="/a" sig=0 arch=0xc000003e syscall=7 compat=0 ip=0x1 code=0x50000
> arch=x86 nr=39 compat=1
> arch=s390 nr=39
> arch=ppc nr=39
> arch=mips nr=4039
> arch=aarch64 nr=983045
> arch=abcd1234 nr=7
> error=syntax

= x32 is told by the number
< auid=0 uid=0 gid=0 ses=1 pid=5 comm="a" exe="/a" sig=31 arch=c000003e syscall=1073741964 compat=0 ip=0x1 code=0x80000000
< auid=0 uid=0 gid=0 ses=1 pid=5 comm="a" exe="/a" sig=31 arch=c000003e syscall=-1 compat=0 ip=0x1 code=0x80000000
< auid=0 uid=0 gid=0 ses=1 pid=5 comm="a" exe="/a" sig=31 arch=40000003 syscall=1073741964 compat=0 ip=0x1 code=0x80000000
> arch=x32 nr=140
> arch=x86_64 nr=-1
> arch=x86 nr=1073741964

= numbers out of range
@ malformed=5
< auid=0 uid=0 gid=0 ses=1 pid=5 sig=0 arch=c000003e syscall=4294967295 compat=0 ip=0x1 code=0x50000
< auid=0 uid=4294967296 gid=0 ses=1 pid=5 sig=0 arch=c000003e syscall=1 compat=0 ip=0x1 code=0x50000
< auid=0 uid=0 gid=0 ses=1 pid=5 sig=0 arch=c000003e syscall=1 compat=0 ip=0x12345678901234567 code=0x50000
< auid=0 uid=0 gid=0 ses=1 pid=5 sig=0 arch=c000003e syscall=1 compat=0 ip=0x1 code=0x123456789
< auid=0 uid=0 gid=0 ses=1 pid=99999999999999999999 sig=0 arch=c000003e syscall=1 compat=0 ip=0x1 code=0x50000
> error=range
> error=range
> error=range
> error=range
> error=range

= values in no kernel's form
@ malformed=8
< auid=root uid=0 gid=0 ses=1 pid=5 sig=0 arch=c000003e syscall=1 ip=0x1 code=0x50000
< auid=0 uid=+1 gid=0 ses=1 pid=5 sig=0 arch=c000003e syscall=1 ip=0x1 code=0x50000
< auid=0 uid=0 gid=0 ses=1 pid=-5 sig=0 arch=c000003e syscall=1 ip=0x1 code=0x50000
< auid=0 uid=0 gid=0 ses=1 pid=5 sig=0 arch=c000003e syscall=1x ip=0x1 code=0x50000
< auid=0 uid=0 gid=0 ses=1 pid=5 sig=0 arch=c000003e syscall=mkdir ip=0x1 code=0x50000
< auid=0 uid=0 gid=0 ses=1 pid=5 sig=0 arch=c000003e syscall=1 ip=0x1 code=327680
< auid=0 uid=0 gid=0 ses=1 pid=5 sig=0 arch=c000003e syscall=1 ip=0x1 code=0x50000zz
< auid=0 uid=0 gid=0 ses=1 pid=5 sig=0 arch=x86_64 syscall=1 ip=0x1 code=0x50000
> error=syntax
> error=syntax
> error=syntax
> error=syntax
> error=syntax
> error=syntax
> error=syntax
> error=syntax

= two records torn into one
@ malformed=2
< auid=0 uid=0 gid=0 ses=1 pid=5 comm="a" exe="/a" type=SECCOMP msg=audit(1.001:2): auid=0 uid=0 gid=0 ses=1 pid=6 comm="b" exe="/b" sig=0 arch=c000003e syscall=1 compat=0 ip=0x1 code=0x50000
< auid=42type=SECCOMP msg=audit(1.001:2): auid=0 uid=0 gid=0 ses=1 pid=6 sig=0 arch=c000003e syscall=1 compat=0 ip=0x1 code=0x50000
> error=syntax
> error=syntax

# -- names --

= comm and exe in hex
< auid=1000 uid=1000 gid=1000 ses=2 pid=7841 comm=517420626561726572207468726561 exe=2F746D702F7370616365207061746820 sig=0 arch=c000003e syscall=41 compat=0 ip=0x7f83e851f477 code=0x50000
> comm=Qt\sbearer\sthrea exe=/tmp/space\spath\s

= quoted hex is literal
< auid=1000 uid=1000 gid=1000 ses=2 pid=7841 comm="deadbeef" exe="2F746D70" sig=0 arch=c000003e syscall=41 compat=0 ip=0x7f code=0x50000
> comm=deadbeef exe=2F746D70

= bytes of any kind
< auid=1 uid=1 gid=1 ses=2 pid=7 comm=1B5B33316D00FF exe=2F61222020282028 sig=0 arch=c000003e syscall=41 compat=0 ip=0x7f code=0x50000
> comm=\e[31m\x00\xff exe=/a"\s\s(\s(

= a backslash is a backslash
< auid=1 uid=1 gid=1 ses=2 pid=7 comm="a\\nb" exe="/x=y" sig=0 arch=c000003e syscall=41 compat=0 ip=0x7f code=0x50000
> comm=a\\nb exe=/x=y

= no path to show
< auid=1 uid=1 gid=1 ses=2 pid=7 comm="a" exe=(null) sig=0 arch=c000003e syscall=41 compat=0 ip=0x7f code=0x50000
< auid=1 uid=1 gid=1 ses=2 pid=7 comm="a" exe="<too_long>" sig=0 arch=c000003e syscall=41 compat=0 ip=0x7f code=0x50000
< auid=1 uid=1 gid=1 ses=2 pid=7 comm="a" exe="<no_memory>" sig=0 arch=c000003e syscall=41 compat=0 ip=0x7f code=0x50000
< auid=1 uid=1 gid=1 ses=2 pid=7 comm="<b>" exe="" sig=0 arch=c000003e syscall=41 compat=0 ip=0x7f code=0x50000
> comm=a !exe
> comm=a !exe
> comm=a !exe
> comm=<b> exe=

= names that are neither quoted nor hex
@ malformed=3
< auid=1 uid=1 gid=1 ses=2 pid=7 comm=bash exe="/a" sig=0 arch=c000003e syscall=41 compat=0 ip=0x7f code=0x50000
< auid=1 uid=1 gid=1 ses=2 pid=7 comm=ABC exe="/a" sig=0 arch=c000003e syscall=41 compat=0 ip=0x7f code=0x50000
< auid=1 uid=1 gid=1 ses=2 pid=7 comm="a"b exe="/a" sig=0 arch=c000003e syscall=41 compat=0 ip=0x7f code=0x50000
> error=syntax
> error=syntax
> error=syntax

= another key that ends in comm
< auid=1 uid=1 gid=1 ses=2 ppid=3 ppcomm="parent x" pid=7 comm="child" exe="/a" sig=0 arch=c000003e syscall=41 compat=0 ip=0x7f code=0x50000
> comm=child pid=7 ppid=3

= no name can bring fields
< auid=1 uid=1 gid=1 ses=2 pid=7 comm="a,syscall=1" exe="/tmp/x,code=0x0,arch=14" sig=0 arch=c000003e syscall=41 compat=0 ip=0x7f code=0x50000
< auid=1 uid=1 gid=1 ses=2 pid=7 comm="type=1326" exe="/tmp/type=1326...msg=audit(1.001:1):" sig=0 arch=c000003e syscall=41 compat=0 ip=0x7f code=0x50000
> nr=41 action=errno comm=a,syscall=1 exe=/tmp/x,code=0x0,arch=14
> nr=41 action=errno comm=type=1326

# -- security contexts --

= every form of subj
< auid=1 uid=1 gid=1 ses=2 subj=system_u:system_r:container_t:s0:c83,c152 pid=7 comm="a" exe="/a" sig=0 arch=c000003e syscall=41 compat=0 ip=0x7f code=0x50000
< auid=1 uid=1 gid=1 ses=2 subj==docker-default (enforce) pid=7 comm="a" exe="/a" sig=0 arch=c000003e syscall=41 compat=0 ip=0x7f code=0x50000
< auid=1 uid=1 gid=1 ses=2 subj==unconfined pid=7 comm="a" exe="/a" sig=0 arch=c000003e syscall=41 compat=0 ip=0x7f code=0x50000
< auid=1 uid=1 gid=1 ses=2 subj=profile//null-/bin/sleep (complain) pid=7 comm="a" exe="/a" sig=0 arch=c000003e syscall=41 compat=0 ip=0x7f code=0x50000
< auid=1 uid=1 gid=1 ses=2 subj=u:r:cros_browser:s0 ppid=4843 pid=7 comm="a" exe="/a" sig=0 arch=c000003e syscall=41 compat=0 ip=0x7f code=0x50000
< auid=1 uid=1 gid=1 ses=2 subj=? pid=7 comm="a" exe="/a" sig=0 arch=c000003e syscall=41 compat=0 ip=0x7f code=0x50000
< auid=1 uid=1 gid=1 ses=2 subj=kernel comm="a" exe="/a" sig=0 arch=c000003e syscall=41 compat=0 ip=0x7f code=0x50000
< auid=1 uid=1 gid=1 ses=2 subj= pid=7 comm="a" exe="/a" sig=0 arch=c000003e syscall=41 compat=0 ip=0x7f code=0x50000
> subj=system_u:system_r:container_t:s0:c83,c152 pid=7
> subj=docker-default\s(enforce) pid=7
> subj=unconfined pid=7
> subj=profile//null-/bin/sleep\s(complain) pid=7
> subj=u:r:cros_browser:s0 ppid=4843 pid=7
> subj=? pid=7
> subj=kernel !pid comm=a
> !subj pid=7

# -- what is missing --

= no arch
@ no_arch=1
< auid=4294967295 uid=1000 gid=1000 ses=4294967295 pid=2421 comm="chrome" reason="seccomp" sig=0 syscall=20 ip=0xc4b416 code=0x50001
> !arch !exe !compat nr=20 action=errno code=0x50001 comm=chrome

= an arch that was given
@ no_arch=2 arch=x86_64
< auid=0 uid=0 gid=0 ses=1 pid=2421 comm="chrome" reason="seccomp" sig=0 syscall=20 ip=0xc4b416 code=0x50001
< auid=0 uid=0 gid=0 ses=1 pid=2421 comm="chrome" reason="seccomp" sig=0 syscall=1073741844 ip=0xc4b416 code=0x50001
< auid=0 uid=0 gid=0 ses=1 pid=2421 comm="chrome" sig=0 arch=40000003 syscall=20 ip=0xc4b416 code=0x50001
> arch=x86_64 nr=20 given=1
> arch=x32 nr=20 given=1
> arch=x86 nr=20 given=0

= x32 may be given
@ no_arch=1 arch=x32
< auid=0 uid=0 gid=0 ses=1 pid=2421 comm="chrome" sig=0 syscall=20 ip=0xc4b416 code=0x50001
> arch=x32 nr=20 given=1

= neither pid nor exe nor compat
< auid=0 uid=0 gid=0 ses=1 comm="a" sig=0 arch=c000003e syscall=20 code=0x50000
> !pid !exe !compat !ip nr=20 action=errno

= no code: the signal is enough for a kill
@ incomplete=2 exact
< auid=0 uid=0 gid=0 ses=1 pid=5 comm="a" exe="/a" sig=31 arch=c000003e syscall=20 compat=0 ip=0x1
< auid=0 uid=0 gid=0 ses=1 pid=5 comm="a" exe="/a" sig=9 arch=c000003e syscall=20 compat=0
< auid=0 uid=0 gid=0 ses=1 pid=5 comm="a" exe="/a" sig=0 arch=c000003e syscall=20 compat=0 ip=0x1
< auid=0 uid=0 gid=0 ses=1 pid=5 comm="a" exe="/a" arch=c000003e syscall=20 compat=0 ip=0x1
> action=unknown denied=1 nr=20 !code
> action=unknown denied=1 nr=20 !code
> error=incomplete
> error=incomplete

= no syscall
@ incomplete=3 exact
< auid=0 uid=0 gid=0 ses=1 pid=5 comm="a" exe="/a" sig=31 arch=c000003e compat=0 ip=0x1 code=0x0
< auid=0 uid=0 gid=0 ses=1 pid=5 comm="a" exe=2F746D702F
<
> error=incomplete
> error=incomplete
> error=incomplete

= cut in the number, which then says nothing
@ incomplete=1 exact
< auid=0 uid=0 gid=0 ses=1 pid=5 comm="a" exe="/a" sig=31 arch=c000003e syscall=26
> error=incomplete

= cut in the code
@ incomplete=3 exact
< auid=0 uid=0 gid=0 ses=1 pid=5 sig=0 arch=c000003e syscall=268 compat=0 ip=0x1 code=0x5000
< auid=0 uid=0 gid=0 ses=1 pid=5 sig=0 arch=c000003e syscall=268 compat=0 ip=0x1 code=0x7ffc
< auid=0 uid=0 gid=0 ses=1 pid=5 sig=0 arch=c000003e syscall=268 compat=0 ip=0x1 code=
< auid=0 uid=0 gid=0 ses=1 pid=5 sig=31 arch=c000003e syscall=268 compat=0 ip=0x1 code=0x8000000
> error=incomplete
> error=incomplete
> error=incomplete
> action=unknown denied=1 !code nr=268

= elisions leave fields absent
@ exact
< ... comm="fstrim"   sig=31 arch=c00000b7 syscall=439
< auid=... uid=0 gid=0 comm="fstrim" sig=31 arch=c00000b7 syscall=439 ip=0x7f... code=0x0
< auid=0 … comm="fstrim" exe=/usr/… sig=31 arch=c00000b7 syscall=439 code=0x0
> arch=aarch64 nr=439 action=unknown denied=1 comm=fstrim !code
> !auid !ip uid=0 nr=439 action=kill_thread
> nr=439 !exe action=kill_thread

# -- order and repetition --

= by name, not by position
< code=0x50000 ip=0x1 syscall=83 arch=c000003e sig=0 exe="/a" comm="a" pid=5
> nr=83 arch=x86_64 action=errno comm=a exe=/a pid=5

= the first of two counts
@ duplicate=3
< auid=0 uid=0 uid=9 gid=0 ses=1 pid=5 comm="a" comm="b c" exe="/a" sig=0 arch=c000003e syscall=83 syscall=1 compat=0 ip=0x1 code=0x50000
> uid=0 comm=a nr=83

= mangled names of fields are no fields
< auid4294967295 uid=0  gid=0 ses=1 pid=5 comm="a" Exe="/x" exe="/a" sig=0 arch=c000003e syscall=83 compat=0 ip=0x1 code=0x50000
> !auid uid=0 exe=/a nr=83

= upper case is enrichment
< auid=0 UID="x syscall=1 y" uid=7 gid=0 ses=1 pid=5 comm="a" exe="/a" sig=0 arch=c000003e ARCH=i386 syscall=83 SYSCALL=close compat=0 ip=0x1 code=0x50000
> uid=7 nr=83 arch=x86_64

# -- our own events --

= an event
< {"v":1,"time":"2026-11-24T06:14:08.421Z","serial":4,"node":"n1","action":"errno","code":"0x50000","denied":true,"syscall":"mkdir","nr":83,"arch":"x86_64","pid":3296,"comm":"denied","exe":"/tmp/denied","uid":0,"gid":0,"auid":1000,"ses":3,"subj":"docker-default (enforce)","sig":0,"ip":"0x7f96","args":["0xffffffffffffffff","0x1ff"],"container":{"id":"abcd","engine":"docker","name":"web","image":"nginx:1","pod":"p","namespace":"ns","pod_uid":"u","unit":"x.service","via":"bpf-exit","sure":"exact"},"source":{"kind":"auditd","file":"audit.log","line":12,"trust":"kernel"},"count":1}
> time=1795500848421 serial=4 node=n1 action=errno code=0x50000 denied=1 nr=83 arch=x86_64 pid=3296 comm=denied exe=/tmp/denied uid=0 gid=0 auid=1000 ses=3 subj=docker-default\s(enforce) sig=0 ip=0x7f96 args=0:0xffffffffffffffff,1:0x1ff, id=abcd engine=docker name=web image=nginx:1 pod=p namespace=ns pod_uid=u unit=x.service via=bpf-exit sure=exact count=1 trust=forgeable source=scaudit

= a report's line
< {"v":1,"kind":"denial","action":"strict","code":"0x0","syscall":"mkdir","nr":83,"arch":"x86_64","container":{"id":"abcd"},"count":42,"first":"2026-11-24T06:14:08.421Z","last":"2026-11-24T06:15:08Z","comms":["a","b c"],"exes":["/a"]}
> action=strict denied=1 nr=83 count=42 first=1795500848421 last=1795500908000 comms=a,b\sc exes=/a id=abcd !time !serial !comm

= more names than fit
< {"v":1,"kind":"denial","action":"log","nr":83,"arch":"x86_64","count":42,"comms":["1","2","3","4","5","6","7","8","9"]}
> comms=1,2,3,4,5,6,7,8 denied=0 !code

= bytes that are no text
< {"v":1,"action":"errno","nr":83,"arch":"x86_64","comm":"a\\\\xff","comm_hex":"61ff0a","exe":"/b","exe_hex":"2f62"}
> comm=a\xff\n exe=/b

= an unknown call keeps its number
@ no_arch=1
< {"v":1,"action":"unknown","code":"0x12340000","nr":-1,"arch":"x32"}
< {"v":1,"action":"unknown","nr":999}
< {"v":1,"action":"errno","nr":83,"arch":"aarch64","arch_from":"option"}
< {"v":1,"action":"errno","nr":5,"arch":"0xdeadbeef"}
> arch=x32 nr=-1 action=unknown denied=1 code=0x12340000
> nr=999 !arch action=unknown
> arch=aarch64 given=1
> arch=deadbeef nr=5 given=0

= a name stands for its number
< {"v":1,"action":"errno","syscall":"mkdir","arch":"x86_64"}
< {"v":1,"action":"errno","syscall":"mkdir","arch":"x32"}
> nr=83 arch=x86_64
> nr=83 arch=x32

= an event without its call or action
@ incomplete=4 no_arch=0
< {"v":1,"action":"errno","arch":"x86_64"}
< {"v":1,"action":"errno","syscall":"mkdir"}
< {"v":1,"action":"errno","syscall":"no_such_call","arch":"x86_64"}
< {"v":1,"nr":83,"arch":"x86_64"}
> error=incomplete
> error=incomplete
> error=incomplete
> error=incomplete

= code stands for the action
< {"v":1,"code":"0x0","sig":9,"nr":83,"arch":"x86_64"}
< {"v":1,"code":"0x50001","nr":83,"arch":"x86_64"}
> action=strict
> action=errno code=0x50001

= events that cannot be
@ malformed=20
< {"v":2,"action":"errno","nr":83,"arch":"x86_64"}
< {"v":"1","action":"errno","nr":83,"arch":"x86_64"}
< {"v":1,"action":"errno","nr":83,"arch":"x86_64"
< {"v":1,"action":"errno","nr":83,"arch":"x86_64"} x
< {"v":1,"action":"errno","code":"0x80000000","nr":83,"arch":"x86_64"}
< {"v":1,"action":"allow","nr":83,"arch":"x86_64"}
< {"v":1,"action":"nonsense","nr":83,"arch":"x86_64"}
< {"v":1,"action":"errno","nr":"83","arch":"x86_64"}
< {"v":1,"action":"errno","nr":3000000000,"arch":"x86_64"}
< {"v":1,"action":"errno","nr":83,"arch":"pdp11"}
< {"v":1,"action":"errno","nr":83,"arch":"x86_64","pid":-1}
< {"v":1,"action":"errno","nr":83,"arch":"x86_64","count":0}
< {"v":1,"action":"errno","nr":83,"arch":"x86_64","time":"yesterday"}
< {"v":1,"action":"errno","nr":83,"arch":"x86_64","comm":5}
< {"v":1,"action":"errno","nr":83,"arch":"x86_64","comm_hex":"6"}
< {"v":1,"action":"errno","nr":83,"arch":"x86_64","args":["0x1","0x1","0x1","0x1","0x1","0x1","0x1"]}
< {"v":1,"action":"errno","nr":83,"arch":"x86_64","args":[1]}
< {"v":1,"action":"errno","nr":83,"arch":"x86_64","container":"web"}
< {"v":1,"action":"errno","nr":83,"arch":"x86_64","comms":["a",1]}
< {"v":1,"kind":"loss","action":"errno","nr":83,"arch":"x86_64"}
> error=syntax
> error=syntax
> error=syntax
> error=syntax
> error=syntax
> error=syntax
> error=syntax
> error=syntax
> error=range
> error=syntax
> error=range
> error=range
> error=syntax
> error=syntax
> error=syntax
> error=syntax
> error=syntax
> error=syntax
> error=syntax
> error=syntax
