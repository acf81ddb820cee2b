"""`perilune serve`."""

from __future__ import annotations

import click

from perilune.cli.areas import at_store

_LEAST_RATE_HZ, _MOST_RATE_HZ = 1e-3, 1e9

_EPILOG = """\b
Example:
  perilune store create --tenant ispace
  perilune key issue desk --name "Sales desk" --role sales
  perilune serve --port 8000
"""


@click.command("serve", epilog=_EPILOG)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="Port; 0: any free."
)
@click.option(
    "--rate",
    default=2000.0,
    show_default=True,
    help="Requests a second a key may make on average.",
)
@click.option(
    "--burst",
    type=click.IntRange(1),
    default=4000,
    show_default=True,
    help="Requests a key may make at once.",
)
@click.option("--document", is_flag=True, help="Print the OpenAPI document and leave.")
@at_store
def command(host: str, port: int, rate: float, burst: int, document: bool, **given: str) -> None:
    """Serve the books over HTTP, for holders of keys.

    Every order and question of the command line is a route; the OpenAPI document stands at /openapi.json.
    """
    from perilune.archive.store import open_store
    from perilune.errors import InputError

    try:
        import uvicorn

        from perilune.server import openapi
        from perilune.server.app import Settings, make_app
    except ImportError as missing:
        raise InputError(
            f"{missing.name} is not installed. Install it: pip install 'perilune[serve]'."
        ) from None
    if not _LEAST_RATE_HZ <= rate <= _MOST_RATE_HZ:
        raise InputError(f"--rate {rate:g}: give {_LEAST_RATE_HZ:g} to {_MOST_RATE_HZ:g} requests a second.")
    if document:
        import json

        click.echo(json.dumps(openapi.document(), indent=2, ensure_ascii=False))
        return
    where = given["store_"]
    open_store(where)  # say at once what is wrong with it
    app = make_app(lambda: open_store(where).log, Settings(rate, burst))
    click.echo(f"Serving {where} on http://{host}:{port} (Ctrl-C stops).")
    uvicorn.run(app, host=host, port=port, log_level="warning", access_log=False)
