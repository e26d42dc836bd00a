"""The sign-in as lines: prompts without drawing, for Braille lines and speech. Nothing here knows Textual."""
