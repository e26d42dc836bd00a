"""The AT commands of the simulated modems, one module per subject. Importing this registers them all."""

from hardware.simulator.at_commands import general, message_storage, messages, network, sim
from hardware.simulator.at_commands.supported import fixed_answer, is_supported

__all__ = ["fixed_answer", "general", "is_supported", "message_storage", "messages", "network", "sim"]
