from tests.kiosk.sign_in.conftest import world

__all__ = ["world"]
