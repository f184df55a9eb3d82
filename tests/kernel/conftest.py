"""A real Valkey for the relay and the worker, empty."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from redis import Redis

from kernel import relay
from kernel.settings import settings, use


@pytest.fixture
def connection(app: Flask, valkey: str) -> Iterator[Redis]:
    before = settings()
    use(replace(before, redis_url=valkey))
    with relay.connect() as connection:
        connection.flushall()
        yield connection
    use(before)
