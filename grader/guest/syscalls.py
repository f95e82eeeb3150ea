"""System calls that candidate code may make, by purpose, with their numbers on each machine we know.

A call that is not listed answers ENOSYS, as on a kernel that is too old, and libraries fall back by themselves. Not
listed are, among others: execve, mount, unshare, setns, ptrace, bpf, perf_event_open, userfaultfd, io_uring, keyctl,
memfd_create and System V shared memory (memory that the limits would miss), and what boxes could tell each other by or
take from each other: flock (boxes share the inodes of what is read-only on their disks, and a lock on one can be seen
by all), fadvise64, mincore, readahead and the flags of preadv2 (a page in the cache of such a file is a bit), sysinfo,
queued signals and POSIX timers (counted per user of the host), sendmsg (a descriptor in flight is, too).
"""

from __future__ import annotations

PURPOSES: dict[str, str] = {
    "files": (
        "read write readv writev pread64 pwrite64 preadv pwritev open openat openat2 creat close "
        "close_range lseek stat fstat lstat newfstatat statx access faccessat faccessat2 dup dup2 dup3 pipe pipe2 "
        "fsync fdatasync ftruncate truncate getdents getdents64 getcwd chdir fchdir rename renameat "
        "renameat2 mkdir mkdirat rmdir link linkat unlink unlinkat symlink symlinkat readlink readlinkat chmod fchmod "
        "fchmodat umask utimensat utime utimes fallocate sendfile copy_file_range statfs fstatfs"
    ),
    "waiting": "poll ppoll select pselect6",
    "the wire": "sendto recvfrom shutdown getsockname getpeername getsockopt",
    "memory": "munmap mremap brk msync rseq",
    "processes": (
        "fork vfork exit exit_group wait4 waitid kill tgkill tkill getpid gettid getppid getpgid getpgrp setpgid "
        "setsid getsid set_tid_address set_robust_list get_robust_list futex futex_waitv sched_yield "
        "sched_getaffinity sched_getparam sched_getscheduler getcpu getpriority getrlimit setrlimit getrusage times "
        "arch_prctl"
    ),
    "signals": (
        "rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigsuspend rt_sigtimedwait "
        "sigaltstack restart_syscall pause alarm setitimer getitimer"
    ),
    "clocks": "nanosleep clock_nanosleep clock_gettime clock_getres gettimeofday time",
    "identity": "getuid geteuid getgid getegid getresuid getresgid getgroups capget uname getrandom",
}
# Only where an exercise needs a network, because what they hold is memory of the kernel: buffers, watches, counters.
NETWORK = (
    "connect accept accept4 bind listen recvmsg epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait "
    "epoll_pwait2 eventfd eventfd2"
)
# Looked at argument by argument in `seccomp`; those of the second only where there is a network.
RULED = ("clone", "clone3", "prlimit64", "mmap", "mprotect", "madvise", "fcntl", "ioctl", "prctl")
RULED_NETWORK = ("socket", "socketpair", "setsockopt")

_X86_64 = (
    "read=0 write=1 readv=19 writev=20 pread64=17 pwrite64=18 preadv=295 pwritev=296 "
    "open=2 openat=257 openat2=437 creat=85 close=3 close_range=436 lseek=8 stat=4 fstat=5 lstat=6 newfstatat=262 "
    "statx=332 access=21 faccessat=269 faccessat2=439 dup=32 dup2=33 dup3=292 pipe=22 pipe2=293 fcntl=72 "
    "fsync=74 fdatasync=75 ftruncate=77 truncate=76 getdents=78 getdents64=217 getcwd=79 chdir=80 fchdir=81 "
    "rename=82 renameat=264 renameat2=316 mkdir=83 mkdirat=258 rmdir=84 link=86 linkat=265 unlink=87 unlinkat=263 "
    "symlink=88 symlinkat=266 readlink=89 readlinkat=267 chmod=90 fchmod=91 fchmodat=268 umask=95 utimensat=280 "
    "utime=132 utimes=235 fallocate=285 sendfile=40 copy_file_range=326 statfs=137 fstatfs=138 "
    "ioctl=16 poll=7 ppoll=271 select=23 pselect6=270 epoll_create=213 epoll_create1=291 epoll_ctl=233 "
    "epoll_wait=232 epoll_pwait=281 epoll_pwait2=441 eventfd=284 eventfd2=290 "
    "socketpair=53 connect=42 accept=43 accept4=288 bind=49 listen=50 "
    "sendto=44 recvfrom=45 recvmsg=47 shutdown=48 getsockname=51 "
    "getpeername=52 setsockopt=54 getsockopt=55 mmap=9 mprotect=10 munmap=11 mremap=25 brk=12 madvise=28 "
    "msync=26 rseq=334 fork=57 vfork=58 exit=60 exit_group=231 "
    "wait4=61 waitid=247 kill=62 tgkill=234 tkill=200 getpid=39 gettid=186 getppid=110 getpgid=121 getpgrp=111 "
    "setpgid=109 setsid=112 getsid=124 set_tid_address=218 set_robust_list=273 get_robust_list=274 futex=202 "
    "futex_waitv=449 sched_yield=24 sched_getaffinity=204 sched_getparam=143 sched_getscheduler=145 getcpu=309 "
    "getpriority=140 getrlimit=97 setrlimit=160 getrusage=98 times=100 prctl=157 arch_prctl=158 rt_sigaction=13 "
    "rt_sigprocmask=14 rt_sigreturn=15 rt_sigpending=127 rt_sigsuspend=130 rt_sigtimedwait=128 "
    "sigaltstack=131 restart_syscall=219 pause=34 alarm=37 setitimer=38 getitimer=36 "
    "nanosleep=35 "
    "clock_nanosleep=230 clock_gettime=228 clock_getres=229 gettimeofday=96 time=201 getuid=102 geteuid=107 "
    "getgid=104 getegid=108 getresuid=118 getresgid=120 getgroups=115 capget=125 uname=63 "
    "getrandom=318 clone=56 clone3=435 socket=41 prlimit64=302"
)
_AARCH64 = (
    "read=63 write=64 readv=65 writev=66 pread64=67 pwrite64=68 preadv=69 pwritev=70 "
    "openat=56 openat2=437 close=57 close_range=436 lseek=62 fstat=80 newfstatat=79 statx=291 faccessat=48 "
    "faccessat2=439 dup=23 dup3=24 pipe2=59 fcntl=25 fsync=82 fdatasync=83 ftruncate=46 truncate=45 "
    "getdents64=61 getcwd=17 chdir=49 fchdir=50 renameat=38 renameat2=276 mkdirat=34 linkat=37 unlinkat=35 "
    "symlinkat=36 readlinkat=78 fchmod=52 fchmodat=53 umask=166 utimensat=88 fallocate=47 "
    "sendfile=71 copy_file_range=285 statfs=43 fstatfs=44 ioctl=29 ppoll=73 pselect6=72 epoll_create1=20 "
    "epoll_ctl=21 epoll_pwait=22 epoll_pwait2=441 eventfd2=19 "
    "socketpair=199 connect=203 accept=202 accept4=242 bind=200 listen=201 sendto=206 "
    "recvfrom=207 recvmsg=212 shutdown=210 getsockname=204 getpeername=205 "
    "setsockopt=208 getsockopt=209 mmap=222 mprotect=226 munmap=215 mremap=216 brk=214 madvise=233 "
    "msync=227 rseq=293 exit=93 exit_group=94 wait4=260 waitid=95 kill=129 "
    "tgkill=131 tkill=130 getpid=172 gettid=178 getppid=173 getpgid=155 setpgid=154 setsid=157 getsid=156 "
    "set_tid_address=96 set_robust_list=99 get_robust_list=100 futex=98 futex_waitv=449 sched_yield=124 "
    "sched_getaffinity=123 sched_getparam=121 sched_getscheduler=120 getcpu=168 getpriority=141 getrlimit=163 "
    "setrlimit=164 getrusage=165 times=153 prctl=167 rt_sigaction=134 rt_sigprocmask=135 rt_sigreturn=139 "
    "rt_sigpending=136 rt_sigsuspend=133 rt_sigtimedwait=137 sigaltstack=132 "
    "restart_syscall=128 setitimer=103 getitimer=102 "
    "nanosleep=101 clock_nanosleep=115 clock_gettime=113 clock_getres=114 "
    "gettimeofday=169 getuid=174 geteuid=175 getgid=176 getegid=177 getresuid=148 getresgid=150 getgroups=158 "
    "capget=90 uname=160 getrandom=278 clone=220 clone3=435 socket=198 prlimit64=261"
)


def _table(text: str) -> dict[str, int]:
    return {name: int(number) for name, number in (item.split("=") for item in text.split())}


# machine -> (audit architecture of the seccomp filter, name -> number)
MACHINES: dict[str, tuple[int, dict[str, int]]] = {
    "x86_64": (0xC000003E, _table(_X86_64)),
    "aarch64": (0xC00000B7, _table(_AARCH64)),
}
