from tests.world.fixtures import log_lines, told, world

__all__ = ["log_lines", "told", "world"]
