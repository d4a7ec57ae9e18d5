"""Runs a command under the restrictions of a systemd unit, where systemd itself is not the first process.

    /usr/bin/python3 tools/sandbox.py systemd/scanward.service --writable DIR -- scanward run ...

Namespaces, mounts and devices come from bubblewrap, system calls from a seccomp filter that is built as systemd builds it.
Every directive of [Service] is either applied here, or listed below as one that has nothing to try; one that is neither is refused, so that
no restriction gets into the unit untried. SIGHUP, SIGINT and SIGTERM go on to the command, whose exit status is returned.
"""

import argparse
import ctypes
import errno
import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import seccomp
from seccomp import ALLOW, ERRNO, KILL_PROCESS, MASKED_EQ, Arg

# Who is started, when and how; what the manager itself does; what bubblewrap's namespaces imply.
NOTHING_TO_TRY = set(
    """Type NotifyAccess ExecStartPre ExecStart ExecReload Restart RestartSec TimeoutStartSec TimeoutStopSec WatchdogSec DynamicUser
    StateDirectory StateDirectoryMode RuntimeDirectory WorkingDirectory LoadCredential UMask DevicePolicy RemoveIPC ProtectHostname
    ProtectClock ProtectKernelTunables ProtectKernelModules ProtectKernelLogs ProtectControlGroups LimitNOFILE LimitCORE Environment
    SyslogIdentifier""".split()
)
# name: the one value that is applied
APPLIED = {
    "NoNewPrivileges": "yes", "CapabilityBoundingSet": "", "AmbientCapabilities": "", "ProtectSystem": "strict", "ProtectHome": "yes",
    "PrivateTmp": "yes", "PrivateDevices": "yes", "PrivateUsers": "yes", "PrivateIPC": "yes", "ProtectProc": "invisible",
    "ProcSubset": "pid", "RestrictNamespaces": "yes", "RestrictRealtime": "yes", "RestrictSUIDSGID": "yes", "LockPersonality": "yes",
    "MemoryDenyWriteExecute": "yes", "SystemCallArchitectures": "native", "SystemCallErrorNumber": "EPERM",
}
# Calls that the unit refuses, that are made, and whose makers do without: they fail, also where others kill.
DONE_WITHOUT = {
    "mbind": "OpenBLAS wishes that its buffers lie near the processor",
    "setpriority": "libdispatch lowers threads of queues of a lower quality of service",
}
CLONE_NEW = [0x00000080, 0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000]
PROT_WRITE, PROT_EXEC, SHM_EXEC = 2, 4, 0o100000
USER = 64000
FAMILIES = {"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10, "AF_NETLINK": 16}


def read_unit(path):
    """The directives of [Service]: name -> values in order."""
    section, found = None, {}
    for line in Path(path).read_text().splitlines():
        line = line.strip()
        if line.startswith("["):
            section = line
        elif section == "[Service]" and line and line[0] not in "#;":
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    for name, values in found.items():
        if name in NOTHING_TO_TRY or name in ("SystemCallFilter", "RestrictAddressFamilies"):
            continue
        if name not in APPLIED:
            raise SystemExit(f"{path}: {name}= is not applied here: apply it in tools/sandbox.py, or say there why not")
        if values != [APPLIED[name]]:
            raise SystemExit(f"{path}: expected {name}={APPLIED[name]}, which is what is tried here; found {values}")
    for name in APPLIED:
        if name not in found:
            raise SystemExit(f"{path}: expected {name}={APPLIED[name]}, found none")
    return found


def expand(names):
    """System calls of a list that may name groups, by systemd's own tables."""
    calls = set()
    for name in names:
        if name.startswith("@"):
            text = subprocess.run(["systemd-analyze", "syscall-filter", "--no-pager", name], check=True, capture_output=True, text=True)
            lines = [line.strip() for line in text.stdout.splitlines()[1:]]
            calls |= expand([line for line in lines if line and not line.startswith("#")])
        else:
            calls.add(name)
    return calls


def allowed_calls(filters):
    """What is left of the unit's SystemCallFilter lines: a list first, what `~` takes from it after."""
    allowed = expand(["@default"])
    for line in filters:
        names = line.lstrip("~").split()
        allowed = allowed - expand(names) if line.startswith("~") else allowed | expand(names)
    return allowed


def rule(filter, action, name, *arguments):
    """Adds a rule; a call that this architecture has not got needs none."""
    try:
        filter.add_rule(action, name, *arguments)
    except ValueError:
        pass


def restrict_calls(plan):
    """Installs the filters; they hold for this process and whatever it becomes."""
    deny = seccomp.SyscallFilter(ALLOW)
    no = ERRNO(errno.EPERM)
    # MemoryDenyWriteExecute
    rule(deny, no, "mmap", Arg(2, MASKED_EQ, PROT_WRITE | PROT_EXEC, PROT_WRITE | PROT_EXEC))
    rule(deny, no, "mprotect", Arg(2, MASKED_EQ, PROT_EXEC, PROT_EXEC))
    rule(deny, no, "pkey_mprotect", Arg(2, MASKED_EQ, PROT_EXEC, PROT_EXEC))
    rule(deny, no, "shmat", Arg(2, MASKED_EQ, SHM_EXEC, SHM_EXEC))
    # RestrictNamespaces: of clone3 no filter sees the flags, so that it is not there.
    for flag in CLONE_NEW:
        rule(deny, no, "clone", Arg(0, MASKED_EQ, flag, flag))
        rule(deny, no, "unshare", Arg(0, MASKED_EQ, flag, flag))
    rule(deny, ERRNO(errno.ENOSYS), "clone3")
    rule(deny, no, "setns")
    # RestrictRealtime: anything above SCHED_OTHER, SCHED_BATCH (3), SCHED_IDLE (5).
    for policy in (1, 2, 6):
        rule(deny, no, "sched_setscheduler", Arg(1, seccomp.EQ, policy))
    # RestrictSUIDSGID
    for name, place in [("chmod", 1), ("fchmod", 1), ("fchmodat", 2), ("mknod", 1), ("mkdir", 1), ("mkdirat", 2), ("creat", 1)]:
        for bit in (stat.S_ISUID, stat.S_ISGID):
            rule(deny, no, name, Arg(place, MASKED_EQ, bit, bit))
    # LockPersonality
    rule(deny, no, "personality", Arg(0, seccomp.NE, 0))
    # RestrictAddressFamilies
    families = sorted(plan["families"])
    unsupported = ERRNO(errno.EAFNOSUPPORT)
    rule(deny, unsupported, "socket", Arg(0, seccomp.LT, families[0]))
    rule(deny, unsupported, "socket", Arg(0, seccomp.GT, families[-1]))
    for family in range(families[0] + 1, families[-1]):
        if family not in families:
            rule(deny, unsupported, "socket", Arg(0, seccomp.EQ, family))
    if not plan["kill"]:
        DONE_WITHOUT.clear()  # what is not allowed fails anyway
    allow = seccomp.SyscallFilter(KILL_PROCESS if plan["kill"] else no)
    for name in plan["calls"]:
        try:
            allow.add_rule(ALLOW, name)
        except (ValueError, RuntimeError):
            pass  # systemd knows it and libseccomp does not: it stays forbidden
    for name in set(DONE_WITHOUT) - set(plan["calls"]):
        rule(allow, no, name)
    deny.load()
    allow.load()


def check(result, what):
    """Ends with a sentence where a call of libc failed."""
    if result != 0:
        raise SystemExit(f"{what}: {os.strerror(ctypes.get_errno())}")


def enter(plan, command):
    """Within bubblewrap: takes the rest away, and becomes the command."""
    libc = ctypes.CDLL(None, use_errno=True)
    # ProcSubset, ProtectProc
    check(libc.mount(b"proc", b"/proc", b"proc", 0, b"subset=pid,hidepid=invisible"), "/proc with processes alone")
    # PrivateUsers, and a user that is not root: what root leaves undone is tried too.
    check(libc.unshare(0x10000000), "a user of its own")  # CLONE_NEWUSER
    for name, text in [("setgroups", "deny"), ("uid_map", f"{USER} 0 1"), ("gid_map", f"{USER} 0 1")]:
        Path(f"/proc/self/{name}").write_text(text)
    for capability in range(64):
        if libc.prctl(24, capability, 0, 0, 0) != 0:  # PR_CAPBSET_DROP
            break
    check(libc.prctl(47, 4, 0, 0, 0), "ambient capabilities")  # PR_CAP_AMBIENT, CLEAR_ALL
    header, none = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    check(libc.capset(header, none), "capabilities")
    check(libc.prctl(38, 1, 0, 0, 0), "no new privileges")  # PR_SET_NO_NEW_PRIVS
    os.umask(0o077)
    restrict_calls(plan)
    os.execv(command[0], command)


def main():
    """Parses the arguments, starts bubblewrap, hands signals on."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("unit")
    parser.add_argument("--writable", action="append", default=[], help="stands for StateDirectory= and RuntimeDirectory=")
    parser.add_argument("--visible", action="append", default=[], help="can be read though it lies in /home, /root or /tmp")
    parser.add_argument("--kill", action="store_true", help="a call outside of the filter kills, instead of failing with EPERM")
    parser.add_argument("--inner", help=argparse.SUPPRESS)
    split = sys.argv.index("--") if "--" in sys.argv else parser.error("expected -- COMMAND after the options")
    args, command = parser.parse_args(sys.argv[1:split]), sys.argv[split + 1 :]
    if args.inner:
        return enter(json.loads(args.inner), command)

    unit = read_unit(args.unit)
    plan = {
        "calls": sorted(allowed_calls(unit["SystemCallFilter"])),
        "families": [FAMILIES[name] for name in unit["RestrictAddressFamilies"][0].split()],
        "kill": args.kill,
    }
    wrap = ["bwrap", "--unshare-user", "--uid", "0", "--gid", "0", "--unshare-pid", "--unshare-ipc", "--as-pid-1", "--cap-add", "ALL"]
    wrap += ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp", "--tmpfs", "/home", "--tmpfs", "/root"]
    for folder in args.visible + [str(Path(__file__).resolve().parent)]:
        wrap += ["--ro-bind", folder, folder]
    for folder in args.writable:
        wrap += ["--bind", folder, folder]
    told, tell = os.pipe()
    inner = [sys.executable, str(Path(__file__).resolve()), args.unit, "--inner", json.dumps(plan), "--", *command]
    process = subprocess.Popen([*wrap, "--info-fd", str(tell), *inner], pass_fds=[tell])
    os.close(tell)
    with os.fdopen(told) as stream:
        text = stream.read()
    if text:
        child = json.loads(text)["child-pid"]
        handed_on = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)
        for number in handed_on:
            signal.signal(number, lambda number, _: os.kill(child, number))
        # Whoever started this may have blocked them, and that is inherited.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, handed_on)
    sys.exit(process.wait())


if __name__ == "__main__":
    main()
