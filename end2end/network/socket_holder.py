"""Does what systemd does for socket activation (systemd.socket(5)), so that a test can restart a program on the same sockets.

hold PATH KIND:PORT...           opens the sockets, and gives them to everybody who connects to the UNIX socket PATH
pass PATH PROGRAM ARGUMENT...    gets the sockets, and becomes the program, which has them as its files 3, 4, ... (sd_listen_fds(3))
"""

import fcntl
import os
import socket
import sys

FIRST_FILE = 3
SOCKETS_MAX = 16
# Above the numbers that the program gets.
ELSEWHERE = FIRST_FILE + SOCKETS_MAX


def open_socket(kind, port):
    opened = socket.socket(socket.AF_INET, {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}[kind])
    opened.bind(("0.0.0.0", int(port)))
    if kind == "tcp":
        opened.listen(1024)
    return opened


def hold(path, *wanted):
    sockets = [open_socket(*one.split(":")) for one in wanted]
    files = [one.fileno() for one in sockets]
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as desk:
        desk.bind(path)
        desk.listen()
        print("ready", flush=True)
        while True:
            asking, _ = desk.accept()
            with asking:
                socket.send_fds(asking, [b"s"], files)


def become(path, program, *arguments):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as desk:
        desk.connect(path)
        _, received, _, _ = socket.recv_fds(desk, 1, SOCKETS_MAX)
    # Some of them may have the numbers of others, so all of them go elsewhere first.
    files = [fcntl.fcntl(one, fcntl.F_DUPFD_CLOEXEC, ELSEWHERE) for one in received]
    for one in received:
        os.close(one)
    for number, one in enumerate(files):
        os.dup2(one, FIRST_FILE + number, inheritable=True)
    names = ":".join("snug.socket" for _ in files)
    passed = {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": str(len(files)), "LISTEN_FDNAMES": names}
    os.execvpe(program, [program, *arguments], os.environ | passed)


{"hold": hold, "pass": become}[sys.argv[1]](*sys.argv[2:])
