"""The words that the public site begins with. Editors change them in the admin afterwards."""
