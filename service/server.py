"""One server process on loopback: its socket, its log, its stop."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import signal
import socket

import uvicorn

from matcher import __version__
from matcher.errors import EnvironmentFault, UsageError
from matcher.locale import _
from service import journal
from service.app import create_app
from service.settings import Settings
from service.watch import Readiness

BACKLOG = 128
SWEEP_EVERY = 0.05  # seconds


def loopback_address(host: str) -> str:
    """The address to listen on. Raises UsageError for any address that other machines could reach."""
    name = plain_address(host)
    if not _is_loopback(name):
        raise UsageError(
            _(
                "--host {host} : la démonstration n'a que des clés affichées à l'écran, elle ne répond qu'à cette "
                "machine."
            ).format(host=host),
            _("Garder --host 127.0.0.1, ou enlever --demo et donner les réglages (docs/exploitation.md)."),
        )
    return name


def plain_address(host: str) -> str:
    """An address without brackets; `localhost` is this machine's."""
    name = host.strip().strip("[]")
    return "127.0.0.1" if name.lower() == "localhost" else name


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def listen(host: str, port: int, *, loopback_only: bool = True) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises UsageError, EnvironmentFault when the port is taken."""
    address = loopback_address(host) if loopback_only else plain_address(host)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    # asyncio sends at once (TCP_NODELAY) only where the protocol is named; an answer would else wait 40 ms for the
    # client's acknowledgement of its headers.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise EnvironmentFault(
                _("Le port {port} est déjà pris sur cette machine.").format(port=port),
                _("Arrêter l'autre programme, ou choisir un autre port : clausematch serve --port {other}.").format(
                    other=port + 1 if port < 65535 else port - 1
                ),
            ) from None
        raise EnvironmentFault(
            _("Le service ne peut pas écouter sur {host}, port {port} ({reason}).").format(
                host=address, port=port, reason=error.strerror or error
            ),
            _("Choisir un port au-dessus de 1023, libre sur cette machine, et --host 127.0.0.1."),
        ) from None
    return listener


def address_of(listener: socket.socket) -> str:
    """The server's address as one types it."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class _Server(uvicorn.Server):
    """Once it stops, closes every connection as soon as nothing is being answered on it.

    Uvicorn does so once, for the connections that it knows at that moment: one that was accepted just then would be
    served on, request after request, until the time to stop is over and its last request is cut.
    """

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Finish what is under way, for as long as the settings leave; then cut it (`service.guard` says so)."""
        sweeping = asyncio.create_task(self._sweep())
        try:
            await super().shutdown(sockets)
        finally:
            sweeping.cancel()

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_EVERY)
            for one in list(self.server_state.connections):
                if not one.transport.is_closing():
                    one.shutdown()


def serve(listener: socket.socket, settings: Settings) -> None:
    """Answer until SIGTERM or SIGINT, then finish what is under way."""
    journal.start()
    app = create_app(settings)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,  # addresses may hold what a caller typed; the guard logs the route instead
        server_header=False,
        timeout_graceful_shutdown=settings.stop_seconds,
        lifespan="off",
    )
    server = _Server(config)

    def told_to_stop(*_signal: object) -> None:
        server.should_exit = True

    # For a signal that comes before the server listens to them itself. It raises its stop signal again once it has
    # stopped: there it has nothing left to interrupt.
    before = {number: signal.signal(number, told_to_stop) for number in (signal.SIGINT, signal.SIGTERM)}
    readiness = Readiness(app.state.office)
    try:
        journal.log.info("start", version=__version__, database=app.state.office.store.engine.dialect.name)
        readiness.load()
        server.run(sockets=[listener])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        listener.close()
        readiness.close()
        app.state.office.pool.close()
        app.state.office.store.close()
        journal.log.info("stop")
