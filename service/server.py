"""One server process on loopback: its socket, its log, its stop."""

from __future__ import annotations

import errno
import ipaddress
import logging
import signal
import socket
import sys

import uvicorn

from matcher.errors import EnvironmentFault, UsageError
from matcher.locale import _
from service.app import create_app
from service.settings import Settings

BACKLOG = 128


def loopback_address(host: str) -> str:
    """The address to listen on. Raises UsageError for any address that other machines could reach."""
    name = host.strip().strip("[]")
    if name.lower() == "localhost":
        return "127.0.0.1"
    try:
        loopback = ipaddress.ip_address(name).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise UsageError(
            _(
                "--host {host} : le service n'a pas encore de clés d'accès ; quiconque atteindrait cette adresse "
                "lirait et enverrait des données personnelles."
            ).format(host=host),
            _("Garder --host 127.0.0.1 : les clés viendront avec le service qui enregistre."),
        )
    return name


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises UsageError, EnvironmentFault when the port is taken."""
    address = loopback_address(host)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
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


def serve(listener: socket.socket, settings: Settings) -> None:
    """Answer until SIGTERM or SIGINT, then finish what is under way."""
    _log_to_stderr()
    config = uvicorn.Config(
        create_app(settings),
        log_config=None,
        access_log=False,  # addresses may hold what a caller typed; the guard logs the route instead
        server_header=False,
        timeout_graceful_shutdown=settings.stop_seconds,
        lifespan="off",
    )
    # The server raises its stop signal again once it has stopped: here it has nothing left to interrupt.
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        uvicorn.Server(config).run(sockets=[listener])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        listener.close()


def _log_to_stderr() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("clausematch").setLevel(logging.INFO)
