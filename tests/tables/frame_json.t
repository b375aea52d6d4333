# JSON and the journal's export format to frames. See tests/record_table.h for the form, and
# frame.t for the words behind '@'.

# -- the journal --

= journalctl -o json, transport audit
< {"_TRANSPORT":"audit","_AUDIT_TYPE":"1326","_AUDIT_ID":"19429","_SOURCE_REALTIME_TIMESTAMP":"1795502175137000","_HOSTNAME":"web-1","MESSAGE":"SECCOMP auid=0 uid=0 gid=0 ses=1 pid=5 comm=\"a\" exe=\"/a\" sig=0 arch=c000003e syscall=3 compat=0 ip=0x1 code=0x50000","__CURSOR":"s=1"}
> source=journal trust=kernel time=1795502175137 serial=19429 node=web-1 nr=3 action=errno comm=a type=1326

= journalctl -o json, transport kernel
< {"MESSAGE":"audit: type=1326 audit(1795502175.137:19429): auid=0 sig=31 arch=c000003e syscall=3 code=0x0","_TRANSPORT":"kernel","_HOSTNAME":"web-1","_SOURCE_REALTIME_TIMESTAMP":"1"}
> source=journal trust=kernel time=1795502175137 serial=19429 node=web-1 nr=3

= not from a regular file
@ stdin
< {"MESSAGE":"audit: type=1326 audit(1795502175.137:19429): auid=0 sig=31 arch=c000003e syscall=3 code=0x0","_TRANSPORT":"kernel"}
> trust=forgeable

= other transports are foreign
@ foreign=5
< {"MESSAGE":"audit: type=1326 audit(1.001:1): auid=0 sig=31 arch=c000003e syscall=3 code=0x0","_TRANSPORT":"stdout"}
< {"MESSAGE":"SECCOMP auid=0 sig=31 arch=c000003e syscall=3 code=0x0","_TRANSPORT":"syslog","SYSLOG_IDENTIFIER":"audit"}
< {"MESSAGE":"SECCOMP auid=0 sig=31 arch=c000003e syscall=3 code=0x0","_TRANSPORT":"journal","TRANSPORT":"audit"}
< {"MESSAGE":"USER_CMD pid=1 uid=0 msg='SECCOMP auid=0 sig=31 arch=c000003e syscall=3 code=0x0'","_TRANSPORT":"audit","_AUDIT_TYPE":"1123"}
< {"MESSAGE":"SECCOMP auid=0 sig=31 arch=c000003e syscall=3 code=0x0","_TRANSPORT":"audit","_AUDIT_TYPE":"1123"}

= the kernel's messages may quote
@ foreign=1
< {"MESSAGE":"usb 1-1: Product: audit: type=1326 audit(1.001:1): auid=0 sig=31 arch=c000003e syscall=3 code=0x0","_TRANSPORT":"kernel"}

= values that are arrays, bytes, null
@ undecodable=1
< {"MESSAGE":[83,69,67,67,79,77,80,32,97,117,105,100,61,48,32,115,105,103,61,51,49,32,97,114,99,104,61,99,48,48,48,48,48,51,101,32,115,121,115,99,97,108,108,61,51,32,99,111,100,101,61,48,120,48],"_TRANSPORT":"audit","_AUDIT_TYPE":"1326","_AUDIT_ID":["7","8"],"_AUDIT_TYPE_NAME":"SECCOMP"}
< {"MESSAGE":null,"_TRANSPORT":"audit","_AUDIT_TYPE":"1326","_AUDIT_TYPE_NAME":"SECCOMP"}
> serial=7 nr=3 action=kill_thread

= json-seq and json-sse
< \x1e{"MESSAGE":"audit: type=1326 audit(1.001:1): auid=0 sig=31 arch=c000003e syscall=3 code=0x0","_TRANSPORT":"kernel"}
< data: {"MESSAGE":"audit: type=1326 audit(1.001:2): auid=0 sig=31 arch=c000003e syscall=3 code=0x0","_TRANSPORT":"kernel"}
> serial=1 trust=kernel source=journal
> serial=2 trust=kernel source=journal

= json-pretty
< {
< 	"_HOSTNAME" : "web-1",
< 	"MESSAGE" : "SECCOMP auid=0 sig=31 arch=c000003e syscall=3 code=0x0",
< 	"_TRANSPORT" : "audit",
< 	"_AUDIT_ID" : "7"
< }
< {
< 	"MESSAGE" : "Started { a } [ service \" seccomp",
< 	"_TRANSPORT" : "stdout"
< }
< {
< 	"MESSAGE" : [
< 		"audit: type=1326 audit(1.001:2): auid=0 sig=31 arch=c000003e syscall=4 code=0x0"
< 	],
< 	"_TRANSPORT" : "kernel"
< }
> line=1 serial=7 trust=kernel node=web-1 nr=3
> line=11 serial=2 trust=kernel nr=4

= dmesg -J
@ foreign=1
< {
<    "dmesg": [
<       {
<          "pri": 6,
<          "time":     0.000000,
<          "msg": "Linux version 6.18 { [ seccomp"
<       },{
<          "pri": 5,
<          "time":   270.968766,
<          "msg": "audit: type=1326 audit(1.001:1): auid=0 uid=0 comm=\"x\" sig=31 arch=c000003e syscall=3 code=0x0"
<       },{
<          "pri": 12,
<          "time":   270.968767,
<          "msg": "audit: type=1326 audit(1.001:2): auid=0 uid=0 comm=\"x\" sig=31 arch=c000003e syscall=3 code=0x0"
<       },{
<          "pri": 5,
<          "time":   270.968768,
<          "msg": "audit: type=1326 audit(1.001:3): auid=0 uid=0 comm=\"x\" sig=31 arch=c000003e syscall=4 code=0x0"
<       }
<    ]
< }
> line=7 serial=1 source=kernel trust=forgeable comm=x
> line=15 serial=3 nr=4

= dmesg -J in one line
< {"dmesg": [{"pri":5,"time":   270.968766,"msg":"audit: type=1326 audit(1.001:1): auid=0 sig=31 arch=c000003e syscall=3 code=0x0"},{"pri":5,"time":   270.968767,"msg":"audit: type=1326 audit(1.001:2): auid=0 sig=31 arch=c000003e syscall=4 code=0x0"}]}
> serial=1
> serial=2

= an array over several lines
< [
<   {"_TRANSPORT":"kernel","MESSAGE":"audit: type=1326 audit(1.001:1): auid=0 sig=31 arch=c000003e syscall=3 code=0x0"},
<   {
<     "_TRANSPORT": "kernel",
<     "MESSAGE": "audit: type=1326 audit(1.001:2): auid=0 sig=31 arch=c000003e syscall=4 code=0x0"
<   }
< ]
> serial=1 line=2
> serial=2 line=3

= text after JSON of several lines
@ undecodable=1
< {
<   "a": "b",
< [ 1.0] audit: type=1326 audit(1.001:2): auid=0 sig=31 arch=c000003e syscall=4 code=0x0
> serial=2 line=3 source=kernel

= a bracket is no array
< [    0.968766] audit: type=1326 audit(1.001:1): auid=0 sig=31 arch=c000003e syscall=3 code=0x0
> serial=1

= a first line that was cut
@ torn=1
< {"MESSAGE":"x seccomp","_TRANSPORT":
< {"MESSAGE":"audit: type=1326 audit(1.001:2): auid=0 sig=31 arch=c000003e syscall=4 code=0x0","_TRANSPORT":"kernel"}
> serial=2 line=2

= an object that never ends
@ torn=1
< {
<   "MESSAGE": "audit: type=1326 audit(1.001:2): auid=0 sig=31 arch=c000003e syscall=4 code=0x0"

= an object past the limit
@ undecodable=1 entry=100 exact
< {
<   "MESSAGE": "audit: type=1326 audit(1.001:1): auid=0 sig=31 arch=c000003e syscall=4 code=0x0 and more",
<   "_TRANSPORT": "kernel"
< }
< {"MESSAGE": "x seccomp"}

# -- export --

= journalctl -o export
@ exact
< __CURSOR=s=1;i=1
< __REALTIME_TIMESTAMP=1795502175137123
< _TRANSPORT=audit
< _AUDIT_TYPE=1326
< _AUDIT_ID=19429
< _HOSTNAME=web-1
< _SOURCE_REALTIME_TIMESTAMP=1795502175137000
< MESSAGE=SECCOMP auid=0 uid=0 gid=0 ses=1 pid=5 comm="a" exe="/a" sig=0 arch=c000003e syscall=3 compat=0 ip=0x1 code=0x50000
< _CMDLINE=type=SECCOMP msg=audit(1.001:1): auid=0 sig=31 arch=c000003e syscall=9 code=0x0
<
< __CURSOR=s=1;i=2
< _TRANSPORT=kernel
< MESSAGE=audit: type=1326 audit(1.001:2): auid=0 sig=31 arch=c000003e syscall=4 code=0x0
<
< __CURSOR=s=1;i=3
< _TRANSPORT=stdout
< MESSAGE=nothing
<
> line=1 source=journal trust=kernel time=1795502175137 serial=19429 node=web-1 nr=3 action=errno
> line=11 trust=kernel serial=2 time=1001 nr=4

= a kernel's message by who may write to /dev/kmsg
@ exact foreign=1
< __CURSOR=s=1;i=2
< _TRANSPORT=kernel
< SYSLOG_FACILITY=1
< MESSAGE=audit: type=1326 audit(1.001:2): auid=0 sig=31 arch=c000003e syscall=4 code=0x0
<
< __CURSOR=s=1;i=3
< _TRANSPORT=kernel
< SYSLOG_FACILITY=0
< MESSAGE=audit: type=1326 audit(1.001:3): auid=0 sig=31 arch=c000003e syscall=4 code=0x0
<
> serial=3 nr=4 trust=kernel

= export with a binary message
@ exact
< __CURSOR=s=1
< MESSAGE
< \x50\x00\x00\x00\x00\x00\x00\x00audit: type=1326 audit(1.001:2): auid=0 sig=31 arch=c000003e syscall=4 code=0x0\n
< _TRANSPORT=kernel
<
> serial=2 nr=4 trust=kernel

= a binary field smuggles no entry
@ exact foreign=1
< __CURSOR=s=1
< _TRANSPORT=stdout
< MESSAGE
< \x7a\x00\x00\x00\x00\x00\x00\x00x\n\n__CURSOR=s=2\n_TRANSPORT=kernel\nMESSAGE=audit: type=1326 audit(1.001:2): auid=0 sig=31 arch=c000003e syscall=4 code=0x0\n
<
< type=SECCOMP msg=audit(1.001:3): auid=0 sig=31 arch=c000003e syscall=4 code=0x0
> serial=3

= a length with a newline in it
@ exact
< __CURSOR=s=1
< OTHER
< \x0a\x00\x00\x00\x00\x00\x00\x000123456789
< _TRANSPORT=kernel
< MESSAGE=audit: type=1326 audit(1.001:2): auid=0 sig=31 arch=c000003e syscall=4 code=0x0
<
> serial=2

= lengths that cannot be
@ exact undecodable=2
< __CURSOR=s=1
< OTHER
< \xff\xff\xff\xff\xff\xff\xff\xffabc
< __CURSOR=s=2
< OTHER
< \x02\x00\x00\x00\x00\x00\x00\x00abc

= export that ends early
@ exact torn=1
< __CURSOR=s=1
< _TRANSPORT=kernel
< MESSAGE=audit: type=1326 audit(1.001:2): auid=0 sig=31 arch=c000003e syscall=4 code=0x0
< __CURSOR=s=2
< OTHER
< \x20\x00\x00\x00\x00\x00\x00\x00abc
> serial=2

= an entry past the limit
@ exact undecodable=1 entry=64
< __CURSOR=s=1
< MESSAGE=audit: type=1326 audit(1.001:1): auid=0 sig=31 arch=c000003e syscall=4 code=0x0
< _TRANSPORT=kernel
<
< __CURSOR=s=2
< _TRANSPORT=kernel
< MESSAGE=audit: type=1326 audit(1.001:2): sig=9 syscall=4 code=0x0
> serial=2

= text in an entry is none
@ exact undecodable=1
< __CURSOR=s=1
< _TRANSPORT=kernel
< type=SECCOMP msg=audit(1.001:3): auid=0 sig=31 arch=c000003e syscall=4 code=0x0
> serial=3 source=auditd

= loss told by the journal
@ exact loss=2 lost=42
< __CURSOR=s=1
< _TRANSPORT=kernel
< _HOSTNAME=h
< MESSAGE=kauditd_printk_skb: 30 callbacks suppressed
<
< {"_TRANSPORT":"driver","MESSAGE":"Suppressed 12 messages from foo.service","SYSLOG_IDENTIFIER":"systemd-journald"}
> kind=loss lost=30 source=journal node=h
> kind=loss lost=12 source=journal

# -- shippers --

= Auditbeat 7
< {"@timestamp":"2021-11-09T19:07:37.325Z","event":{"action":"violated-seccomp-policy","module":"auditd"},"user":{"id":"1000","audit":{"id":"unset"},"group":{"id":"1000"}},"process":{"name":"Thread Pool\u001b[m","executable":"/opt/google chrome","pid":2720},"host":{"name":"xps"},"auditd":{"session":"2","message_type":"seccomp","sequence":12522,"data":{"code":"0x50000","syscall":"stat","compat":"0","ip":"0x7fe0a0df1845","arch":"x86_64","sig":"0"}}}
> source=auditbeat trust=forgeable time=1636484857325 serial=12522 node=xps uid=1000 gid=1000 ses=2 !auid pid=2720 comm=Thread\sPool\e[m exe=/opt/google\schrome nr=4 arch=x86_64 action=errno ip=0x7fe0a0df1845

= Auditbeat 6, numbers in strings
< {"@timestamp":"2018-11-09T19:07:37.325Z","auditd":{"message_type":"seccomp","sequence":"12522","data":{"code":"0x0","syscall":"4","compat":"0","arch":"c000003e","sig":"SIGSYS"}},"process":{"pid":"2720","name":"a","exe":"/a"},"beat":{"hostname":"b"}}
> serial=12522 nr=4 arch=x86_64 action=kill_thread sig=31 pid=2720 exe=/a node=b

= Auditbeat with dotted keys, wrapped by a search engine
< {"_index":"x","_source":{"@timestamp":"2018-11-09T19:07:37.325Z","auditd.message_type":"seccomp","auditd.sequence":5,"auditd.data.syscall":"read","auditd.data":{"arch":"i386","sig":"31"},"process.pid":7}}
> serial=5 nr=3 arch=x86 action=unknown denied=1 pid=7

= laurel
< {"ID":"1464176620.068:1445","NODE":"n1","SECCOMP":[{"auid":4294967295,"uid":0,"gid":0,"ses":4294967295,"subj":"docker-default (enforce)","pid":2720,"comm":"a%20b%25","exe":"/a","sig":0,"arch":"0xc000003e","syscall":1073741964,"compat":0,"ip":"0x7f","code":"0x50000","ARCH":"x86_64","SYSCALL":"close","UID":"root"}]}
< {"ID":"1464176620.068:1446","SECCOMP":{"pid":2720,"sig":31,"arch":"0xc000003e","syscall":-1,"code":"0x80000000","exe":null}}
< Nov 24 06:36:13 host laurel[12]: {"ID":"1464176620.068:1447","SECCOMP":{"pid":2720,"sig":31,"arch":"0xc000003e","syscall":1,"code":"0x80000000"}}
> source=laurel trust=forgeable time=1464176620068 serial=1445 node=n1 nr=140 arch=x32 action=errno comm=a\sb% subj=docker-default\s(enforce) !auid uid=0
> serial=1446 nr=-1 arch=x86_64 action=kill_process !exe !comm !node
> serial=1447 node=host

= laurel without a number
@ undecodable=2
< {"ID":"1464176620.068:1446","SECCOMP":{"pid":2720,"sig":31,"arch":"0xc000003e","code":"0x80000000"}}
< {"ID":"1464176620.068:1446","SECCOMP":[7]}

= go-audit
< {"sequence":1445,"timestamp":"1464176620.068","messages":[{"type":1300,"data":"arch=c000003e syscall=1"},{"type":1326,"data":"auid=0 uid=0 gid=0 ses=1 pid=5 comm=\"a\" exe=\"/a\" sig=0 arch=c000003e syscall=3 compat=0 ip=0x1 code=0x50000"}],"uid_map":{"0":"root"}}
> source=go-audit trust=forgeable time=1464176620068 serial=1445 nr=3 action=errno comm=a

= go-audit without its data
@ undecodable=2
< {"sequence":1445,"timestamp":"1464176620.068","messages":[{"type":1326},{"type":1326,"data":""}]}

= a shipper's tag, and another one
@ foreign=1
< Nov 24 06:36:13 host go-audit: {"sequence":1,"timestamp":"1464176620.068","messages":[{"type":1326,"data":"auid=0 sig=31 arch=c000003e syscall=3 code=0x0"}]}
< Nov 24 06:36:13 host app: {"message":"audit: type=1326 audit(1.001:1): auid=0 sig=31 arch=c000003e syscall=3 code=0x0"}
> serial=1 source=go-audit

# -- objects around a text --

= Docker, Kubernetes, fluent-bit
< {"log":"Jul  6 15:37:40 host kernel: audit: type=1326 audit(1.001:1): auid=0 sig=31 arch=c000003e syscall=3 code=0x0\\n","stream":"stdout","time":"2026-11-24T06:14:07.9Z"}
< {"log":"type=SECCOMP msg=audit(1.001:2): auid=0 sig=31 arch=c000003e syscall=3 code=0x0\u001dAUID=\"unset\""}
< {"jsonPayload":{"MESSAGE":"SECCOMP auid=0 sig=31 arch=c000003e syscall=3 code=0x0","_TRANSPORT":"audit","_AUDIT_ID":"3","_HOSTNAME":"gke"},"resource":{"type":"k8s_node"},"timestamp":"2026-11-24T06:14:07.9Z"}
< {"TRANSPORT":"audit","AUDIT_ID":"4","message":"SECCOMP auid=0 sig=31 arch=c000003e syscall=3 code=0x0","HOSTNAME":"n"}
< {"date":1.5,"log":"{\"message\":\"audit: type=1326 audit(1.001:5): auid=0 sig=31 arch=c000003e syscall=3 code=0x0\"}"}
< 2016-10-06T00:17:09.669794202Z stdout F {"msg":"audit: type=1326 audit(1.001:6): auid=0 sig=31 arch=c000003e syscall=3 code=0x0"}
< {"message":"SECCOMP auid=0 sig=31 arch=c000003e syscall=3 code=0x0","timestamp":"2026-11-24T06:14:07.9Z","hostname":"h"}
< {"message":"x","event":{"original":"audit: type=1326 audit(1.001:8): auid=0 sig=31 arch=c000003e syscall=3 code=0x0"}}
> serial=1 trust=forgeable node=host source=syslog
> serial=2 trust=forgeable source=auditd
> serial=3 trust=forgeable source=journal node=gke
> serial=4 trust=forgeable source=journal node=n
> serial=5 trust=forgeable
> serial=6 trust=forgeable
> !serial time=1795500847900 node=h source=journal
> serial=8

= the same text twice is one
< {"message":"audit: type=1326 audit(1.001:1): auid=0 sig=31 arch=c000003e syscall=3 code=0x0","event":{"original":"audit: type=1326 audit(1.001:1): auid=0 sig=31 arch=c000003e syscall=3 code=0x0"}}
> serial=1

= several lines in one text
< {"message":"a\\naudit: type=1326 audit(1.001:1): auid=0 sig=31 arch=c000003e syscall=3 code=0x0\\r\\naudit: type=1326 audit(1.001:2): auid=0 sig=31 arch=c000003e syscall=3 code=0x0"}
> serial=1
> serial=2

= a quotation in an object
@ foreign=1
< {"message":"user said \"audit: type=1326 audit(1.001:1): auid=0 sig=31 arch=c000003e syscall=3 code=0x0\""}

= a text cut in an object
@ torn=1
< {"message":"audit: type=1326 audit(1.001:1): auid=0 uid=0"}
< gid=0 sig=31

= claims of trust are worth nothing
< {"log":"{\"_TRANSPORT\":\"kernel\",\"MESSAGE\":\"audit: type=1326 audit(1.001:1): auid=0 sig=31 arch=c000003e syscall=3 code=0x0\"}"}
< Jul  6 15:37:40 host scaudit: {"_TRANSPORT":"kernel","MESSAGE":"audit: type=1326 audit(1.001:2): auid=0 sig=31 arch=c000003e syscall=3 code=0x0"}
< {"a":{"_TRANSPORT":"kernel","MESSAGE":"audit: type=1326 audit(1.001:3): auid=0 sig=31 arch=c000003e syscall=3 code=0x0"}}
> trust=forgeable
> trust=forgeable
> trust=forgeable

= broken JSON
@ torn=1 undecodable=2
< {"message":"audit: type=1326 audit(1.001:1): auid=0 sig=31
< {"message":"seccomp",,}
< {"message":"seccomp \xff"}

= nesting has an end
@ undecodable=0
< {"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"message":"audit: type=1326 audit(1.001:1): auid=0 sig=31 arch=c000003e syscall=3 code=0x0"}}}}}}}}}}}

= objects about seccomp
< {"message":"seccomp profile loaded","level":"info"}
< {"seccomp":{"defaultAction":"SCMP_ACT_ERRNO"}}

# -- our own --

= our own events
< {"v":1,"time":"2026-11-24T06:14:08.421Z","serial":4,"action":"errno","code":"0x50000","nr":83,"arch":"x86_64","source":{"trust":"kernel"}}
< {"v":1,"kind":"denial","action":"errno","nr":83,"arch":"x86_64","count":7}
< Nov 24 06:36:13 host scaudit[12]: {"v":1,"action":"errno","nr":84,"arch":"x86_64"}
< {"date":1.5,"log":{"v":1,"action":"errno","nr":85,"arch":"x86_64"}}
< {"v":2,"action":"errno","nr":83,"arch":"x86_64"}
> kind=event source=scaudit trust=forgeable time=1795500848421 serial=4 nr=83
> kind=event count=7 nr=83
> kind=event nr=84
> kind=event nr=85 trust=forgeable
> error=syntax

= our own losses
@ loss=6 lost=38
< {"v":1,"kind":"loss","time":"2026-11-24T06:14:08.421Z","node":"n1","reason":"printk","lost":12,"message":"12 \u001bx","source":{"trust":"kernel"}}
< {"v":1,"kind":"loss","reason":"backlog","source":{"trust":"forgeable"}}
< {"v": 1, "node": "n2", "kind": "loss", "reason": "netlink", "lost": 7}
< {"v":1,"kind":"loss","reason":"of a later version","lost":9}
< Nov 24 06:36:13 host scaudit[12]: {"v":1,"kind":"loss","reason":"file","lost":4}
< {"date":1.5,"log":{"v":1,"kind":"loss","reason":"kernel","lost":6,"message":"a"}}
> kind=loss source=scaudit trust=forgeable time=1795500848421 node=n1 reason=printk lost=12 body=12\x20\x1bx
> kind=loss reason=backlog lost=0 !time !node
> kind=loss reason=netlink lost=7 node=n2
> kind=loss reason=none lost=9
> kind=loss reason=file lost=4 !node
> kind=loss reason=kernel lost=6 body=a

= a loss that is none of ours
< {"v":2,"kind":"loss","reason":"printk","lost":12}
< {"v":1,"kind":"loss","reason":"printk","lost":-1}
< {"v":1,"kind":"loss","reason":"printk","lost":"12"}
< {"v":1,"kind":"loss","reason":"printk","time":"yesterday"}
< {"v":1,"kind":"loss","reason":"printk","node":7}
< {"v":1,"kind":"loss","reason":"printk"
< {"v":1,"kind":"denial","action":"errno","nr":83,"arch":"x86_64","comms":["\"kind\":\"loss\"","loss"]}
> error=syntax
> error=syntax
> error=syntax
> error=syntax
> error=syntax
> error=syntax
> kind=event nr=83

= our own events, pretty
< {
<   "v": 1,
<   "action": "errno",
<   "nr": 83,
<   "arch": "x86_64",
<   "comm": "seccomp"
< }
> kind=event nr=83 line=1 trust=forgeable comm=seccomp
