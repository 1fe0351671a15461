"""Serve patientMatcher, over a database in memory; run by the Python of its own environment, and free of ours."""

from __future__ import annotations

import datetime
import os
import sys

import mongomock
import patientMatcher.utils.ensembl_rest_client as ensembl
import pymongo
from werkzeug.serving import make_server

pymongo.MongoClient = mongomock.MongoClient  # before its server imports the name
from patientMatcher.server import create_app  # noqa: E402
from patientMatcher.utils.add import add_node  # noqa: E402

# It asks Ensembl for names of genes, which only changes what it shows; nothing is to leave this machine.
ensembl.RESTAPI_37 = ensembl.RESTAPI_38 = "http://127.0.0.1:9"


def main(matchmaker_url: str, our_token: str, their_token: str) -> None:
    """Register the other node in both directions, as `pmatcher add node` and `pmatcher add client` do."""
    app = create_app()
    now = datetime.datetime.now(datetime.UTC)
    node = {"_id": "matchmaker", "label": "Matchmaker", "created": now, "auth_token": our_token}
    node |= {"matching_url": matchmaker_url, "accepted_content": "application/vnd.ga4gh.matchmaker.v1.0+json"}
    client = {"_id": "matchmaker", "created": now, "auth_token": their_token, "base_url": matchmaker_url}
    add_node(mongo_db=app.db, obj=node, is_client=False)
    add_node(mongo_db=app.db, obj=client, is_client=True)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    # Its own words go to standard output too: this line is told from them by its first word.
    os.write(1, f"serving http://127.0.0.1:{server.port}\n".encode())
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
