from tests.kiosk.delivery.conftest import stage

__all__ = ["stage"]
