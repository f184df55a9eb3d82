"""Chapters of `scripts/demo --once`: one file each, played on a fresh database of its own.

A chapter is a module `chapters/<name>.py` with a docstring whose first line says what it is about,
and one function:

    def play(world: World) -> None

`world` (see world.py) knows the addresses: `site`, `app`, `ops`, `office`, `shop`, and `sandbox`,
where Stripe's part is played. Everything happens over HTTP, as people would do it. Each thing that
should be seen is a `with step("What is seen"):`, whose block raises `visitor.Unexpected` until it
was; what chapters have in common is in acts.py. A file here is a chapter: nothing is registered.
"""
