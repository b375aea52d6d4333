# SPDX-License-Identifier: Apache-2.0
# Profiles that live runc and crun containers are started with, one a line, ' for ". Whether they
# start must be what we say; and if they do, they hold the program that we compile.

{'defaultAction':'SCMP_ACT_ERRNO','syscalls':[{'names':['execve','brk','arch_prctl','exit_group','mprotect','nanosleep','clock_nanosleep','read','write','openat','close','futex','fstatfs','getdents64','rt_sigreturn','mmap','fcntl','prctl'],'action':'SCMP_ACT_ALLOW'}]}
{'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':38,'architectures':['SCMP_ARCH_X32','SCMP_ARCH_X86'],'syscalls':[{'names':['execve','brk','arch_prctl','exit_group','mprotect','nanosleep','clock_nanosleep','read','write','openat','close','futex','fstatfs','getdents64','rt_sigreturn','mmap','fcntl','prctl','socket','statx','semop','nosuchcall'],'action':'SCMP_ACT_ALLOW'},{'names':['mkdir'],'action':'SCMP_ACT_ALLOW','args':[{'index':1,'op':'SCMP_CMP_MASKED_EQ','value':4294967295,'valueTwo':448},{'index':0,'op':'SCMP_CMP_NE','value':0}]}]}
{'defaultAction':'SCMP_ACT_ALLOW','architectures':['SCMP_ARCH_X86'],'syscalls':[{'names':['mkdir','rmdir'],'action':'SCMP_ACT_ERRNO','errnoRet':65574},{'names':['mkdir'],'action':'SCMP_ACT_KILL'},{'names':['socket'],'action':'SCMP_ACT_TRAP','args':[{'index':0,'op':'SCMP_CMP_GE','value':5},{'index':0,'op':'SCMP_CMP_LE','value':2}]},{'names':['keyctl'],'action':'SCMP_ACT_LOG','args':[{'index':0,'op':'SCMP_CMP_LT','value':4294967306}]},{'names':['keyctl'],'action':'SCMP_ACT_ERRNO','args':[{'index':0,'op':'SCMP_CMP_LT','value':5}]}]}
{'defaultAction':'SCMP_ACT_LOG','syscalls':[{'names':['ptrace'],'action':'SCMP_ACT_TRACE','errnoRet':4242},{'names':['kexec_load','mount'],'action':'SCMP_ACT_KILL_PROCESS'}]}

# refused by the one or the other
{'defaultAction':'SCMP_ACT_ALLOW','syscalls':[{'names':['mkdir'],'action':'SCMP_ACT_ERRNO','errnoRet':4096}]}
{'defaultAction':'SCMP_ACT_ALLOW','syscalls':[{'names':['mkdir'],'action':'SCMP_ACT_ERRNO','args':[{'index':6,'value':1,'op':'SCMP_CMP_EQ'}]}]}
{'defaultAction':'SCMP_ACT_ALLOW','syscalls':[{'names':['mkdir'],'action':'SCMP_ACT_ERRNO','args':[{'index':0,'value':1,'op':'EQ'}]}]}
{'defaultAction':'SCMP_ACT_ALLOW','syscalls':[{'names':['nosuchcall'],'action':'SCMP_ACT_ERRNO','args':[{'index':0,'value':1,'op':'EQ'}]}]}
{'defaultAction':'SCMP_ACT_ALLOW','syscalls':[{'names':['mkdir'],'action':'SCMP_ACT_ERRNO','args':[{'index':0,'value':-1,'op':'SCMP_CMP_EQ'}]}]}
{'defaultAction':'SCMP_ACT_ALLOW','syscalls':[{'names':['mkdir'],'action':'SCMP_ACT_ERRNO','args':[{'index':0,'value':3,'value':5,'op':'SCMP_CMP_EQ'}]}]}
{'defaultAction':'SCMP_ACT_ALLOW','syscalls':[{'names':[''],'action':'SCMP_ACT_ERRNO'}]}
{'defaultAction':'SCMP_ACT_ALLOW','syscalls':[null]}
{'defaultAction':'SCMP_ACT_ALLOW','defaultErrnoRet':5,'flags':['SECCOMP_FILTER_FLAG_LOG']}
{'defaultAction':'SCMP_ACT_ALLOW','architectures':['x86']}
{'defaultAction':'SCMP_ACT_ALLOW','architectures':['SCMP_ARCH_S390X']}
{'DefaultAction':'SCMP_ACT_ALLOW','Syscalls':[{'NAMES':['mkdir'],'action':'SCMP_ACT_TRAP'}]}
