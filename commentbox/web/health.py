"""Whether the process lives, and whether it can do its work."""

from flask import Response, jsonify
from sqlalchemy.exc import SQLAlchemyError

from commentbox import schema
from commentbox.errors import SetupError, Unavailable
from commentbox.web.engine import current_engine


def alive() -> Response:
    """``GET /healthz``: the process answers"""
    return jsonify(status="ok")


def ready() -> Response:
    """``GET /readyz``: the database answers and its schema is the one this release needs"""
    try:
        schema.require_newest(current_engine().database.engine)
    except (SQLAlchemyError, SetupError) as error:
        raise Unavailable from error
    return jsonify(status="ready")
