"""`kiosk gate`: a sign-in before one command, by the kiosk on the terminal of the account that asks for it."""
