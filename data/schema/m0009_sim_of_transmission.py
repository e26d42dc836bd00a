"""Which SIM each try went over: what a SIM has sent goes with it into another modem, and stays behind for a new one."""

NAME = "0009_sim_of_transmission"

# Earlier tries know their modem only; they count for whatever SIM is in it.
SQL = """
ALTER TABLE transmissions ADD COLUMN iccid TEXT;
CREATE INDEX transmissions_of_sim ON transmissions (iccid, started_at) WHERE iccid IS NOT NULL;
"""
