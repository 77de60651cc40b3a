"""`python -m deploy.demo.replay FILE...`: serve recordings as a fake SNMP agent on this machine."""

from __future__ import annotations

from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated

import typer

from deploy.demo.replay import Faults, Motion, RecordingError, ReplayAgent, ReplayServer, read_recording


class Spread(StrEnum):
    PORT = "port"
    ADDRESS = "address"
    COMMUNITY = "community"


def serve(
    files: Annotated[list[Path], typer.Argument(help="Recordings: *.snmprec or *.snmpwalk.")],
    listen: Annotated[str, typer.Option(help="First address and port.")] = "127.0.0.1:1161",
    spread: Annotated[Spread, typer.Option(help="How several recordings are told apart.")] = Spread.PORT,
    community: Annotated[str, typer.Option(help="Read community (not with --spread community).")] = "public",
    is_live: Annotated[bool, typer.Option("--live/--still", help="Move counters and gauges.")] = True,
    late: Annotated[float, typer.Option(min=0, help="Seconds by which every answer is late.")] = 0.0,
) -> None:
    """A FAKE agent: it answers SNMP v1 and v2c from recordings. With --spread community that is the file's name."""
    host, _, port = listen.rpartition(":")
    agents: dict[tuple[str, int], list[ReplayAgent]] = {}
    try:
        for number, file in enumerate(files):
            name = file.stem if spread is Spread.COMMUNITY else community
            motion = Motion(seed=f"{file.stem}/{number}") if is_live else None
            agent = ReplayAgent(read_recording(file), community=name, motion=motion,
                                faults=Faults(late_s=late))  # fmt: skip
            shift_host = number if spread is Spread.ADDRESS else 0
            shift_port = number if spread is Spread.PORT else 0
            where = (str(ip_address(host) + shift_host), int(port) + shift_port)
            agents.setdefault(where, []).append(agent)
            typer.echo(f"fake agent  {where[0]}:{where[1]}  community {name}  {file.name}")
        server = ReplayServer(agents)
    except (RecordingError, OSError, ValueError) as error:
        typer.echo(f"Cannot serve: {error}. Check the file names and that --listen is a free HOST:PORT.", err=True)
        raise typer.Exit(2) from error
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        typer.echo("stopped")


if __name__ == "__main__":
    typer.run(serve)
