"""`make demo`: everything that an installation has, on one machine and under one process."""

import fcntl
import hashlib
import io
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Account, Role, User
from config import embedded
from health.democompany import build, remove

ADDRESS = "127.0.0.1"
DEMO_USERS = {
    Role.ADMIN: ("admin@example.com", "Aiko Mori"),
    Role.MANAGER: ("manager@example.com", "Mona Okafor"),
    Role.CSM: ("csm@example.com", "Dana Whitfield"),
}
STOP_SECONDS = 20
QUICK_DEATHS_ALLOWED = 3


class Command(BaseCommand):
    help = "Run web, worker and beat with the embedded servers, for a look at Verdant on this machine."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))
        parser.add_argument("--empty", action="store_true", help="without a made-up company")

    def handle(self, *, port: int, empty: bool, **_: Any) -> None:
        # SIGINT too: a shell starts what it runs in the background with that one ignored.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _interrupt)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as it is under nohup
            signal.signal(signal.SIGHUP, _interrupt)
        refuse_taken_port(port)
        # What the processes write here, such as e-mails with links to new passwords, is nobody else's business.
        os.umask(0o077)
        try:
            embedded.make_data_dir(settings.DATA_DIR)
            lock = only_one(settings.DATA_DIR / "demo.lock")
            with embedded.running(settings.DATA_DIR, settings.EMBEDDED_SERVERS) as servers, lock:
                self.run(port, servers, empty=empty)
        except embedded.EmbeddedError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            pass
        self.stdout.write("Stopped.")

    def run(self, port: int, servers: embedded.Servers, *, empty: bool) -> None:
        """Bring everything up and keep it up until interrupted."""
        call_command("migrate", verbosity=0, interactive=False)
        collect_static()
        sign_ins = demo_users(settings.DATA_DIR / "demo-users")
        if not empty:
            self.furnish(settings.DATA_DIR / "demo-company")
        call_command("ready", stdout=io.StringIO())
        children = [
            Child(name, command, settings.DATA_DIR / f"{name}.log", servers.locks)
            for name, command in commands(port).items()
        ]
        try:
            for child in children:
                child.start()
            await_readiness(port, children)
            self.announce(port, sign_ins)
            while True:
                time.sleep(0.5)
                servers.ensure_kept()
                for child in children:
                    if child.restarted():
                        self.stderr.write(f"{child.name} had ended and was started again; see {child.log}")
        finally:
            # Not to be cut short by a second Ctrl-C.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            self.stdout.write("\nStopping …")
            stop(children)

    def furnish(self, made: Path) -> None:
        """Make the demo company at the first start. One that was interrupted is made anew; one that was removed is not."""
        if made.exists() or Account.objects.filter(demo=False).exists():
            return
        self.stdout.write("Making a company to look at, with eighteen months of history:")
        remove.remove()
        build.build(build.latest_day(timezone.now()), self.say)
        embedded.write_private(made, "`manage.py demo_company --remove` takes it away.\n")

    def say(self, words: str) -> None:
        self.stdout.write(f"  {words}")
        self.stdout.flush()

    def announce(self, port: int, sign_ins: list[list[str]]) -> None:
        self.stdout.write(f"\n  Verdant   http://localhost:{port}/\n")
        for role, email, password in sign_ins:
            self.stdout.write(f"  {role:<9} {email:<20} {password}")
        if Account.objects.filter(demo=True).exists():
            self.stdout.write("\n  The company in it is made up; `manage.py demo_company --remove` takes it away.")
        self.stdout.write(f"\n  Data and logs are in {settings.DATA_DIR}. Ctrl-C stops everything; the data stays.\n")
        self.stdout.flush()


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def refuse_taken_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, port))
        except OSError as error:
            raise CommandError(
                f"Port {port}: {error.strerror}. Choose another one: make demo PORT={port + 1}"
            ) from error


def only_one(path: Path) -> Any:
    """Hold a lock that a second demo over the same data would find taken."""
    file = path.open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise CommandError(
            f"A demo over {path.parent} runs already. Another one needs a DATA_DIR of its own."
        ) from None
    return file


def commands(port: int) -> dict[str, list[str]]:
    celery = [sys.executable, "-m", "celery", "--app", "config"]
    web = [sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", f"{ADDRESS}:{port}", "--no-control-socket"]
    threads = ["--worker-class", "gthread", "--workers", "2", "--threads", "8", "--keep-alive", "75"]
    return {
        "web": [*web, *threads, "--graceful-timeout", "5"],
        "worker": [*celery, "worker", "--concurrency", "2", "--loglevel", "INFO"],
        "beat": [*celery, "beat", "--schedule", str(settings.DATA_DIR / "beat-schedule"), "--loglevel", "INFO"],
    }


@dataclass
class Child:
    """One of the processes of an installation. It ends with us, however we end."""

    name: str
    command: list[str]
    log: Path
    locks: list[int]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    quick_deaths: int = 0

    def start(self) -> None:
        self.started = time.monotonic()
        with embedded.open_log(self.log) as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=settings.BASE_DIR,
                env={**os.environ, "HTTPS": os.environ.get("HTTPS", "false")},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # The embedded servers stay as long as any of us does.
                pass_fds=self.locks,
                # Ctrl-C is for us, who then stop the children in order.
                start_new_session=True,
                preexec_fn=embedded.end_with_parent(signal.SIGTERM),  # noqa: PLW1509 - no other threads here
            )

    def restarted(self) -> bool:
        """Start again after an end that nobody asked for. Gives up on a process that cannot live."""
        if self.process is None or self.process.poll() is None:
            return False
        self.kill()
        self.quick_deaths = self.quick_deaths + 1 if time.monotonic() - self.started < 10 else 0
        if self.quick_deaths == QUICK_DEATHS_ALLOWED:
            raise CommandError(f"{self.name} does not stay up.\n{embedded.tail(self.log)}")
        self.start()
        return True

    def kill(self) -> None:
        """End whatever is left of it: a killed worker leaves the processes of its pool behind."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                return


def stop(children: list[Child]) -> None:
    """Ask all to end, wait a while, and end those that did not."""
    running = [child.process for child in children if child.process is not None]
    for process in running:
        process.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for process in running:
        try:
            process.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            continue
    for child in children:
        child.kill()
    for process in running:
        process.wait()


def await_readiness(port: int, children: list[Child]) -> None:
    deadline = time.monotonic() + 60
    answer = "no answer"
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://{ADDRESS}:{port}/readyz", timeout=5):
                return
        except urllib.error.HTTPError as error:
            answer = error.read().decode(errors="replace")
        except OSError:
            pass
        for child in children:
            child.restarted()
        time.sleep(0.1)
    raise CommandError(f"The site does not become ready: {answer}\n{embedded.tail(children[0].log)}")


def demo_users(path: Path) -> list[list[str]]:
    """Make a user of each role at the first start, with passwords kept beside the data. Returns role, e-mail, password."""
    if not path.exists():
        if User.objects.exists():
            return []
        lines = [f"{role} {email} {secrets.token_urlsafe(9)}\n" for role, (email, _) in DEMO_USERS.items()]
        embedded.write_private(path, "".join(lines))
    sign_ins = [line.split() for line in path.read_text().splitlines()]
    for role, email, password in sign_ins:
        if not User.objects.filter(email=email).exists():
            User.objects.create_user(email, password, role=role, name=DEMO_USERS[Role(role)][1])
    return sign_ins


def collect_static() -> None:
    """Collect the static files when any of them changed since the last time."""
    if not settings.STATIC_MANIFEST:
        return
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            status = Path(storage.path(path)).stat()
            digest.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    stamp = settings.STATIC_ROOT / ".collected"
    if not stamp.exists() or stamp.read_text() != digest.hexdigest():
        call_command("collectstatic", verbosity=0, interactive=False, clear=True)
        stamp.write_text(digest.hexdigest())
