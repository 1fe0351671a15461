"""The files of deploy/, run as an operator runs them."""
